// The picture of a convolution: a row of cells, above it the stops of the kernel, lines between.
// Cells that would be narrower than a few pixels become bands, bundles of lines become fans.
import { setAttributes, setPaths, svg } from "../shared/dom.js";
import { drag } from "../shared/drag.js";
import { withThousands } from "../shared/numbers.js";
import { followSize } from "../shared/sizes.js";
import { CELL, Geometry } from "./geometry.js";
import { outputLength, Picture } from "./lengths.js";
import { box, cross, fix } from "./shapes.js";

const KINDS = ["real", "padding", "inserted", "cropped"];
const MOST_LINES = 3000;
const MOST_FANS = 500;
const LETTER = 14; // px: the narrowest shape with a number in it

export class LengthPicture extends Geometry {
  // on: { pick([side, n] or null), end(), redraw() }: the hand chose a sample or let go; it is done;
  // the picture has another size.
  constructor(parent, on) {
    super();
    this.parent = parent;
    this.root = svg("svg", { class: "ecgae-length-picture", "aria-hidden": "true" }, parent);
    const add = (name) => svg("path", { class: name }, this.root);
    this.links = [0, 1, 2].map((n) => add(`ecgae-link ecgae-c${n}`));
    this.litLinks = add("ecgae-link ecgae-lit");
    this.kinds = Object.fromEntries(KINDS.map((kind) => [kind, add(`ecgae-cell ecgae-${kind}`)]));
    this.stops = [0, 1, 2].map((n) => add(`ecgae-stop ecgae-c${n}`));
    this.bars = ["most", "least"].map((name) => add(`ecgae-bar ecgae-${name}`));
    this.lit = add("ecgae-cell ecgae-lit");
    this.texts = svg("g", {}, this.root);
    this.seen = []; // kinds of cells
    followSize(parent, (size) => {
      this.size = size;
      on.redraw();
    });
    this.followHand(on);
  }

  // A press picks a sample, a drag wanders, a second press on it lets go: pick(null).
  followHand(on) {
    let again = false; // the press is on what was picked
    const choose = ({ clientX, clientY }) => {
      const { left, top } = this.parent.getBoundingClientRect();
      const found = this.now && this.sampleNear(clientX - left, clientY - top);
      if (found) on.pick(found);
      return String(found);
    };
    drag(this.parent, {
      start: (event) => {
        const was = String(this.now?.picked);
        again = choose(event) === was;
      },
      move: (event, tap) => {
        if (!tap && this.now?.zoom === 0) choose(event); // a zoomed window would run away
      },
      end: (_event, tap) => {
        if (tap && again) on.pick(null);
        on.end();
      },
    });
  }

  // now: { s, view, picked, counts, zoom }.
  show(now) {
    this.now = now;
    if (!this.fit({ ...now, pic: new Picture(now.s, now.view) })) return;
    this.root.classList.toggle("ecgae-picking", Boolean(now.picked));
    this.drawCells();
    this.drawNames();
    this.drawStops();
    this.drawLinks();
    this.drawBars();
    if (now.picked) this.drawLit(...now.picked);
  }

  // An empty picture in the size of the window; false where there is no room.
  fit(content) {
    this.root.classList.remove("ecgae-picking");
    this.texts.replaceChildren();
    for (const path of [this.lit, this.litLinks]) setAttributes(path, { d: "" });
    if (!this.size?.width || !this.size.height) return false;
    const { width, height } = this.size;
    setAttributes(this.root, { width, height });
    this.layout(content, this.size);
    return true;
  }

  // A kernel that is longer than the padded input: what it spans, over what is there.
  showRefused(s) {
    this.now = null;
    for (const path of this.root.querySelectorAll("path")) setAttributes(path, { d: "" });
    const pic = new Picture(s, "scatter");
    const content = { pic: Object.assign(new Picture(s), { size: pic.reach + 1 }), zoom: 0 };
    if (s.kind !== "conv") this.texts.replaceChildren();
    else if (this.fit(content)) this.drawRefused(pic);
  }

