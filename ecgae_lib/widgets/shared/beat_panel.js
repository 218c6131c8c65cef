// One beat beside others, in mV over ms, on a grid like the ECG paper's.
import { Axes, linePath } from "./axes.js";
import { svg } from "./dom.js";

const LINES = ["nearest", "picked", "reconstruction", "decoded"]; // the last one lies on top

export class BeatPanel {
  // ms: time of each sample.  mv: lowest and highest voltage shown; they never change by a drag.
  constructor(parent, { ms, mv }) {
    this.ms = ms.map((t) => Number(t.toFixed(3))); // few digits make every path shorter
    this.axes = new Axes(parent, { xLabel: "time after R peak [ms]", yLabel: "voltage [mV]" });
    const range = [ms[0], ms.at(-1)];
    const path = (attributes) => svg("path", attributes, this.axes.data);
    path({ class: "ecgae-grid ecgae-small", d: gridPath(range, mv, 40, 0.1) });
    path({ class: "ecgae-grid", d: gridPath(range, mv, 200, 0.5) });
    path({ class: "ecgae-zero", d: `M${range[0]} 0H${range[1]}` });
    this.lines = {};
    for (const name of LINES) {
      this.lines[name] = path({ class: `ecgae-line ecgae-${name}`, "data-line": name });
    }
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
