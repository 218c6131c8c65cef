// Buttons, sliders and menus of the browser itself, so that keyboard and screen reader work; and
// the words around a plot.
import { div, html, setText } from "./dom.js";
import { reducedMotion } from "./theme.js";

export function button(text, onClick, attributes = {}) {
  const node = html("button", { type: "button", ...attributes }, text);
  node.addEventListener("click", onClick);
  return node;
}

const SIDEWAYS = 8; // px
const STEPS = { ArrowRight: 10, ArrowUp: 10, ArrowLeft: -10, ArrowDown: -10 }; // with Shift

// A labelled slider.  The browser moves it by one step, Shift by ten; Escape leaves it.
export function slider(label, name, { min = 0, max, step = 1, value = min }, onInput) {
  const input = html("input", { type: "range", min, max, step, "aria-label": name });
  input.value = value;
  whenMeant(input, () => onInput(Number(input.value)));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.blur();
    if (!event.shiftKey || !STEPS[event.key]) return;
    event.preventDefault();
    input.stepUp(STEPS[event.key]);
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  return { node: html("label", { class: "ecgae-slider" }, html("span", {}, label), input), input };
}

// A finger on a slider may want to scroll the page: it is heard once it moves sideways or is lifted.
function whenMeant(input, act) {
  let held = null;
  const mean = () => {
    held = null;
    act();
  };
  input.addEventListener("input", () => held || act());
  input.addEventListener("pointerdown", ({ pointerType, clientX: x }) => {
    if (pointerType === "touch") held = { x, value: input.value };
  });
  input.addEventListener("pointermove", ({ clientX }) => {
    if (held && Math.abs(clientX - held.x) > SIDEWAYS) mean();
  });
  input.addEventListener("pointerup", () => held && mean());
  input.addEventListener("pointercancel", () => {
    if (held) input.value = held.value;
    held = null;
  });
}

export function menu(label, options, onChange) {
  const choices = options.map(([value, text]) => html("option", { value }, text));
  const select = html("select", {}, ...choices);
  select.addEventListener("change", () => onChange(select.value));
  return { node: html("label", { class: "ecgae-menu" }, html("span", {}, label), select), select };
}

export const controlGroup = (...controls) => div("ecgae-group", ...controls);

// A plot under a line with its title and what else the reader must know.
export function panel(name, title, beside, ...plots) {
  const head = div("ecgae-panel-head", div("ecgae-panel-title", title), ...beside);
  return div(`ecgae-panel ${name}`, head, ...plots);
}

// Names and values in one line.  Returns them as words.
export function showFacts(place, facts) {
  if (place.children.length !== facts.length) {
    const nodes = facts.map(([name]) =>
      html("span", { class: "ecgae-fact" }, `${name} `, html("b")),
    );
    place.replaceChildren(...nodes);
  }
  facts.forEach(([, text], n) => {
    setText(place.children[n].lastChild, text);
  });
  return facts.map((fact) => fact.join(" ")).join("; ");
}

// A button that plays until it is pressed again, or until stop().
//   frame(ms): ms after the start;  press(): one step, where motion is not wanted;  rest(): at the end.
export class Player {
  constructor(label, { begin, frame, press, rest }) {
    Object.assign(this, { label, begin, frame, press, rest, playing: 0 });
    this.node = button("▶", () => this.toggle(), { class: "ecgae-play", "aria-label": label });
  }

  toggle() {
    if (this.playing) return this.stop();
    if (reducedMotion()) return this.press();
    this.begin();
    const start = performance.now();
    const next = (now) => {
      this.playing = requestAnimationFrame(next);
      this.frame(Math.max(0, now - start));
    };
    this.playing = requestAnimationFrame(next);
    this.show("❚❚", "pause");
  }

  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.show("▶", this.label);
    this.rest();
  }

  show(sign, label) {
    this.node.textContent = sign;
    this.node.setAttribute("aria-label", label);
  }

  remove() {
    this.stop();
  }
}