  drawRefused(pic) {
    this.y.stops = 1.9 * this.em + this.cell / 2;
    this.y.cells = this.y.stops + this.cell + 1.2 * this.em;
    const wide = Math.max(Math.min(this.cell, 0.84 * this.w), 1.5);
    const d = { real: "", padding: "", within: "", beyond: "" };
    for (let at = 0; at < pic.size; at++) {
      d[pic.kindAt(at)] += this.block(this.x(at), this.y.cells, wide);
    }
    for (const at of pic.cellsUnder(0)) {
      d[at < pic.size ? "within" : "beyond"] += this.block(this.x(at), this.y.stops, wide);
    }
    const { real, padding, cropped } = this.kinds;
    setPaths([real, padding, this.stops[0], cropped], Object.values(d));
    this.name(`kernel: spans ${withThousands(pic.reach + 1)}`, this.y.stops - this.cell);
    this.name(`padded input: ${withThousands(pic.size)}`, this.y.cells + this.cell);
  }

  // Cells of the same kind side by side become one rectangle where they are too narrow.
  drawCells() {
    const d = Object.fromEntries(KINDS.map((kind) => [kind, ""]));
    const [low, high] = this.seenCells();
    for (let at = low; at <= high; at++) {
      const kind = this.pic.kindAt(at);
      const start = at;
      if (this.w < CELL) while (at < high && this.pic.kindAt(at + 1) === kind) at++;
      d[kind] += this.w < CELL ? this.band(start, at) : this.cellOf(at, kind);
    }
    setPaths(Object.values(this.kinds), Object.values(d));
    this.seen = KINDS.filter((kind) => d[kind]);
  }

  band(start, end) {
    const x = this.clip(this.x(start) - this.w / 2);
    const right = this.clip(this.x(end) + this.w / 2);
    return box(x, this.y.cells - this.cell / 2, right - x, this.cell);
  }

  cellOf(at, kind) {
    const x = this.x(at);
    const text = kind === "real" ? String(this.pic.sampleAt(at)) : "0";
    if (kind !== "cropped") this.label(text, x, this.y.cells, `ecgae-in-${kind}`);
    const crossed = kind === "cropped" ? cross : () => "";
    const place = [x - this.wide / 2, this.y.cells - this.cell / 2, this.wide, this.cell];
    return box(...place) + crossed(...place);
  }

  drawNames() {
    const { s } = this.now;
    const lengths = { input: s.length, output: outputLength(s) };
    const named = (side) => `${side}: ${withThousands(lengths[side])} samples`;
    const beside = this.cell / 2 + 0.9 * this.em;
    const top = this.y.stops - beside - (this.outputAbove ? this.barRoom + 0.5 * this.em : 0);
    const bottom = this.y.cells + beside + (this.outputAbove ? 0 : this.barRoom + 0.7 * this.em);
    this.name(named(this.outputAbove ? "output" : "input"), top);
    this.name(named(this.pic.cells) + (this.pic.turned ? ", with zeros" : ""), bottom);
  }

  drawStops() {
    const { y } = this;
    const d = ["", "", ""];
    const [low, high] = this.seenStops();
    const apart = this.w * this.pic.step;
    const size = this.stopSize();
    if (apart < 3) {
      d[0] = this.block(this.x(this.stopAt((low + high) / 2)), y.stops, apart * (high - low + 1));
    } else {
      for (let j = low; j <= high; j++) {
        d[j % 3] += this.block(this.x(this.stopAt(j)), y.stops, size);
        if (size >= LETTER) this.label(`${j}`, this.x(this.stopAt(j)), y.stops, "ecgae-in-stop");
      }
    }
    setPaths(this.stops, d);
  }

  // Lines if they can be told apart, otherwise one fan per stop over what its kernel spans.
  drawLinks() {
    const [low, high] = this.reachingStops();
    const count = Math.max(0, high - low + 1);
    this.fans = this.w < CELL || count * this.pic.K > MOST_LINES;
    this.hidden = this.fans && count > MOST_FANS;
    const d = ["", "", ""];
    if (!this.hidden) for (let j = low; j <= high; j++) d[j % 3] += this.linksOf(j);
    setPaths(this.links, d);
    for (const path of this.links) path.classList.toggle("ecgae-fan", this.fans);
  }

  linksOf(j) {
    return this.fans ? this.fan(j) : this.lines(this.pic.cellsUnder(j).map((at) => [j, at]));
  }

