// The latent plane: training beats as points, what lies under them, a handle to drag.
import { Axes } from "./axes.js";
import { div, html, setAttributes, svg } from "./dom.js";
import { drag } from "./drag.js";
import { MARKERS } from "./legends.js";
import { clamp, pair, shown } from "./numbers.js";
import { drawBeatGrid, fillCells, paintDensity } from "./underlay.js";

const HANDLE = 22; // px, half of what a finger needs
const CROWD = 300; // marks of a class that have room beside each other at full size
const MOUSE = 12; // px: how near a click must come to a beat
export const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const UNITS = { xLabel: "z₁ [no unit]", yLabel: "z₂ [no unit]" };

export class LatentMap {
  // on: { move(z), end(), key(event) } and perhaps tap(index): what the hand did, z on the map.
  // Without `on` there is no handle: a map to look at.
  constructor(parent, on = null) {
    this.root = parent;
    this.on = on;
    this.canvas = html("canvas", { "aria-hidden": "true" });
    this.note = div("ecgae-note"); // how many beats lie beyond the edges
    parent.append(this.canvas, this.note);
    this.axes = new Axes(parent, { ...UNITS, square: true, onLayout: () => this.drawStill() });
    const part = (tag, name) => svg(tag, { class: name }, this.axes.area);
    this.prior = part("g", "ecgae-prior");
    this.beats = part("g", "ecgae-beats");
    this.points = part("g", "ecgae-points");
    this.path = part("path", "ecgae-path");
    this.link = part("path", "ecgae-link");
    this.ring = part("path", "ecgae-ring");
    this.ellipse = part("ellipse", "ecgae-posterior");
    this.anchors = ["A", "B"].map((name) => anchor(this.axes.area, name));
    if (on) this.addHandle();
  }

  addHandle() {
    this.handle = html("div", { class: "ecgae-handle", tabindex: 0, role: "slider" });
    setAttributes(this.handle, { "aria-label": "point on the latent map", "aria-valuenow": 0 });
    this.handle.addEventListener("keydown", (event) => this.on.key(event));
    this.root.append(this.handle);
    let swipe = false; // a finger beside the handle: it taps, or it scrolls the page
    let off = null; // how far the pointer is from the middle of the handle that it holds
    const moveTo = (event) =>
      this.on.move(this.axes.fromClient(event.clientX - off[0], event.clientY - off[1]));
    drag(this.root, {
      start: (event) => {
        if (!this.axes.box) return false;
        const { left, top, width, height } = this.handle.getBoundingClientRect();
        off = [event.clientX - left - width / 2, event.clientY - top - height / 2];
        const held = Math.hypot(...off) < HANDLE;
        this.handle.focus({ preventScroll: true });
        swipe = false;
        if (held) return true;
        off = [0, 0];
        swipe = event.pointerType === "touch";
        if (!swipe) moveTo(event);
        return true;
      },
      move: (event, tap) => tap || swipe || moveTo(event),
      end: (event, tap) => {
        if (swipe && tap) moveTo(event);
        const beat = tap ? this.beatAt(event, event.pointerType === "mouse" ? MOUSE : HANDLE) : -1;
        if (beat >= 0) this.on.tap?.(beat);
        this.on.end();
      },
    });
  }

  // codes: (N, 2), flat.  spread: the same of standard deviations, or null.  labels: N or null.
  // weights: how many beats each stands for where not all are shown, or null.
  setContent({ codes, spread, labels, weights, extent }) {
    Object.assign(this, { codes, spread, labels, weights });
    this.root.classList.toggle("ecgae-thinned", Boolean(weights));
    if (this.handle) {
      setAttributes(this.handle, { "aria-valuemin": extent[0][0], "aria-valuemax": extent[0][1] });
    }
    this.axes.setRange(...extent);
  }

  // Other codes on the same plane.
  moveCodes({ codes, spread, labels }) {
    Object.assign(this, { codes, spread, labels });
    this.drawStill();
  }

  // kind: "none", "density", "beats" with { decode, range }, or "field" with { size, paint }.
  setUnderlay(kind, content = {}) {
    this.underlay = { kind, ...content };
    this.drawUnderlay();
  }

  // Everything that does not move with the handle.
  drawStill() {
    if (!this.codes || !this.axes.box) return;
    this.drawUnderlay(); // first: it asks for a colour, which costs a layout when all has changed
    this.drawPrior();
    this.drawPoints();
    if (this.now) this.show(this.now);
  }

  drawPrior() {
    this.prior.replaceChildren();
    if (!this.spread) return;
    const [cx, cy] = this.axes.px(0, 0);
    const em = parseFloat(getComputedStyle(this.prior).fontSize);
    let above = -Infinity; // where the last name stands
    for (const r of [3, 2, 1]) {
      const [x, y] = this.axes.px(r, r);
      svg("ellipse", { cx, cy, rx: x - cx, ry: cy - y }, this.prior);
      const at = y < 1.2 * em ? y + 1.1 * em : y - 0.2 * em; // at the upper edge inside the circle
      if (at - above < 1.2 * em) continue; // no room for another name
      above = at;
      svg("text", { x: cx, y: at, "text-anchor": "middle" }, this.prior).textContent = `${r}σ`;
    }
  }

