// How the numbers of a signal are written: its unit, its digits, and what lies at t = 0.
import { shown } from "./numbers.js";

const LONG = 10_000; // ms: the time of what lasts longer is in seconds

const label = (name, unit) => (unit ? `${name} [${unit}]` : name);
const written = (number, unit) => (unit ? `${number} ${unit}` : number);
const squared = (unit) => (/^\p{L}*$/u.test(unit) ? unit && `${unit}²` : `(${unit})²`);

// Millivolts have 2 digits and their squares 4, and curves of errors show thousandths of them; in
// another unit the digits follow the range.
export function unitsOf({ unit, origin, ms, range: [low, high] }) {
  const seconds = ms.at(-1) - ms[0] > LONG;
  const milli = unit === "mV";
  const digits = milli ? 2 : Math.max(0, 2 - Math.floor(Math.log10(high - low || 1)));
  const square = squared(unit);
  const ofCurve = milli ? "10⁻³ mV²" : square;
  return {
    timeLabel: label(`time after ${origin}`, seconds ? "s" : "ms"),
    signalLabel: label(/V$/.test(unit) ? "voltage" : "signal", unit),
    errorLabel: label("error", ofCurve),
    distortionLabel: label("distortion", ofCurve),
    onCurve: (error) => (milli ? 1000 : 1) * error,
    onAxis: (t) => (seconds ? t / 1000 : t),
    time: (t) => (seconds ? `${shown(t / 1000, 1)} s` : `${shown(t, 0)} ms`),
    value: (v) => written(shown(v, digits), unit),
    error: (v) => written(shown(v, 2 * digits), square),
    digits,
  };
}