  lines(pairs) {
    const [top, bottom] = this.between();
    const line = ([j, at]) => `M${fix(this.x(this.stopAt(j)))} ${top}L${fix(this.x(at))} ${bottom}`;
    return pairs.map(line).join("");
  }

  fan(j) {
    const [top, bottom] = this.between();
    const start = this.pic.first + j * this.pic.step;
    const tip = this.clip(this.x(this.stopAt(j)));
    const left = this.clip(this.x(start) - this.w / 2);
    const right = this.clip(this.x(start + this.pic.reach) + this.w / 2);
    return `M${fix(tip)} ${top}L${fix(left)} ${bottom}H${fix(right)}Z`;
  }

  // Where the space between the rows begins and ends.
  between() {
    return [fix(this.y.stops + this.cell / 2), fix(this.y.cells - this.cell / 2)];
  }

  // Over or under each output, how many inputs it is made of.  Where several outputs share a
  // column of pixels: the largest count pale, the smallest one full.
  drawBars() {
    const { counts } = this.now;
    const highest = counts.reduce((a, b) => Math.max(a, b), 1);
    const [low, high] = this.seenOutputs();
    const step = this.outputAbove ? this.w * this.pic.step : this.w;
    const each = Math.max(1, Math.ceil(1.5 / step)); // outputs per bar
    const wide = step < CELL ? step * each : Math.min(0.84 * step, 2.4 * this.em);
    const up = this.outputAbove ? -1 : 1;
    const base =
      (this.outputAbove ? this.y.stops : this.y.cells) + up * (this.cell / 2 + 0.35 * this.em);
    const scale = (up * (this.barRoom - 1.1 * this.em)) / highest;
    const d = ["", ""];
    for (let n = low; n <= high; n += each) {
      const part = counts.subarray(n, Math.min(n + each, high + 1));
      const x = this.outputX(n + (part.length - 1) / 2);
      d[0] += box(x - wide / 2, base, wide, Math.max(...part) * scale);
      d[1] += box(x - wide / 2, base, wide, Math.min(...part) * scale);
      const y = base + counts[n] * scale + 0.62 * up * this.em;
      if (wide >= LETTER) this.label(String(counts[n]), x, y, "ecgae-count");
    }
    setPaths(this.bars, d);
  }

  // The picked sample and everything it touches.
  drawLit(side, n) {
    const onCells = side === this.pic.cells;
    const at = onCells ? this.pic.positionOf(n) : null;
    const stops = onCells ? this.pic.stopsOver(at) : [n];
    const cells = onCells ? [at] : this.pic.cellsUnder(n);
    const among = (v, [low, high]) => v >= low && v <= high;
    const wide = this.w < CELL ? Math.max(this.w, 1.5) : this.wide;
    const stopBox = (j) => this.block(this.x(this.stopAt(j)), this.y.stops, this.stopSize());
    const cellBox = (c) => this.block(this.x(c), this.y.cells, wide);
    const lit = [
      ...stops.filter((j) => among(j, this.seenStops())).map(stopBox),
      ...cells.filter((c) => among(c, this.seenCells())).map(cellBox),
    ];
    setAttributes(this.lit, { d: lit.join("") });
    const fan = !onCells && this.fans && this.pic.dilation * this.w < CELL;
    const pairs = onCells ? stops.map((j) => [j, at]) : cells.map((c) => [n, c]);
    setAttributes(this.litLinks, { d: fan ? this.fan(n) : this.lines(pairs) });
    this.litLinks.classList.toggle("ecgae-fan", fan);
  }

  // A rectangle of a row, around x.
  block(x, y, wide) {
    return box(x - wide / 2, y - this.cell / 2, wide, this.cell);
  }

  label(text, x, y, name) {
    const room = Math.max(this.wide, name === "ecgae-count" ? 40 : 0) + 0.2 * this.em;
    if (text.length * 0.6 * this.em < room) this.text(text, x, y, name, "middle");
  }

  // What a row is.
  name(text, y) {
    this.text(text, 0.8 * this.em, y, "ecgae-row-name", "start");
  }

  text(text, x, y, name, anchor) {
    const place = { x: fix(x), y: fix(y + 0.35 * this.em), class: name, "text-anchor": anchor };
    svg("text", place, this.texts).textContent = text;
  }
}
