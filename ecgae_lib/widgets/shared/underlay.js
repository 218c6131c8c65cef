// What lies under the points of a map: a density, a colour map, or a grid of decoded beats.
import { linePath } from "./axes.js";
import { svg } from "./dom.js";
import { density } from "./measure.js";
import { cssColour, rgb } from "./theme.js";

const CELLS = 96; // of the density
const BEATS = 9; // decoded beats per side

// Where cell n of size x size lies in a range: n counts from the upper left.
export function cellMiddle(n, size, [[left, right], [bottom, top]]) {
  const u = ((n % size) + 0.5) / size;
  const v = (Math.floor(n / size) + 0.5) / size;
  return [left + u * (right - left), top - v * (top - bottom)];
}

// Paint size x size cells; paint(data) fills their RGBA.  The browser smooths them when it
// stretches the canvas.
export function fillCells(canvas, size, paint) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  paint(image.data);
  context.putImageData(image, 0, 0);
}

// The densities of codes that were shown before, each over the range that it was made for.
const known = new WeakMap();

function densityOf({ codes, spread, weights, axes }) {
  const found = known.get(codes);
  if (found?.over === String(axes.range)) return found.heights;
  const heights = density(codes, spread, axes.range, CELLS, weights);
  known.set(codes, { heights, over: String(axes.range) });
  return heights;
}

// One colour whose opacity follows the square root of the density.
export function paintDensity(canvas, map) {
  const heights = densityOf(map);
  const [r, g, b] = rgb(cssColour(canvas, "density"));
  const most = Math.max(...heights);
  fillCells(canvas, CELLS, (data) => {
    for (let n = 0, at = 0; n < heights.length; n++) {
      data[at++] = r;
      data[at++] = g;
      data[at++] = b;
      data[at++] = 255 * Math.sqrt(heights[n] / most);
    }
  });
}

// The beats that a decoder draws at the middles of 9 x 9 cells.  range: lowest and highest value.
export function drawBeatGrid(parent, axes, { decode, range: [low, high] }) {
  const { range, box } = axes;
  const [width, height] = [box.width / BEATS, box.height / BEATS];
  for (let n = 0; n < BEATS * BEATS; n++) {
    const z = cellMiddle(n, BEATS, range);
    const x = decode(z).filter((_, i) => i % 4 === 0);
    const across = Array.from(x, (_, i) => Math.round((i / x.length - 0.5) * 0.84 * width));
    const up = x.map((value) => (-1.6 * value * height) / (high - low));
    const [left, top] = axes.px(...z);
    const transform = `translate(${left} ${top + 0.2 * height})`;
    svg("path", { d: linePath(across, up), transform }, parent);
  }
}
