// The settings of a convolution: their controls, and examples to start from, which answer no
// question that a lesson asks.
import { slider } from "../shared/controls.js";
import { html } from "../shared/dom.js";
import { clamp } from "../shared/numbers.js";

// name, its letter, least value, where the slider ends before a larger value is typed
export const SETTINGS = [
  ["length", "L_in", 1, 24],
  ["kernel_size", "k", 1, 12],
  ["stride", "s", 1, 8],
  ["padding", "p", 0, 8],
  ["dilation", "d", 1, 6],
  ["output_padding", "p_out", 0, 7],
];
const MOST = 1000;

const PLAIN = { kind: "conv", stride: 1, padding: 0, dilation: 1, output_padding: 0 };
const conv = (length, kernel_size, rest) => ({ ...PLAIN, length, kernel_size, ...rest });
const back = (...settings) => ({ ...conv(...settings), kind: "conv_transpose" });

export const EXAMPLES = [
  ["10 samples, stride 2, padding 1", conv(10, 3, { stride: 2, padding: 1 })],
  ["a kernel with holes (dilation 3)", conv(14, 3, { dilation: 3 })],
  ["the lecture's first layer, 450 samples", conv(450, 5, { stride: 3, padding: 2 })],
  ["and back: 150 samples", back(150, 5, { stride: 3, padding: 2 })],
  ["6 samples, kernel 3, stride 2", back(6, 3, { stride: 2 })],
  ["6 samples, kernel 5, stride 3", back(6, 5, { stride: 3 })],
  ["4 samples, dilation 2", back(4, 3, { stride: 3, dilation: 2 })],
  ["does not fit", conv(12, 5, { dilation: 4 })],
];

// A slider for small values and a field for any value.
export class Setting {
  // change(value): it was changed by hand.
  constructor([name, sign, min, small], change) {
    Object.assign(this, { name, small });
    const [letter, sub = ""] = sign.split("_");
    const label = html("span", {}, `${name} `, html("i", {}, letter), html("sub", {}, sub));
    const range = slider(label, name, { min, max: small }, change);
    const any = { type: "number", min, max: MOST, "aria-label": `${name}, any value` };
    const field = html("input", any);
    field.addEventListener("change", () => {
      const value = Math.round(Number(field.value));
      field.value = Number.isFinite(value) ? clamp(value, [min, MOST]) : min;
      change(Number(field.value));
    });
    range.node.append(field);
    Object.assign(this, { node: range.node, input: range.input, field });
  }

  show(value) {
    const { input, field, small } = this;
    if (value > Number(input.max)) input.max = value;
    else if (value <= small && !input.matches(":active")) input.max = small;
    input.value = value;
    if (!field.matches(":focus")) field.value = value;
  }
}
