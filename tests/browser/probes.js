// What the tests ask of a page that shows one widget.
const USED = "button, select, input, .ecgae-handle";
const READ = `button, select, input, svg text, li, [class*=formula], .ecgae-fact, .ecgae-chip, .ecgae-now`;
const frame = () => new Promise((r) => requestAnimationFrame(r));

const boxOf = (node) => node.getBoundingClientRect();
const nameOf = (node) =>
  `<${node.localName} ${node.className.baseVal ?? node.className}> "${node.textContent}"`;
const visible = (selector) =>
  [...document.querySelectorAll(selector)].filter(
    (node) =>
      node.closest(".ecgae") &&
      node.checkVisibility({ visibilityProperty: true }) &&
      boxOf(node).width > 0,
  );

// Parts beside the widget, controls under something else, labels of one plot on each other.
function misplaced() {
  const whole = boxOf(document.querySelector(".ecgae"));
  const beside = visible(READ).filter((node) => {
    const { left, right, top, bottom } = boxOf(node);
    return (
      left < whole.left - 1 ||
      right > whole.right + 1 ||
      top < whole.top - 1 ||
      bottom > whole.bottom + 1
    );
  });
  const covered = visible(USED).filter((node) => {
    node.scrollIntoView({ block: "center" });
    const { left, top, width, height } = boxOf(node);
    return !node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  const hiding = visible(".ecgae-chip").filter((chip) =>
    visible(".ecgae-area").some((plot) => meets(boxOf(chip), boxOf(plot))),
  );
  return [
    ...hiding.map((n) => `hides a plot: ${nameOf(n)}`),
    ...beside.map((n) => `beside: ${nameOf(n)}`),
    ...covered.map((n) => `covered: ${nameOf(n)}`),
    ...onEachOther(),
  ];
}

function meets(p, q) {
  const sides = [q.right - p.left, p.right - q.left, q.bottom - p.top, p.bottom - q.top];
  return sides.every((by) => by >= 1);
}

function overlap(a, b) {
  return a.closest("svg") === b.closest("svg") && meets(boxOf(a), boxOf(b));
}

function onEachOther() {
  const kinds = [
    "button, select, input, .ecgae-fact, .ecgae-legend li",
    ".ecgae-chip, .ecgae-column > .ecgae-panel-title",
    ".ecgae-frame text",
    ".ecgae-prior text",
  ];
  return kinds.map(visible).flatMap((nodes) =>
    nodes.flatMap((a, n) => {
      const others = nodes.slice(n + 1).filter((b) => overlap(a, b));
      return others.map((b) => `on each other: ${nameOf(a)}, ${nameOf(b)}`);
    }),
  );
}

// What of the widget, or of the page, must be scrolled.
function scrolls() {
  const nodes = [document.documentElement, document.querySelector(".ecgae")];
  return nodes.filter((n) => n.scrollHeight > n.clientHeight + 1).map((n) => nodeSize(n));
}

const nodeSize = (n) => `${n.localName} ${n.scrollHeight} in ${n.clientHeight}`;

// Words in smaller letters than this many pixels.
function smallerThan(least) {
  const words = document.createTreeWalker(document.querySelector(".ecgae"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (words.nextNode()) {
    const { parentElement: node, textContent: text } = words.currentNode;
    const size = parseFloat(getComputedStyle(node).fontSize);
    const seen = node.checkVisibility({ visibilityProperty: true });
    if (seen && !node.closest(".ecgae-unseen") && size < least - 0.01) found.push([text, size]);
  }
  return found;
}

// By how much parts of the widget are too far from each other to be seen together: from the first
// one's upper edge to the last one's lower edge, between what sticks to the edges of the window.
function apart(selectors) {
  const boxes = selectors.map((selector) => boxOf(document.querySelector(selector)));
  const [bar] = visible(".ecgae-sticky").filter((n) => getComputedStyle(n).position === "sticky");
  const area = parseFloat(document.querySelector(".ecgae").style.getPropertyValue("--area"));
  const from = Math.min(...boxes.map((box) => box.top));
  const to = Math.max(...boxes.map((box) => box.bottom));
  return to - from - area + (bar ? boxOf(bar).height : 0);
}

// Every colour that the pictures use, and whatever a button writes and stands on.
function colours() {
  const found = new Set();
  for (const node of visible("svg :is(path, text, circle, ellipse, rect)")) {
    const { fill, stroke } = getComputedStyle(node);
    for (const colour of [fill, stroke]) if (colour !== "none") found.add(colour);
  }
  return [...found];
}

function systemColours() {
  const probe = document.body.appendChild(document.createElement("i"));
  const names =
    "Canvas CanvasText LinkText VisitedText GrayText Highlight HighlightText ButtonText";
  const found = names.split(" ").map((name) => {
    probe.style.color = name;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

function luminance(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const cardColour = () => getComputedStyle(document.querySelector(".ecgae")).backgroundColor;

// Words that can hardly be read: of plots against the card, of buttons against themselves.
function faint() {
  const card = cardColour();
  const words = visible(".ecgae-axes text, .ecgae-row-name")
    .filter((node) => !node.closest(".ecgae-anchor"))
    .map((node) => [node, getComputedStyle(node).fill, card]);
  const buttons = visible("button:enabled").map((node) => {
    const { color, backgroundColor } = getComputedStyle(node);
    return [node, color, backgroundColor];
  });
  return [...words, ...buttons]
    .filter(([, ink, paper]) => contrast(ink, paper) < 4.5)
    .map(([node]) => nameOf(node));
}

// How many frames the page asks for while nobody touches it.
async function restless(ms) {
  const ask = window.requestAnimationFrame;
  let asked = 0;
  window.requestAnimationFrame = (run) => {
    asked++;
    return ask(run);
  };
  await new Promise((r) => setTimeout(r, ms));
  window.requestAnimationFrame = ask;
  return asked + document.getAnimations().filter((a) => a.playState === "running").length;
}

// What the live region says from now until it has been silent for a second.
async function heard() {
  const region = document.querySelector(".ecgae [aria-live=polite]");
  const said = [];
  const watch = new MutationObserver(() => said.push(region.textContent));
  watch.observe(region, { childList: true, characterData: true, subtree: true });
  await new Promise((r) => setTimeout(r, 1000));
  watch.disconnect();
  return said;
}

// Show the widget a second time, use all of it and take it away at once: nothing but what
// it has left behind can hold its root then.
async function useAndTakeAway(script, traits) {
  const { render } = new Function(script.replace("export default", "return"))();
  const { model: shown } = document.querySelector(".ecgae").widget;
  const model = new shown.constructor({ ...shown.state });
  const el = document.body.appendChild(document.createElement("div"));
  const cleanup = await render({ model, el });
  for (let n = 0; n < 4; n++) await frame();
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  for (const node of el.querySelectorAll("input[type=range]:enabled"))
    node.dispatchEvent(new Event("input"));
  for (const node of el.querySelectorAll("button")) node.click();
  window.taken = { root: new WeakRef(el.querySelector(".ecgae")), model };
  cleanup();
  el.remove();
}

// What a second copy of the widget holds, first in a place that is not displayed, then shown.
async function wakeHidden(script, count) {
  const { render } = new Function(script.replace("export default", "return"))();
  const { model: shown, root } = document.querySelector(".ecgae").widget;
  const model = new shown.constructor({ ...shown.state });
  const el = document.createElement("div");
  el.style.display = "none";
  root.after(el);
  const cleanup = await render({ model, el });
  for (let n = 0; n < 4; n++) await frame();
  const found = [count(el)];
  el.style.display = "";
  for (let n = 0; n < 6; n++) await frame();
  found.push(count(el.firstChild));
  cleanup();
  el.remove();
  return found;
}

// A hundred moves of a slider, or of the mouse that is down, at once, and their end: [saves after
// the moves, saves after the end, whether the last save knew the last value].
function savesOf(node, moves, end) {
  const { model } = document.querySelector(".ecgae").widget;
  const was = model.save_changes;
  const saved = [];
  const now = () => JSON.stringify(Object.entries(model.state).filter(([name]) => name[0] !== "_"));
  model.save_changes = () => saved.push(now());
  for (const move of moves) move(node);
  const while_moving = saved.length;
  end(node);
  delete model.save_changes;
  if (model.save_changes !== was) model.save_changes = was;
  return [while_moving, saved.length, saved.at(-1) === now()];
}

function savesOfSlider(node) {
  const values = Array.from({ length: 100 }, (_, n) => (n % 2 ? node.max : node.min));
  const moves = values.map((value) => () => {
    node.value = value;
    node.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return savesOf(node, moves, () => node.dispatchEvent(new Event("change", { bubbles: true })));
}

function savesOfHand([x, y]) {
  const node = document.elementFromPoint(x, y);
  const pointer = (type, dx) =>
    node.dispatchEvent(
      new PointerEvent(type, {
        bubbles: true,
        pointerId: 1,
        pointerType: "mouse",
        isPrimary: true,
        clientX: x + dx,
        clientY: y,
      }),
    );
  const moves = Array.from(
    { length: 100 },
    (_, n) => () => pointer("pointermove", n % 2 ? 20 : -20),
  );
  return savesOf(node, moves, () => pointer("pointerup", -20));
}
