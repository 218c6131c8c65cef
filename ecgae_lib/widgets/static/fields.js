// One property of the decoded beat as a colour at every point of the map.
import { rgb } from "./latent_map.js";
import { qrsWidth, rPeak, tWave } from "./measure.js";
import { color } from "./plot.js";

const SIZE = 40; // decoded beats per side
const CIVIDIS = ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"];

export const FIELDS = {
  "R amplitude": { unit: "mV", digits: 1, measure: (ms, x) => rPeak(ms, x).amplitude },
  "QRS width": { unit: "ms", digits: 0, measure: qrsWidth },
  "T wave": { unit: "mV", digits: 1, measure: tWave, signed: true },
};

// Decode the map's cells a few at a time, so that no frame is late; then call done(values).
// Returns a function that cancels.
export function computeField(measure, decode, ms, [[left, right], [bottom, top]], done) {
  const values = new Float32Array(SIZE * SIZE);
  let n = 0;
  let frame = 0;
  const work = () => {
    for (const until = performance.now() + 10; n < values.length && performance.now() < until; n++) {
      const u = ((n % SIZE) + 0.5) / SIZE;
      const v = (Math.floor(n / SIZE) + 0.5) / SIZE;
      values[n] = measure(ms, decode([left + u * (right - left), top - v * (top - bottom)]));
    }
    if (n < values.length) frame = requestAnimationFrame(work);
    else done(values);
  };
  work();
  return () => cancelAnimationFrame(frame);
}

// The colours of a field: stops, and the values at both ends (without the outermost 2 %).
export function fieldScale(values, signed, root) {
  const sorted = Float32Array.from(values).sort();
  const [low, high] = [0.02, 0.98].map((q) => sorted[Math.floor(q * (sorted.length - 1))]);
  if (!signed) return { low, high, stops: CIVIDIS };
  const most = Math.max(-low, high);
  const stops = [color(root, "negative"), color(root, "paper"), color(root, "positive")];
  return { low: -most, high: most, stops };
}

export function paintField(values, { low, high, stops }) {
  const colors = stops.map(rgb);
  return {
    size: SIZE,
    paint: (data) => {
      values.forEach((value, n) => {
        const t = Math.min(1, Math.max(0, (value - low) / (high - low || 1))) * (stops.length - 1);
        const i = Math.min(Math.floor(t), stops.length - 2);
        for (let k = 0; k < 3; k++) {
          data[4 * n + k] = colors[i][k] + (t - i) * (colors[i + 1][k] - colors[i][k]);
        }
        data[4 * n + 3] = 255;
      });
    },
  };
}
