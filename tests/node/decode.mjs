// stdin: { steps, weights or { levels, steps } (base64), z: [[z1, z2], ...] }
// stdout: the decoded beats
import { readFileSync } from "node:fs";
import { expand, makeDecoder } from "../../ecgae_lib/widgets/shared/decoder.js";

const { steps, weights, compact, z } = JSON.parse(readFileSync(0, "utf8"));
const typed = (Kind, text) => new Kind(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const floats = compact
  ? expand(typed(Int16Array, compact.levels), typed(Float32Array, compact.steps))
  : typed(Float32Array, weights);
const decode = makeDecoder(steps, floats);
console.log(JSON.stringify(z.map((point) => Array.from(decode(point)))));
