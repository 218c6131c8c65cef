// stdin: { points: [[mu, sigma], ...], z, eps, n }   stdout: what the page computes of them
import { readFileSync } from "node:fs";
import { divergence, draw, estimate, pdf } from "../../ecgae_lib/widgets/kl_explorer/normal.js";

const { points, z, eps, n } = JSON.parse(readFileSync(0, "utf8"));
console.log(
  JSON.stringify({
    divergence: points.map(([mu, sigma]) => divergence(mu, sigma)),
    pdf: points.map(([mu, sigma]) => z.map((v) => pdf(v, mu, sigma))),
    estimate: points.map(([mu, sigma]) => estimate(mu, sigma, eps)),
    draws: Array.from({ length: n }, () => draw()),
    worst: [draw(() => 0), draw(() => 1 - 2 ** -53)],
  }),
);
