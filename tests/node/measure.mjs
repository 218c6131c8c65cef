// stdin: { ms, beats, codes, spread, scale, z, extent, size }   stdout: everything measured on them
import { readFileSync } from "node:fs";
import * as measure from "../../ecgae_lib/widgets/shared/measure.js";

const given = JSON.parse(readFileSync(0, "utf8"));
const { ms, beats, codes, spread, scale, z, extent, size } = given;
console.log(
  JSON.stringify({
    r: beats.map((x) => measure.rPeak(ms, x)),
    width: beats.map((x) => measure.qrsWidth(ms, x)),
    t: beats.map((x) => measure.tWave(ms, x)),
    nearest: z.map((point) => measure.nearest(codes, point, scale)),
    density: Array.from(measure.density(codes, spread, extent, size)),
    kernelDensity: Array.from(measure.density(codes, null, extent, size)),
  }),
);
