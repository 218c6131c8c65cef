// The draws: above, where each epsilon lies; below, where mu and sigma bring it as z.
import { setAttributes, svg } from "../shared/dom.js";
import { MARKERS } from "../shared/legends.js";
import { followSize } from "../shared/sizes.js";

const PARTS = ["rails", "ways", "eps", "z", "last-way", "last-eps", "last-z"];
const NAMES = ["ε from p", "z = μ + σ·ε"];

export class Draws {
  // axes: the curves' Axes, whose z axis the two rows share.  onSize(): it has another size.
  constructor(parent, axes, onSize) {
    this.axes = axes;
    followSize(parent, (size) => {
      this.size = size;
      onSize();
    });
    this.root = svg("svg", { class: "ecgae-draws-picture", "aria-hidden": "true" }, parent);
    this.parts = {};
    for (const name of PARTS) {
      const path = { class: `ecgae-${name}`, "data-part": name };
      this.parts[name] = svg("path", path, this.root);
    }
    this.names = NAMES.map((text) => {
      const node = svg("text", { class: "ecgae-row-name" }, this.root);
      node.textContent = text;
      return node;
    });
  }

  show(mu, sigma, eps) {
    if (!this.axes.box || !this.size?.width) return;
    const { width, height, em } = this.size;
    setAttributes(this.root, { width, height });
    const d = this.paths(mu, sigma, eps, em, height);
    for (const [name, paths] of Object.entries(d)) {
      setAttributes(this.parts[name], { d: paths.join("") });
    }
    const faint = Math.max(0.12, 0.55 / Math.sqrt(1 + eps.length / 8));
    setAttributes(this.parts.ways, { opacity: faint.toFixed(2) });
    const x = this.axes.box.left + 2;
    setAttributes(this.names[0], { x, y: 1.15 * em });
    setAttributes(this.names[1], { x, y: height - 0.5 * em });
  }

  paths(mu, sigma, eps, em, height) {
    const { left, width } = this.axes.box;
    const [top, bottom] = [1.9 * em, height - 2 * em];
    const x = (v) => (left + this.axes.px(v, 0)[0]).toFixed(2);
    const z = (e) => mu + sigma * e;
    const tick = (v, y) => `M${x(v)} ${y - 0.4 * em}v${0.8 * em}`;
    const dot = (v, y) => `M${x(v)} ${y}${MARKERS[0](0.42 * em)}`;
    const way = (e) => `M${x(e)} ${top}L${x(z(e))} ${bottom}`;
    const last = eps.slice(-1);
    return {
      rails: [top, bottom].map((y) => `M${left} ${y}h${width}`),
      ways: eps.map(way),
      eps: eps.map((e) => tick(e, top)),
      z: eps.map((e) => tick(z(e), bottom)),
      "last-way": last.map(way),
      "last-eps": last.map((e) => dot(e, top)),
      "last-z": last.map((e) => dot(z(e), bottom)),
    };
  }
}
