// Where the cells and the stops of a picture lie, in pixels: no DOM.
import { clamp } from "../shared/numbers.js";

export const CELL = 9; // px: narrower cells become a band
const ROOMY = 76; // px: a cell is not made wider
const ZOOMED = 3.6; // em: as wide as zoom makes it

export class Geometry {
  // zoom: 0 shows everything, 1 the widest cells around the picked sample.
  layout({ pic, picked, zoom }, { width, height, em }) {
    Object.assign(this, { pic, em, outputAbove: pic.cells === "input", barRoom: 3.4 * em });
    const margin = 0.8 * em;
    const room = width - 2 * margin;
    const { size } = pic;
    const fit = Math.min(ROOMY, room / size);
    const w = fit * Math.max(1, (ZOOMED * em) / fit) ** zoom;
    const visible = Math.min(size, room / w);
    this.w = w;
    this.from = clamp(this.middle(picked) + 0.5 - visible / 2, [0, size - visible]);
    this.to = this.from + visible;
    this.left = w * size < room ? (width - w * size) / 2 : margin;
    this.cell = w < CELL ? 1.5 * em : Math.min(0.84 * w, 2.4 * em);
    const digits = String(Math.max(pic.real, pic.stops) - 1).length;
    this.wide = w < CELL ? this.cell : Math.min(0.84 * w, Math.max(2.4, 0.64 * digits) * em);
    const edge = 1.9 * em + this.cell / 2;
    const bars = this.barRoom + 0.6 * em;
    const [above, below] = this.outputAbove ? [bars, 0] : [0, bars];
    this.y = { stops: edge + above, cells: height - edge - below };
  }

  // The position that stays in the middle of the window.
  middle(picked) {
    if (!picked) return (this.pic.size - 1) / 2;
    const [side, n] = picked;
    return side === this.pic.cells ? this.pic.positionOf(n) : this.stopAt(n);
  }

  x(position) {
    return this.left + (position + 0.5 - this.from) * this.w;
  }

  stopAt(j) {
    return this.pic.first + j * this.pic.step + this.pic.reach / 2;
  }

  // Where output n lies.
  outputX(n) {
    return this.x(this.outputAbove ? this.stopAt(n) : this.pic.positionOf(n));
  }

  clip(x) {
    return clamp(x, [this.left, this.left + (this.to - this.from) * this.w]);
  }

  // First and last stop, first and last cell, first and last output of which something is seen.
  seenStops() {
    const { first, step, reach, stops } = this.pic;
    const low = Math.ceil((this.from - 0.5 - first - reach / 2) / step);
    const high = Math.floor((this.to - 0.5 - first - reach / 2) / step);
    return [Math.max(0, low), Math.min(stops - 1, high)];
  }

  seenCells() {
    return [Math.max(0, Math.floor(this.from)), Math.min(this.pic.size, Math.ceil(this.to)) - 1];
  }

  seenOutputs() {
    if (this.outputAbove) return this.seenStops();
    const [low, high] = this.seenCells();
    return [
      Math.max(0, low - this.pic.before),
      Math.min(this.pic.real - 1, high - this.pic.before),
    ];
  }

  // First and last stop whose kernel reaches into the window, itself perhaps outside.
  reachingStops() {
    const { first, step, reach, stops } = this.pic;
    const [low, high] = this.seenCells();
    const last = Math.floor((high - first) / step);
    return [Math.max(0, Math.ceil((low - first - reach) / step)), Math.min(stops - 1, last)];
  }

  // The sample [side, n] at a place in the picture; null where there is none.
  sampleNear(x, y) {
    const { pic } = this;
    const position = (x - this.left) / this.w + this.from - 0.5;
    if (Math.abs(y - this.y.stops) < Math.abs(y - this.y.cells)) {
      const j = Math.round((position - pic.first - pic.reach / 2) / pic.step);
      return [this.outputAbove ? "output" : "input", clamp(j, [0, pic.stops - 1])];
    }
    const n = pic.sampleAt(clamp(Math.round(position), [0, pic.size - 1]));
    return n === null ? null : [pic.cells, n];
  }

  stopSize() {
    return Math.max(Math.min(0.84 * this.w * this.pic.step, Math.max(this.wide, CELL)), 1.5);
  }
}
