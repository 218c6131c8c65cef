// Points along a curve, one of them marked: an error over epochs, a distortion over a rate.
import { Axes, linePath } from "./axes.js";
import { setAttributes, setText, svg } from "./dom.js";
import { between } from "./numbers.js";

const MARGIN = 0.03; // of the range, so that no point lies on the frame
const ROOM = 0.35; // the same, where a name must fit in

export class CurvePanel {
  // onPick(n): a click chose point n.
  constructor(parent, { xLabel, yLabel, onPick }) {
    this.points = [];
    this.axes = new Axes(parent, { xLabel, yLabel, onLayout: () => this.place() });
    const { data, area } = this.axes;
    this.level = svg("path", { class: "ecgae-level" }, data);
    this.curve = svg("path", { class: "ecgae-line ecgae-curve" }, data);
    this.dots = svg("g", { class: "ecgae-dots" }, area);
    this.note = svg("text", { class: "ecgae-level-name", "text-anchor": "end" }, area);
    this.here = svg("circle", { class: "ecgae-here", r: "0.5em" }, area);
    this.name = svg("text", { class: "ecgae-name", dy: "-0.6em" }, area);
    parent.addEventListener("click", (event) =>
      onPick(this.axes.nearest(event, this.points).index),
    );
  }

  // points: [[x, y], ...].  names: a text for each, shown beside the marked one, or none.
  // reference: { y, text } or null, a level to compare with.
  setPoints(points, { names = [], reference = null } = {}) {
    Object.assign(this, { points, names, reference });
    const [xs, ys] = [0, 1].map((n) => points.map((p) => p[n]));
    const right = Math.max(...xs) || 1;
    const top = Math.max(...ys, reference?.y ?? 0) || 1;
    setAttributes(this.curve, { d: linePath(xs, ys) });
    setAttributes(this.level, { d: reference ? `M${-right} ${reference.y}H${2 * right}` : "" });
    this.note.textContent = reference?.text ?? "";
    const above = names.length ? ROOM : 4 * MARGIN;
    this.axes.setRange([-MARGIN * right, (1 + MARGIN) * right], [0, (1 + above) * top]);
  }

  // Everything that is not in data units.
  place() {
    const { axes, points, names } = this;
    if (!points.length) return;
    this.widths = {};
    this.dots.replaceChildren();
    for (const point of points) {
      const [cx, cy] = axes.px(...point);
      svg("circle", { cx, cy, r: names.length ? "0.3em" : "0.15em" }, this.dots);
    }
    if (this.reference) this.placeNote();
    this.mark(this.marked ?? 0);
  }

  // The name of the level, on the side of it where the curve does not end.
  placeNote() {
    const { y } = this.reference;
    const dy = this.points.at(-1)[1] > y ? "1.1em" : "-0.4em";
    setAttributes(this.note, { x: this.axes.box.width - 8, y: this.axes.px(0, y)[1], dy });
  }

  // The point n; 2.5 lies half-way from the third to the fourth.
  mark(n) {
    this.marked = n;
    const { axes, points, names } = this;
    if (!axes.box || !points.length) return;
    const low = Math.min(Math.floor(n), points.length - 1);
    const next = points[Math.min(low + 1, points.length - 1)];
    const [cx, cy] = axes.px(...between(points[low], next, n - low));
    setAttributes(this.here, { cx, cy });
    if (!names.length) return;
    setText(this.name, names[low]);
    const last = axes.box.width - this.widthOfName(names[low]) - 4; // or it would be cut off
    setAttributes(this.name, { x: Math.min(cx + 10, last), y: cy });
  }

  // Measured once in each size: it costs a layout.
  widthOfName(text) {
    this.widths[text] ??= this.name.getComputedTextLength();
    return this.widths[text];
  }
}
