// Axes with units, lines in data units, colours from CSS: shared by every widget.

export function svg(tag, attributes = {}, parent = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

// A new HTML element: html("div", { class: "ecgae-panel" }, child, "text").
export function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A number as a reader sees it: a true minus sign, never -0.
export function shown(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}

// About `count` round numbers between low and high.
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((n) => n * power >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, text: shown(value, digits) };
  });
}

// The samples (x, y) as a path in data units.  Five digits: 10 nV, far below what can be seen.
export function linePath(x, y) {
  let d = "";
  for (let i = 0; i < y.length; i++) d += `${i ? "L" : "M"}${x[i]} ${y[i].toFixed(5)}`;
  return d;
}

// x tens of ms with few digits: computed once, they make every path shorter.
export const short = (values) => Array.from(values, (v) => Number(v.toFixed(3)));

// A frame with ticks and labels.  What is drawn into `area` is in pixels and clipped, what is
// drawn into `data` is in data units.  `onLayout` runs after each change of size or range.
export class Axes {
  constructor(parent, { xLabel, yLabel, square = false, onLayout = () => {} }) {
    Object.assign(this, { parent, xLabel, yLabel, square, onLayout });
    this.range = { x: [0, 1], y: [0, 1] };
    this.root = svg("svg", { class: "ecgae-axes", "aria-hidden": "true" }, parent);
    this.frame = svg("g", { class: "ecgae-frame" }, this.root);
    this.area = svg("svg", { class: "ecgae-area" }, this.root); // a nested svg clips
    this.data = svg("g", { class: "ecgae-data" }, this.area);
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(parent);
  }

  setRange(x, y) {
    this.range = { x, y };
    this.layout();
  }

  layout() {
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!width || !height) return;
    const em = parseFloat(getComputedStyle(this.parent).fontSize);
    const box = { left: 3.6 * em, top: 0.7 * em, right: 0.9 * em, bottom: 3.1 * em };
    box.width = width - box.left - box.right;
    box.height = height - box.top - box.bottom;
    if (this.square) box.width = box.height = Math.min(box.width, box.height);
    this.box = box;
    set(this.root, { width, height });
    set(this.area, { x: box.left, y: box.top, width: box.width, height: box.height });
    const [[x0, x1], [y0, y1]] = [this.range.x, this.range.y];
    const scale = [box.width / (x1 - x0), -box.height / (y1 - y0)];
    this.data.setAttribute("transform", `scale(${scale}) translate(${-x0} ${-y1})`);
    this.drawFrame(em);
    this.onLayout(this);
  }

  drawFrame(em) {
    const { left, top, width, height } = this.box;
    const bottom = top + height;
    this.frame.replaceChildren();
    svg("rect", { class: "ecgae-paper", x: left, y: top, width, height }, this.frame);
    for (const { value, text } of ticks(...this.range.x, width / (4.5 * em))) {
      const x = left + this.px(value, 0)[0];
      svg("path", { class: "ecgae-tick", d: `M${x} ${bottom}v${0.3 * em}` }, this.frame);
      write(this.frame, text, { x, y: bottom + 1.2 * em, "text-anchor": "middle" });
    }
    for (const { value, text } of ticks(...this.range.y, height / (3 * em))) {
      const y = top + this.px(0, value)[1];
      svg("path", { class: "ecgae-tick", d: `M${left} ${y}h${-0.3 * em}` }, this.frame);
      write(this.frame, text, { x: left - 0.5 * em, y: y + 0.33 * em, "text-anchor": "end" });
    }
    const middle = { "text-anchor": "middle", class: "ecgae-axis-label" };
    write(this.frame, this.xLabel, { x: left + width / 2, y: bottom + 2.6 * em, ...middle });
    const turned = `translate(${em} ${top + height / 2}) rotate(-90)`;
    write(this.frame, this.yLabel, { transform: turned, ...middle });
  }

  // Data to pixels of the area, and pixels of the window to data.
  px(x, y) {
    const [[x0, x1], [y0, y1]] = [this.range.x, this.range.y];
    const { width, height } = this.box;
    return [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  }

  fromClient(clientX, clientY) {
    const { left, top } = this.parent.getBoundingClientRect();
    const [[x0, x1], [y0, y1]] = [this.range.x, this.range.y];
    const { box } = this;
    const u = Math.min(1, Math.max(0, (clientX - left - box.left) / box.width));
    const v = Math.min(1, Math.max(0, (clientY - top - box.top) / box.height));
    return [x0 + u * (x1 - x0), y1 - v * (y1 - y0)];
  }

  remove() {
    this.watch.disconnect();
    this.root.remove();
  }
}

// Set attributes and text only where they change: the browser paints again whatever is set.
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function write(parent, text, attributes) {
  svg("text", attributes, parent).textContent = text;
}

// Numbers out of the bytes of a trait, which arrive as a DataView.
export function numbers(Kind, view) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// Keep root.dataset.theme at "light" or "dark", as Jupyter, VS Code or the system has it, and
// call `redraw` when it changes.  Returns a function that ends the watch.
export function followTheme(root, redraw) {
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((q) =>
    matchMedia(q),
  );
  const follow = () => {
    const { jpThemeLight } = document.body.dataset;
    const vscode = document.body.classList.contains("vscode-dark");
    const dark = jpThemeLight ? jpThemeLight === "false" : vscode || queries[0].matches;
    root.dataset.theme = dark ? "dark" : "light";
    redraw();
  };
  const watch = new MutationObserver(follow);
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
  for (const query of queries) query.addEventListener("change", follow);
  follow();
  return () => {
    watch.disconnect();
    for (const query of queries) query.removeEventListener("change", follow);
  };
}

// A colour of the stylesheet, for a canvas.
export function color(root, name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}
