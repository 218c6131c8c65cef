// stdin: { steps, weights (base64), z: [[z1, z2], ...] }   stdout: the decoded beats
import { readFileSync } from "node:fs";
import { makeDecoder } from "../../ecgae_lib/widgets/shared/decoder.js";

const { steps, weights, z } = JSON.parse(readFileSync(0, "utf8"));
const decode = makeDecoder(
  steps,
  new Float32Array(Uint8Array.from(Buffer.from(weights, "base64")).buffer),
);
console.log(JSON.stringify(z.map((point) => Array.from(decode(point)))));
