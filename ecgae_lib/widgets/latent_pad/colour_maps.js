// Colour maps: one property of the decoded beat as a colour at every point of the latent plane.
import { qrsWidth, rPeak, tWave } from "../shared/measure.js";
import { between, clamp } from "../shared/numbers.js";
import { cssColour, rgb } from "../shared/theme.js";
import { cellMiddle } from "../shared/underlay.js";

const SIZE = 40; // decoded beats per side
const SLICE = 10; // ms of work in one frame
const CIVIDIS = ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"];

export const COLOUR_MAPS = {
  "R amplitude": { unit: "mV", digits: 1, measure: (ms, x) => rPeak(ms, x).amplitude },
  "QRS width": { unit: "ms", digits: 0, measure: qrsWidth },
  "T wave": { unit: "mV", digits: 1, measure: tWave, signed: true },
};

// Measure what is decoded in each cell of the map, a few at a time, so that no frame is late: call
// progress(share) after each of them, and done(values) in the end.  Returns a function that cancels.
export function computeField(measure, decode, ms, extent, { progress, done }) {
  const values = new Float32Array(SIZE * SIZE);
  let n = 0;
  let frame = 0;
  const work = () => {
    const until = performance.now() + SLICE;
    for (; n < values.length && performance.now() < until; n++) {
      values[n] = measure(ms, decode(cellMiddle(n, SIZE, extent)));
    }
    progress(n / values.length);
    if (n < values.length) frame = requestAnimationFrame(work);
    else done(values);
  };
  work();
  return () => cancelAnimationFrame(frame);
}

// The colours of a field: stops, and the values at both ends (without the outermost 2 %).
export function colourScale(values, signed, root) {
  const sorted = Float32Array.from(values).sort();
  const [low, high] = [0.02, 0.98].map((q) => sorted[Math.floor(q * (sorted.length - 1))]);
  if (!signed) return { low, high, stops: CIVIDIS };
  const most = Math.max(-low, high);
  const stops = ["negative", "paper", "positive"].map((name) => cssColour(root, name));
  return { low: -most, high: most, stops };
}

export function paintField(values, { low, high, stops }) {
  const colours = stops.map((stop) => Array.from(rgb(stop)));
  const paint = (data) => {
    values.forEach((value, n) => {
      const t = clamp((value - low) / (high - low || 1), [0, 1]) * (stops.length - 1);
      const i = Math.min(Math.floor(t), stops.length - 2);
      data.set([...between(colours[i], colours[i + 1], t - i), 255], 4 * n);
    });
  };
  return { size: SIZE, paint };
}
