// stdin: { steps, packed: { levels, steps } (base64), z }   stdout: the decoded beats
import { readFileSync } from "node:fs";
import { expand, makeDecoder } from "../../ecgae_lib/widgets/shared/decoder.js";

const { steps, packed, z } = JSON.parse(readFileSync(0, "utf8"));
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
const weights = expand(new Int16Array(bytes(packed.levels)), new Float32Array(bytes(packed.steps)));
const decode = makeDecoder(steps, weights);
console.log(JSON.stringify(z.map((point) => Array.from(decode(point)))));
