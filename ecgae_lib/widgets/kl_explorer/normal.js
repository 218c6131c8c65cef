// Gaussians in one dimension: numbers only, no DOM, so that node tests it alone.

export const pdf = (z, mu, sigma) =>
  Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));

// D_KL(N(mu, sigma^2) || N(0, 1)) in nats, and its two parts.
export function divergence(mu, sigma) {
  const distance = mu ** 2 / 2;
  const size = (sigma ** 2 - 2 * Math.log(sigma) - 1) / 2;
  return { distance, size, kl: distance + size };
}

// The mean of log q(z) - log p(z) over draws z = mu + sigma * eps.
export function estimate(mu, sigma, eps) {
  const terms = eps.map((e) => -Math.log(sigma) - 0.5 * e ** 2 + 0.5 * (mu + sigma * e) ** 2);
  return terms.reduce((a, b) => a + b, 0) / terms.length;
}

// One draw from N(0, 1) by the method of Box and Muller (1958); `random` gives [0, 1).
export function draw(random = Math.random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