  // The beats of each class: [label, [n, ...]], in a thinned map the class with fewest at last.
  classes() {
    const found = new Map();
    for (let n = 0; n < this.codes.length / 2; n++) {
      const label = this.labels ? this.labels[n] : 0;
      if (!found.has(label)) found.set(label, []);
      found.get(label).push(n);
    }
    const classes = [...found];
    return this.weights ? classes.sort(([, m], [, n]) => n.length - m.length) : classes;
  }

  drawPoints() {
    const { width, height } = this.axes.box;
    const full = 0.25 * this.axes.size.em;
    this.points.replaceChildren();
    let outside = 0;
    for (const [label, members] of this.classes()) {
      const r = this.weights ? full * Math.min(1, Math.sqrt(CROWD / members.length)) : full;
      const mark = MARKERS[label](r);
      let d = "";
      for (const n of members) {
        const [x, y] = this.at(n);
        if (x < 0 || y < 0 || x > width || y > height) outside += this.weights?.[n] ?? 1;
        d += `M${x.toFixed(1)} ${y.toFixed(1)}${mark}`;
      }
      svg("path", { class: `ecgae-mark ecgae-c${label}`, d }, this.points);
    }
    this.note.textContent = outside ? `${outside} outside` : "";
  }

  drawUnderlay() {
    const { canvas, underlay } = this;
    const { box } = this.axes;
    if (!box || !underlay) return;
    for (const side of ["left", "top", "width", "height"]) canvas.style[side] = `${box[side]}px`;
    this.beats.replaceChildren();
    this.root.dataset.underlay = underlay.kind;
    if (underlay.kind === "density") paintDensity(canvas, this);
    else if (underlay.kind === "field") fillCells(canvas, underlay.size, underlay.paint);
    else canvas.width = canvas.height = 1;
    if (underlay.kind === "beats") drawBeatGrid(this.beats, this.axes, underlay);
  }

  // What moves: z, the nearest beat, the picked one, the path and its ends.  Only `picked` is there
  // always; without z there is nothing to hold, without a and b no path.
  show(now) {
    this.now = now;
    if (!this.axes.box) return;
    if (now.z) this.showHandle(now);
    if (now.a) this.showPath(now);
    for (const node of this.anchors) node.classList.toggle("ecgae-absent", !now.a);
    this.showPicked(now.picked ?? null);
  }

  showHandle({ z, near }) {
    const { box } = this.axes;
    const [x, y] = this.inside(z);
    this.handle.style.transform = `translate(${box.left + x}px, ${box.top + y}px)`;
    const text = `z₁ ${shown(z[0])}, z₂ ${shown(z[1])}`;
    setAttributes(this.handle, { "aria-valuenow": z[0].toFixed(2), "aria-valuetext": text });
    setAttributes(this.link, { d: `M${x} ${y}L${this.at(near).join(" ")}` });
  }

  showPath({ a, b }) {
    const ends = [this.inside(a), this.inside(b)];
    setAttributes(this.path, { d: `M${ends.join("L")}` });
    this.anchors.forEach((node, n) => {
      setAttributes(node, { transform: `translate(${ends[n]})` });
    });
  }

  showPicked(picked) {
    const [x, y] = picked === null ? [0, 0] : this.at(picked);
    setAttributes(this.ring, { d: picked === null ? "" : `M${x} ${y}${MARKERS[0](11)}` });
    const known = picked !== null && this.spread;
    this.ellipse.style.display = known ? "" : "none";
    if (!known) return;
    const [mu, sigma] = [this.code(picked), pair(this.spread, picked)];
    const [ex, ey] = this.axes.px(mu[0] + 2 * sigma[0], mu[1] + 2 * sigma[1]);
    setAttributes(this.ellipse, { cx: x, cy: y, rx: ex - x, ry: y - ey });
  }

  code(n) {
    return pair(this.codes, n);
  }

  // Where a key moves z: an arrow by a hundredth of the map, with Shift by a tenth; Home to the
  // origin, or where the edge is nearest to it.
  moved(z, { key, shiftKey }) {
    const { range } = this.axes;
    if (key === "Home") return range.map((ends) => clamp(0, ends));
    const part = shiftKey ? 0.1 : 0.01;
    const step = (v, k) => v + part * ARROWS[key][k] * (range[k][1] - range[k][0]);
    return ARROWS[key] && z.map((v, k) => clamp(step(v, k), range[k]));
  }

  // Pixels of beat n.
  at(n) {
    return this.axes.px(...this.code(n));
  }

  // Pixels of a point, moved to the edge if it lies outside.
  inside(z) {
    const { width, height } = this.axes.box;
    const [x, y] = this.axes.px(...z);
    return [clamp(x, [0, width]), clamp(y, [0, height])];
  }

  // Index of the training beat drawn within `reach` pixels of a pointer, or -1.
  beatAt(event, reach) {
    const codes = Array.from({ length: this.codes.length / 2 }, (_, n) => this.code(n));
    const { index, distance } = this.axes.nearest(event, codes);
    return distance < reach ? index : -1;
  }
}

function anchor(area, name) {
  const node = svg("g", { class: "ecgae-anchor" }, area);
  svg("circle", { r: "0.72em" }, node);
  svg("text", { y: "0.35em", "text-anchor": "middle" }, node).textContent = name;
  return node;
}
