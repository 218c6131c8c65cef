// The latent plane: training beats as points, what lies under them, a handle to drag.
import { focusable } from "./controls.js";
import { density } from "./measure.js";
import { Axes, color, html, linePath, set, shown, svg } from "./plot.js";

const CELLS = 96; // of the density
const BEATS = 9; // decoded beats per side

export const MARKERS = [
  (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (r) => `m0 ${-1.2 * r}l${1.15 * r} ${2 * r}h${-2.3 * r}z`,
  (r) => `m${-0.9 * r} ${-0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (r) => `m0 ${-1.3 * r}l${1.1 * r} ${1.3 * r}l${-1.1 * r} ${1.3 * r}l${-1.1 * r} ${-1.3 * r}z`,
  (r) => `m0 ${1.2 * r}l${1.15 * r} ${-2 * r}h${-2.3 * r}z`,
  (r) => `m${-r} ${-r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
];

export class LatentMap {
  // on: { move(z), end(), tap(index), key(event) }: what the hand did, in latent coordinates.
  // Without `on` there is no handle: a map to look at.
  constructor(parent, on = null) {
    this.root = parent;
    this.on = on;
    this.canvas = html("canvas", { "aria-hidden": "true" });
    this.note = html("div", { class: "ecgae-note" }); // how many beats lie beyond the edges
    parent.append(this.canvas, this.note);
    this.axes = new Axes(parent, {
      xLabel: "z₁ [no unit]",
      yLabel: "z₂ [no unit]",
      square: true,
      onLayout: () => this.drawStill(),
    });
    const { area } = this.axes;
    const layer = (name) => svg("g", { class: name }, area);
    this.layers = { prior: layer("ecgae-prior"), beats: layer("ecgae-beats"), points: layer("ecgae-points") };
    const path = (name) => svg("path", { class: name }, area);
    this.marks = { path: path("ecgae-path"), link: path("ecgae-link"), ring: path("ecgae-ring") };
    this.ellipse = svg("ellipse", { class: "ecgae-posterior" }, area);
    this.anchors = ["A", "B"].map((name) => anchor(area, name));
    this.handle = focusable(html("div", { class: "ecgae-handle", tabindex: 0, role: "slider" }));
    set(this.handle, { "aria-label": "point on the latent map", "aria-valuenow": 0 });
    if (!on) return;
    parent.append(this.handle);
    this.listen();
  }

  // codes: (N, 2), flat.  spread: the same of standard deviations, or null.  labels: N or null.
  setContent({ codes, spread, labels, extent }) {
    Object.assign(this, { codes, spread, labels });
    set(this.handle, { "aria-valuemin": extent[0][0], "aria-valuemax": extent[0][1] });
    this.axes.setRange(...extent);
  }

  // Other codes on the same plane.
  moveCodes({ codes, spread, labels }) {
    Object.assign(this, { codes, spread, labels });
    this.drawStill();
  }

  // kind: "none", "density", "beats" with { decode, ms, mv }, or "field" with { rows, size, paint }.
  setUnderlay(kind, content = {}) {
    this.underlay = { kind, ...content };
    this.drawUnderlay();
  }

  // Everything that does not move with the handle.
  drawStill() {
    if (!this.codes || !this.axes.box) return;
    this.drawPrior();
    this.drawPoints();
    this.drawUnderlay();
    if (this.now) this.show(this.now);
  }

  drawPrior() {
    this.layers.prior.replaceChildren();
    if (!this.spread) return;
    const [cx, cy] = this.axes.px(0, 0);
    for (const r of [1, 2, 3]) {
      const [x, y] = this.axes.px(r, r);
      svg("ellipse", { cx, cy, rx: x - cx, ry: cy - y }, this.layers.prior);
      const dy = y < 20 ? "1.1em" : "-0.2em"; // at the upper edge inside the circle
      const text = svg("text", { x: cx, y, dy, "text-anchor": "middle" }, this.layers.prior);
      text.textContent = `${r}σ`;
    }
  }

  drawPoints() {
    const r = 0.25 * parseFloat(getComputedStyle(this.root).fontSize);
    const { width, height } = this.axes.box;
    const paths = new Map();
    let outside = 0;
    for (let n = 0; n < this.codes.length / 2; n++) {
      const label = this.labels ? this.labels[n] : 0;
      const [x, y] = this.axes.px(this.codes[2 * n], this.codes[2 * n + 1]);
      if (x < 0 || y < 0 || x > width || y > height) outside++;
      const mark = `M${x.toFixed(1)} ${y.toFixed(1)}${MARKERS[label](r)}`;
      paths.set(label, (paths.get(label) ?? "") + mark);
    }
    this.layers.points.replaceChildren();
    for (const [label, d] of paths) svg("path", { class: `ecgae-mark ecgae-c${label}`, d }, this.layers.points);
    this.note.textContent = outside ? `${outside} outside` : "";
  }

  drawUnderlay() {
    const { canvas } = this;
    const { box, range } = this.axes;
    if (!box || !this.underlay) return;
    const { left, top, width, height } = box;
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px` });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    this.layers.beats.replaceChildren();
    this.root.dataset.underlay = this.underlay.kind;
    if (this.underlay.kind === "beats") this.drawBeats(this.underlay);
    if (this.underlay.kind === "field") fill(canvas, this.underlay.size, this.underlay.paint);
    if (this.underlay.kind === "density") {
      const heights = density(this.codes, this.spread, [range.x, range.y], CELLS);
      fill(canvas, CELLS, soft(heights, color(this.root, "density")));
    }
    if (["none", "beats"].includes(this.underlay.kind)) canvas.width = canvas.height = 1;
  }

  drawBeats({ decode, mv }) {
    const { range, box } = this.axes;
    const cell = [box.width / BEATS, box.height / BEATS];
    for (let n = 0; n < BEATS * BEATS; n++) {
      const [column, row] = [n % BEATS, Math.floor(n / BEATS)];
      const u = (column + 0.5) / BEATS;
      const v = (row + 0.5) / BEATS;
      const x = decode([
        range.x[0] + u * (range.x[1] - range.x[0]),
        range.y[1] - v * (range.y[1] - range.y[0]),
      ]).filter((_, i) => i % 4 === 0);
      const across = Array.from(x, (_, i) => (i / x.length - 0.5) * 0.84 * cell[0]);
      const up = x.map((value) => (-1.6 * value * cell[1]) / (mv[1] - mv[0]));
      const transform = `translate(${u * box.width} ${v * box.height + 0.2 * cell[1]})`;
      svg("path", { d: linePath(across.map(Math.round), up), transform }, this.layers.beats);
    }
  }

  // What moves: z, the nearest beat, the picked one, the path and its ends.  Only `picked` is there
  // always; without z there is nothing to hold, without a and b no path.
  show(now) {
    this.now = now;
    if (!this.axes.box) return;
    if (now.z) this.showHandle(now);
    if (now.a) this.showPath(now);
    this.anchors.forEach((node) => node.classList.toggle("ecgae-absent", !now.a));
    this.showPicked(now.picked);
  }

  showHandle({ z, near, far }) {
    const { box } = this.axes;
    const [x, y] = this.inside(z);
    this.handle.style.transform = `translate(${box.left + x}px, ${box.top + y}px)`;
    set(this.handle, {
      "aria-valuenow": z[0].toFixed(2),
      "aria-valuetext": `z₁ ${shown(z[0])}, z₂ ${shown(z[1])}`,
    });
    const [nx, ny] = this.at(near);
    set(this.marks.link, { d: `M${x} ${y}L${nx} ${ny}` });
    this.root.classList.toggle("ecgae-far", far);
  }

  showPath({ a, b }) {
    const ends = [this.inside(a), this.inside(b)];
    set(this.marks.path, { d: `M${ends[0]}L${ends[1]}` });
    this.anchors.forEach((node, n) => set(node, { transform: `translate(${ends[n]})` }));
  }

  showPicked(picked) {
    const chosen = picked !== null && picked !== undefined;
    const [x, y] = chosen ? this.at(picked) : [0, 0];
    set(this.marks.ring, { d: chosen ? `M${x} ${y}${MARKERS[0](11)}` : "" });
    this.ellipse.style.display = chosen && this.spread ? "" : "none";
    if (!chosen || !this.spread) return;
    const [sx, sy] = [this.spread[2 * picked], this.spread[2 * picked + 1]];
    const [ex, ey] = this.axes.px(this.codes[2 * picked] + 2 * sx, this.codes[2 * picked + 1] + 2 * sy);
    set(this.ellipse, { cx: x, cy: y, rx: ex - x, ry: y - ey });
  }

  at(n) {
    return this.axes.px(this.codes[2 * n], this.codes[2 * n + 1]);
  }

  // Pixels of a point, moved to the edge if it lies outside.
  inside(z) {
    const { width, height } = this.axes.box;
    const [x, y] = this.axes.px(...z);
    return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  }

  // Index of the training beat drawn within `reach` pixels of a place in the window, or -1.
  beatAt(clientX, clientY, reach) {
    const { left, top } = this.root.getBoundingClientRect();
    const [x, y] = [clientX - left - this.axes.box.left, clientY - top - this.axes.box.top];
    let [best, least] = [-1, reach];
    for (let n = 0; n < this.codes.length / 2; n++) {
      const [px, py] = this.at(n);
      const d = Math.hypot(px - x, py - y);
      if (d < least) [best, least] = [n, d];
    }
    return best;
  }

  listen() {
    let grip = null; // the pointer that holds the handle, and how far from its middle
    this.root.addEventListener("pointerdown", (e) => {
      if (grip || e.button !== 0 || !this.axes.box) return;
      const { left, top, width, height } = this.handle.getBoundingClientRect();
      const off = [e.clientX - left - width / 2, e.clientY - top - height / 2];
      const held = Math.hypot(...off) < 22;
      grip = { id: e.pointerId, off: held ? off : [0, 0], start: [e.clientX, e.clientY], moved: held };
      grip.tap = true;
      this.root.setPointerCapture(e.pointerId);
      this.handle.focus({ preventScroll: true });
      if (!held) this.on.move(this.axes.fromClient(e.clientX, e.clientY));
    });
    this.root.addEventListener("pointermove", (e) => {
      if (e.pointerId !== grip?.id) return;
      const { off, start } = grip;
      if (Math.hypot(e.clientX - start[0], e.clientY - start[1]) > 5) grip.tap = false;
      if (!grip.tap) this.on.move(this.axes.fromClient(e.clientX - off[0], e.clientY - off[1]));
    });
    const release = (e) => {
      if (e.pointerId !== grip?.id) return;
      const { tap } = grip;
      grip = null;
      const beat = tap && e.type === "pointerup" ? this.tapped(e) : -1;
      if (beat >= 0) this.on.tap(beat);
      this.on.end();
    };
    this.root.addEventListener("pointerup", release);
    this.root.addEventListener("pointercancel", release);
    this.handle.addEventListener("keydown", (e) => this.on.key(e));
  }

  tapped(event) {
    return this.beatAt(event.clientX, event.clientY, event.pointerType === "mouse" ? 12 : 22);
  }

  remove() {
    this.axes.remove();
  }
}

function anchor(area, name) {
  const node = svg("g", { class: "ecgae-anchor" }, area);
  svg("circle", { r: "0.72em" }, node);
  svg("text", { y: "0.35em", "text-anchor": "middle" }, node).textContent = name;
  return node;
}

// Paint size x size cells; paint(data) fills their RGBA.  The browser smooths them when it
// stretches the canvas.
function fill(canvas, size, paint) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  paint(image.data);
  context.putImageData(image, 0, 0);
}

// One colour whose opacity follows the square root of the density.
function soft(heights, name) {
  const [r, g, b] = rgb(name);
  const most = Math.max(...heights);
  return (data) => {
    heights.forEach((h, n) => data.set([r, g, b, 255 * Math.sqrt(h / most)], 4 * n));
  };
}

// A CSS colour, of any kind, as three numbers.
export function rgb(name) {
  const context = html("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = name;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data.slice(0, 3);
}
