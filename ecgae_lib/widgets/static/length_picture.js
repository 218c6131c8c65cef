// The picture of a convolution: a row of cells, above it the stops of the kernel, lines between.
// Cells that would be narrower than a few pixels become bands, bundles of lines become fans.
import {
  cellKind, cellsUnder, outputLength, picture, positionOf, stopsOver,
} from "./lengths.js";
import { listen } from "./length_hand.js";
import { box, cellText, cross, fix, group } from "./length_shapes.js";
import { set, svg } from "./plot.js";

const KINDS = ["real", "padding", "inserted", "cropped"];
const CELL = 9; // px: narrower ones become a band
const ROOMY = 76; // px: a cell is not made wider
const ZOOMED = 3.6; // em: as wide as zoom makes it
const MOST_LINES = 3000;
const MOST_FANS = 500;

export class LengthPicture {
  // onPick(side, n): the hand chose a sample.
  constructor(parent, onPick) {
    this.parent = parent;
    this.root = svg("svg", { class: "ecgae-length-picture", "aria-hidden": "true" }, parent);
    const add = (name, to = this.root) => svg("path", { class: name }, to);
    this.links = [0, 1, 2].map((n) => add(`ecgae-link ecgae-c${n}`));
    this.litLinks = add("ecgae-link ecgae-lit");
    this.kinds = Object.fromEntries(KINDS.map((kind) => [kind, add(`ecgae-cell ecgae-${kind}`)]));
    this.stops = [0, 1, 2].map((n) => add(`ecgae-stop ecgae-c${n}`));
    this.bars = ["most", "least"].map((name) => add(`ecgae-bar ecgae-${name}`));
    this.lit = add("ecgae-cell ecgae-lit");
    this.texts = svg("g", {}, this.root);
    this.watch = new ResizeObserver(() => this.now && (this.now.refused ? this.showRefused(this.now.s) : this.show(this.now)));
    this.watch.observe(parent);
    listen(this, onPick);
  }

