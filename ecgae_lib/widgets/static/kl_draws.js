// The draws: above, where each epsilon lies; below, where mu and sigma bring it as z.
import { set, svg } from "./plot.js";

export class Draws {
  // axes: the curves' Axes, whose z axis the two rows share.
  constructor(parent, axes) {
    this.parent = parent;
    this.axes = axes;
    this.root = svg("svg", { class: "ecgae-draws-picture", "aria-hidden": "true" }, parent);
    const path = (name) => svg("path", { class: `ecgae-${name}`, "data-part": name }, this.root);
    this.parts = Object.fromEntries(["rails", "ways", "eps", "z", "last-way", "last-eps", "last-z"].map((name) => [name, path(name)]));
    this.names = [0, 1].map(() => svg("text", { class: "ecgae-row-name" }, this.root));
    this.names[0].textContent = "ε from p";
    this.names[1].textContent = "z = μ + σ·ε";
  }

  show(mu, sigma, eps) {
    const { box } = this.axes;
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!box || !width) return;
    const em = parseFloat(getComputedStyle(this.parent).fontSize);
    const [top, bottom] = [1.9 * em, height - 2 * em];
    const x = (v) => (box.left + this.axes.px(v, 0)[0]).toFixed(2);
    const tick = (v, y, half) => `M${x(v)} ${y - half}v${2 * half}`;
    const dot = (v, y, r) => `M${x(v)} ${y}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    const way = (e) => `M${x(e)} ${top}L${x(mu + sigma * e)} ${bottom}`;
    const last = eps.slice(-1);
    set(this.root, { width, height });
    const d = {
      rails: `M${box.left} ${top}h${box.width}M${box.left} ${bottom}h${box.width}`,
      ways: eps.map(way),
      eps: eps.map((e) => tick(e, top, 0.4 * em)),
      z: eps.map((e) => tick(mu + sigma * e, bottom, 0.4 * em)),
      "last-way": last.map(way),
      "last-eps": last.map((e) => dot(e, top, 0.42 * em)),
      "last-z": last.map((e) => dot(mu + sigma * e, bottom, 0.42 * em)),
    };
    for (const [name, value] of Object.entries(d)) set(this.parts[name], { d: [].concat(value).join("") });
    const faint = Math.max(0.12, 0.55 / Math.sqrt(1 + eps.length / 8));
    set(this.parts.ways, { opacity: faint.toFixed(2) });
    set(this.names[0], { x: box.left + 2, y: top - 0.75 * em });
    set(this.names[1], { x: box.left + 2, y: bottom + 1.5 * em });
  }

  remove() {
    this.root.remove();
  }
}
