// What is measured on beats and on the map: numbers only, no DOM, so that node tests it alone.
import { pair } from "./numbers.js";

// The largest value within some ms of 0: index, time in ms, amplitude in the signal's unit.
export function highest(ms, x, within = Infinity) {
  let index = -1;
  for (let i = 0; i < x.length; i++) {
    if (Math.abs(ms[i]) <= within && (index < 0 || x[i] > x[index])) index = i;
  }
  index = Math.max(index, 0);
  return { index, time: ms[index], amplitude: x[index] };
}

export const rPeak = (ms, x) => highest(ms, x, 80);

// The lowest value on one side of a peak before something higher comes, and where.
function foot(x, peak, direction) {
  let lowest = peak;
  for (let i = peak; i >= 0 && i < x.length && x[i] <= x[peak]; i += direction) {
    if (x[i] < x[lowest]) lowest = i;
  }
  return lowest;
}

// Where x falls below `height` on one side of a peak, between two samples.
function crossing(x, peak, height, limit, direction) {
  let i = peak;
  while (i !== limit && height < x[i]) i += direction;
  return x[i] < height ? i - (direction * (height - x[i])) / (x[i - direction] - x[i]) : i;
}

// How long the R wave stays above half of its height over its foot, in ms: beats.qrs_width.
export function qrsWidth(ms, x) {
  const { index: peak } = rPeak(ms, x);
  const left = foot(x, peak, -1);
  const right = foot(x, peak, 1);
  const height = (x[peak] + Math.max(x[left], x[right])) / 2;
  const samples = crossing(x, peak, height, right, 1) - crossing(x, peak, height, left, -1);
  return samples * (ms[1] - ms[0]);
}

// Half of the samples lie below it: where a beat rests.
function median(x) {
  const [low, high] = [Math.floor((x.length - 1) / 2), Math.floor(x.length / 2)];
  const sorted = Float64Array.from(x).sort();
  return (sorted[low] + sorted[high]) / 2;
}

// The T wave: the mean 180 to 320 ms after R, over the level where the beat rests, in mV.  A mean,
// not an extreme value: that would jump from one wave to another.
export function tWave(ms, x) {
  const part = Array.from(x).filter((_, i) => ms[i] >= 180 && ms[i] <= 320);
  return part.reduce((sum, v) => sum + v, 0) / part.length - median(x);
}

export function meanSquaredError(x, y) {
  return x.reduce((sum, v, i) => sum + (v - y[i]) ** 2, 0) / x.length;
}

// The training beat whose code is nearest to z, each axis in units of `scale`.
export function nearest(codes, z, scale) {
  let index = -1;
  let least = Infinity;
  for (let n = 0; n < codes.length / 2; n++) {
    const [u, v] = pair(codes, n);
    const d = Math.hypot((u - z[0]) / scale[0], (v - z[1]) / scale[1]);
    if (d < least) [index, least] = [n, d];
  }
  return { index, distance: least };
}

// Scott's rule: the width of a kernel density estimate of the codes, one per axis.
function scott(codes, weight, n) {
  return [0, 1].map((axis) => {
    let sum = 0;
    let squares = 0;
    for (let i = axis; i < codes.length; i += 2) {
      sum += weight(i >> 1) * codes[i];
      squares += weight(i >> 1) * codes[i] ** 2;
    }
    const variance = Math.max((squares - sum ** 2 / n) / (n - 1), 1e-12);
    return Math.sqrt(variance) * n ** (-1 / 6);
  });
}

// The aggregate posterior, the mean of all q(z|x), on size x size cells, first row at the top.
// Without posteriors: a kernel density estimate of the codes.  No bump narrower than a cell.
// weights: how many beats each stands for, or null.
export function density(codes, spread, [[left, right], [bottom, top]], size, weights = null) {
  const cell = [(right - left) / size, (top - bottom) / size];
  const weight = (n) => (weights ? weights[n] : 1);
  const total = weights ? weights.reduce((sum, n) => sum + n, 0) : codes.length / 2;
  const kernel = spread ? null : scott(codes, weight, total);
  const grid = new Float32Array(size * size);
  for (let n = 0; n < codes.length; n += 2) {
    const sx = Math.max((spread ? spread[n] : kernel[0]) / cell[0], 1);
    const sy = Math.max((spread ? spread[n + 1] : kernel[1]) / cell[1], 1);
    const x = (codes[n] - left) / cell[0] - 0.5; // in cells
    const y = (top - codes[n + 1]) / cell[1] - 0.5;
    const area = 2 * Math.PI * sx * sy * cell[0] * cell[1];
    const height = weight(n >> 1) / (area * total);
    const [left0, columns] = bump(x, sx, size);
    const [top0, rows] = bump(y, sy, size);
    for (let r = 0; r < rows.length; r++) {
      const start = (top0 + r) * size + left0;
      const row = height * rows[r];
      for (let c = 0; c < columns.length; c++) grid[start + c] += row * columns[c];
    }
  }
  return grid;
}

// A bump around `middle`, 1 there, on the cells that lie within 4 widths of it: [first cell, values].
function bump(middle, width, size) {
  const first = Math.max(0, Math.ceil(middle - 4 * width));
  const count = Math.min(size - 1, Math.floor(middle + 4 * width)) - first + 1;
  const values = new Float64Array(Math.max(0, count));
  for (let n = 0; n < values.length; n++) {
    values[n] = Math.exp(-0.5 * ((first + n - middle) / width) ** 2);
  }
  return [first, values];
}