  // now: { s, view, picked, counts, zoom }.  zoom: 0 shows everything, 1 the widest cells.
  show(now) {
    this.now = now;
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!width || !height) return;
    this.pic = picture(now.s, now.view);
    this.outputAbove = this.pic.cells === "input";
    this.layout(width, height);
    set(this.root, { width, height });
    this.root.classList.toggle("ecgae-picking", Boolean(now.picked));
    this.texts.replaceChildren();
    this.drawCells();
    this.drawStops();
    this.drawLinks();
    this.drawBars();
    this.drawLit();
  }

  clear() {
    this.root.classList.remove("ecgae-picking");
    this.texts.replaceChildren();
    for (const path of this.root.querySelectorAll("path")) set(path, { d: "" });
  }

  // A kernel that is longer than the padded input: what it spans, over what is there.
  showRefused(s) {
    this.now = { s, view: "scatter", picked: null, zoom: 0, refused: true };
    this.clear();
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!width || s.kind !== "conv") return;
    set(this.root, { width, height });
    const padded = picture(s, "scatter");
    this.pic = { ...padded, size: padded.reach + 1 };
    this.outputAbove = false;
    this.layout(width, height);
    this.y.cells = this.y.stops + this.cell + 1.2 * this.em;
    const row = (path, y, positions) => {
      const wide = Math.max(Math.min(this.cell, 0.84 * this.w), 1.5);
      set(path, { d: positions.map((at) => box(this.x(at) - wide / 2, y - this.cell / 2, wide, this.cell)).join("") });
    };
    const cells = Array.from({ length: padded.size }, (_, at) => at);
    for (const kind of ["real", "padding"]) {
      row(this.kinds[kind], this.y.cells, cells.filter((at) => cellKind(padded, at) === kind));
    }
    const weights = Array.from({ length: padded.K }, (_, m) => m * padded.dilation);
    row(this.stops[0], this.y.stops, weights.filter((at) => at < padded.size));
    row(this.kinds.cropped, this.y.stops, weights.filter((at) => at >= padded.size));
    const edge = 0.8 * this.em;
    this.text(`kernel: spans ${group(padded.reach + 1)}`, edge, this.y.stops - this.cell, "ecgae-row-name");
    this.text(`padded input: ${group(padded.size)}`, edge, this.y.cells + this.cell, "ecgae-row-name");
  }

  layout(width, height) {
    const em = parseFloat(getComputedStyle(this.parent).fontSize);
    const margin = 0.8 * em;
    const room = width - 2 * margin;
    const { size } = this.pic;
    const fit = Math.min(ROOMY, room / size);
    const w = fit * Math.max(1, (ZOOMED * em) / fit) ** this.now.zoom;
    const visible = Math.min(size, room / w);
    const from = Math.min(Math.max(this.middle() + 0.5 - visible / 2, 0), size - visible);
    const left = w * size < room ? (width - w * size) / 2 : margin;
    const cell = w < CELL ? 1.5 * em : Math.min(0.84 * w, 2.4 * em);
    const digits = String(Math.max(this.pic.real, this.pic.stops) - 1).length;
    const wide = w < CELL ? cell : Math.min(0.84 * w, Math.max(2.4, 0.64 * digits) * em);
    const bars = 3.4 * em;
    const above = (this.outputAbove ? bars + 0.6 * em : 0) + 1.9 * em + cell / 2;
    const below = height - (this.outputAbove ? 0 : bars + 0.6 * em) - 1.9 * em - cell / 2;
    Object.assign(this, { em, w, from, to: from + visible, left, cell, wide, barRoom: bars });
    this.y = { stops: above, cells: below };
  }

  // The position that stays in the middle of the window.
  middle() {
    const { picked } = this.now;
    if (!picked) return (this.pic.size - 1) / 2;
    const [side, n] = picked;
    return side === this.pic.cells ? positionOf(this.pic, n) : this.stopAt(n);
  }

  x = (position) => this.left + (position + 0.5 - this.from) * this.w;

  stopAt(j) {
    return this.pic.first + j * this.pic.step + this.pic.reach / 2;
  }

  // First and last stop, first and last cell, of which something is seen.
  seenStops() {
    const { first, step, reach, stops } = this.pic;
    const low = Math.ceil((this.from - 0.5 - first - reach / 2) / step);
    const high = Math.floor((this.to - 0.5 - first - reach / 2) / step);
    return [Math.max(0, low), Math.min(stops - 1, high)];
  }

  // First and last stop whose kernel reaches into the window, itself perhaps outside.
  reachingStops() {
    const { first, step, reach, stops } = this.pic;
    const [low, high] = this.seenCells();
    const last = Math.floor((high - first) / step);
    return [Math.max(0, Math.ceil((low - first - reach) / step)), Math.min(stops - 1, last)];
  }

  seenCells() {
    return [Math.max(0, Math.floor(this.from)), Math.min(this.pic.size, Math.ceil(this.to)) - 1];
  }

  // Cells of the same kind side by side become one rectangle where they are too narrow.
  drawCells() {
    const { w, cell, wide, y } = this;
    const d = Object.fromEntries(KINDS.map((kind) => [kind, ""]));
    const [low, high] = this.seenCells();
    for (let at = low; at <= high; at++) {
      const kind = cellKind(this.pic, at);
      let end = at;
      if (w < CELL) while (end < high && cellKind(this.pic, end + 1) === kind) end++;
      const x = w < CELL ? this.clip(this.x(at) - w / 2) : this.x(at) - wide / 2;
      const right = w < CELL ? this.clip(this.x(end) + w / 2) : x + wide;
      d[kind] += box(x, y.cells - cell / 2, right - x, cell);
      if (w >= CELL && kind === "cropped") d[kind] += cross(x, y.cells - cell / 2, wide, cell);
      if (w >= CELL) this.label(cellText(this.pic, at, kind), this.x(at), y.cells, `ecgae-in-${kind}`);
      at = end;
    }
    for (const kind of KINDS) set(this.kinds[kind], { d: d[kind] });
    this.seen = KINDS.filter((kind) => d[kind]);
    this.drawNames();
  }

  drawNames() {
    const { s } = this.now;
    const names = { input: `input: ${group(s.length)}`, output: `output: ${group(outputLength(s))}` };
    const stops = this.outputAbove ? "output" : "input";
    const edge = 0.8 * this.em;
    const beside = this.cell / 2 + 0.9 * this.em;
    const top = this.y.stops - beside - (this.outputAbove ? this.barRoom + 0.5 * this.em : 0);
    const bottom = this.y.cells + beside + (this.outputAbove ? 0 : this.barRoom + 0.7 * this.em);
    const spread = this.pic.turned ? ", with zeros" : "";
    this.text(`${names[stops]} samples`, edge, top, "ecgae-row-name");
    this.text(`${names[this.pic.cells]} samples${spread}`, edge, bottom, "ecgae-row-name");
  }

  drawStops() {
    const { cell, y, w } = this;
    const d = ["", "", ""];
    const [low, high] = this.seenStops();
    const apart = w * this.pic.step;
    const size = this.stopSize();
    if (apart < 3) {
      const x = this.x(this.stopAt(low)) - apart / 2;
      d[0] = box(x, y.stops - cell / 2, apart * (high - low + 1), cell);
    } else {
      for (let j = low; j <= high; j++) {
        d[j % 3] += box(this.x(this.stopAt(j)) - size / 2, y.stops - cell / 2, size, cell);
        if (size >= 14) this.label(String(j), this.x(this.stopAt(j)), y.stops, "ecgae-in-stop");
      }
    }
    this.stops.forEach((path, n) => set(path, { d: d[n] }));
  }

  stopSize() {
    return Math.max(Math.min(0.84 * this.w * this.pic.step, Math.max(this.wide, CELL)), 1.5);
  }

  // Lines if they can be told apart, otherwise one fan per stop over what its kernel spans.
  drawLinks() {
    const [low, high] = this.reachingStops();
    const count = Math.max(0, high - low + 1);
    this.fans = this.w < CELL || count * this.pic.K > MOST_LINES;
    this.hidden = this.fans && count > MOST_FANS;
    const d = ["", "", ""];
    if (!this.hidden) for (let j = low; j <= high; j++) d[j % 3] += this.linksOf(j);
    this.links.forEach((path, n) => {
      set(path, { d: d[n] });
      path.classList.toggle("ecgae-fan", this.fans);
    });
  }

  linksOf(j) {
    return this.fans ? this.fan(j) : this.lines(cellsUnder(this.pic, j).map((c) => [j, c.position]));
  }

  lines(pairs) {
    const [top, bottom] = [this.y.stops + this.cell / 2, this.y.cells - this.cell / 2];
    return pairs.map(([j, at]) => `M${fix(this.x(this.stopAt(j)))} ${fix(top)}L${fix(this.x(at))} ${fix(bottom)}`)
      .join("");
  }

  fan(j) {
    const [top, bottom] = [this.y.stops + this.cell / 2, this.y.cells - this.cell / 2];
    const start = this.pic.first + j * this.pic.step;
    const [a, b] = [this.x(start) - this.w / 2, this.x(start + this.pic.reach) + this.w / 2].map(this.clip);
    return `M${fix(this.clip(this.x(this.stopAt(j))))} ${fix(top)}L${fix(a)} ${fix(bottom)}H${fix(b)}Z`;
  }

  clip = (x) => Math.min(this.left + (this.to - this.from) * this.w, Math.max(this.left, x));

  // Over or under each output, how many inputs it is made of.  Where several outputs share a
  // column of pixels: the largest count pale, the smallest one full.
  drawBars() {
    const { counts } = this.now;
    const highest = counts.reduce((a, b) => Math.max(a, b), 1);
    const [low, high] = this.outputAbove ? this.seenStops() : this.seenOutputs();
    const step = this.outputAbove ? this.w * this.pic.step : this.w;
    const each = Math.max(1, Math.ceil(1.5 / step)); // outputs per bar
    const wide = step < CELL ? step * each : Math.min(0.84 * step, 2.4 * this.em);
    const base = this.outputAbove ? this.y.stops : this.y.cells;
    const away = (this.outputAbove ? -1 : 1) * (this.cell / 2 + 0.35 * this.em);
    const scale = ((this.barRoom - 1.1 * this.em) / highest) * Math.sign(away);
    const d = ["", ""];
    for (let n = low; n <= high; n += each) {
      const part = counts.subarray(n, Math.min(n + each, high + 1));
      const x = this.outputX(n + (part.length - 1) / 2);
      [Math.max(...part), Math.min(...part)].forEach((count, k) => {
        d[k] += `M${fix(x - wide / 2)} ${fix(base + away)}h${fix(wide)}v${fix(count * scale)}h${fix(-wide)}z`;
      });
      if (wide >= 14) {
        this.label(String(counts[n]), x, base + away + counts[n] * scale + Math.sign(away) * 0.62 * this.em, "ecgae-count");
      }
    }
    this.bars.forEach((path, k) => set(path, { d: d[k] }));
  }

  outputX(n) {
    return this.outputAbove ? this.x(this.stopAt(n)) : this.x(positionOf(this.pic, n));
  }

  seenOutputs() {
    const [low, high] = this.seenCells();
    return [Math.max(0, low - this.pic.before), Math.min(this.pic.real - 1, high - this.pic.before)];
  }

  // The picked sample and everything it touches.
  drawLit() {
    const { picked } = this.now;
    if (!picked) return [this.lit, this.litLinks].forEach((path) => set(path, { d: "" }));
    const [side, n] = picked;
    const onCells = side === this.pic.cells;
    const at = onCells ? positionOf(this.pic, n) : null;
    const stops = onCells ? stopsOver(this.pic, at) : [n];
    const cells = onCells ? [at] : cellsUnder(this.pic, n).map((c) => c.position);
    const seen = ([low, high]) => (v) => v >= low && v <= high;
    const shownStops = stops.filter(seen(this.seenStops()));
    const shownCells = cells.filter(seen(this.seenCells()));
    const [stop, cell] = [this.stopSize(), this.w < CELL ? Math.max(this.w, 1.5) : this.wide];
    const top = this.y.stops - this.cell / 2;
    const bottom = this.y.cells - this.cell / 2;
    set(this.lit, {
      d: shownStops.map((j) => box(this.x(this.stopAt(j)) - stop / 2, top, stop, this.cell)).join("")
        + shownCells.map((c) => box(this.x(c) - cell / 2, bottom, cell, this.cell)).join(""),
    });
    const fan = !onCells && this.fans && this.pic.dilation * this.w < CELL;
    const pairs = onCells ? stops.map((j) => [j, at]) : cells.map((c) => [n, c]);
    set(this.litLinks, { d: fan ? this.fan(n) : this.lines(pairs) });
    this.litLinks.classList.toggle("ecgae-fan", fan);
  }

  label(text, x, y, name) {
    if (text && text.length * 0.6 * this.em < Math.max(this.wide, name === "ecgae-count" ? 40 : 0) + 0.2 * this.em) {
      this.text(text, x, y, name, "middle");
    }
  }

  text(text, x, y, name, anchor = "start") {
    const place = { x: fix(x), y: fix(y + 0.35 * this.em), class: name, "text-anchor": anchor };
    svg("text", place, this.texts).textContent = text;
  }

  remove() {
    this.watch.disconnect();
    this.root.remove();
  }
}
