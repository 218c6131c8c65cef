// One beat beside others over time; an ECG on a grid like that of its paper.
import { Axes, linePath } from "./axes.js";
import { svg } from "./dom.js";
import { ticks } from "./numbers.js";

const LINES = ["nearest", "picked", "reconstruction", "decoded"]; // the last one lies on top

export class BeatPanel {
  // ms: time of each sample.  range: lowest and highest value shown; they never change by a drag.
  constructor(parent, { ms, range, ecg, units }) {
    const { timeLabel, signalLabel, onAxis, digits } = units;
    this.times = ms.map((t) => Number(onAxis(t).toFixed(3))); // few digits make paths shorter
    this.digits = 3 + digits; // 10 nV, far below what can be seen
    this.axes = new Axes(parent, { xLabel: timeLabel, yLabel: signalLabel });
    const span = [this.times[0], this.times.at(-1)];
    const path = (attributes) => svg("path", attributes, this.axes.data);
    const [dx, dy] = ecg ? [200, 0.5] : [stepOf(span), stepOf(range)];
    path({ class: "ecgae-grid ecgae-small", d: gridPath(span, range, dx / 5, dy / 5) });
    path({ class: "ecgae-grid", d: gridPath(span, range, dx, dy) });
    path({ class: "ecgae-zero", d: `M${span[0]} 0H${span[1]}` });
    this.lines = {};
    for (const name of LINES) {
      this.lines[name] = path({ class: `ecgae-line ecgae-${name}`, "data-line": name });
    }
    this.axes.setRange(span, range);
  }

  // Draw x as the line `name`; null takes the line away.
  draw(name, x) {
    this.lines[name].setAttribute("d", x ? this.path(x) : "");
  }

  path(x) {
    return linePath(this.times, x, this.digits);
  }
}

function stepOf([low, high]) {
  const [first, next] = ticks(low, high, 5);
  return next.value - first.value;
}

function gridPath([x0, x1], [y0, y1], dx, dy) {
  let d = "";
  for (let x = Math.ceil(x0 / dx) * dx; x <= x1; x += dx) d += `M${x} ${y0}V${y1}`;
  for (let n = Math.ceil(y0 / dy); n * dy <= y1; n++) d += `M${x0} ${n * dy}H${x1}`;
  return d;
}
