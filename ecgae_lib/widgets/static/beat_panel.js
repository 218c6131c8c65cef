// One beat beside others, in mV over ms, on a grid like the ECG paper's.
import { Axes, linePath, set, short, svg } from "./plot.js";

const LINES = ["nearest", "picked", "reconstruction", "decoded"]; // the last one lies on top

export class BeatPanel {
  // ms: time of each sample.  mv: lowest and highest voltage shown; they never change by a drag.
  constructor(parent, { ms, mv }) {
    this.ms = short(ms);
    this.axes = new Axes(parent, { xLabel: "time after R peak [ms]", yLabel: "voltage [mV]" });
    const { data } = this.axes;
    this.small = svg("path", { class: "ecgae-grid ecgae-small" }, data);
    this.large = svg("path", { class: "ecgae-grid ecgae-large" }, data);
    svg("path", { class: "ecgae-zero", d: `M${ms[0]} 0H${ms.at(-1)}` }, data);
    this.lines = Object.fromEntries(
      LINES.map((name) => [name, svg("path", { class: `ecgae-line ecgae-${name}`, "data-line": name }, data)]),
    );
    const range = [ms[0], ms.at(-1)];
    set(this.small, { d: gridPath(range, mv, 40, 0.1) });
    set(this.large, { d: gridPath(range, mv, 200, 0.5) });
    this.axes.setRange(range, mv);
  }

  // Draw x (mV) as the line `name`; null takes the line away.
  draw(name, x) {
    this.lines[name].setAttribute("d", x ? linePath(this.ms, x) : "");
  }

  remove() {
    this.axes.remove();
  }
}

function gridPath([x0, x1], [y0, y1], dx, dy) {
  let d = "";
  for (let x = Math.ceil(x0 / dx) * dx; x <= x1; x += dx) d += `M${x} ${y0}V${y1}`;
  for (let n = Math.ceil(y0 / dy); n * dy <= y1; n++) d += `M${x0} ${n * dy}H${x1}`;
  return d;
}
