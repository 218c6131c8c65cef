// Two Gaussians as filled curves; the top of one moves mu, its flanks change sigma.
import { focusable } from "./controls.js";
import { pdf } from "./normal.js";
import { Axes, html, linePath, set, shown, svg } from "./plot.js";

export const VIEW = [-6, 6]; // z
const POINTS = 481;
const HALF = 22; // px, half of what a finger needs
const HANDLES = { top: 0, left: -1, right: 1 }; // how many sigma from mu

export class Curves {
  // on: { mu(value), sigma(value), end(), key(event, which) }: what the hand did.
  constructor(parent, on) {
    this.parent = parent;
    this.on = on;
    this.axes = new Axes(parent, { xLabel: "z [no unit]", yLabel: "density",
      onLayout: () => this.now && this.placeHandles() });
    const { data } = this.axes;
    this.curves = Object.fromEntries(["p", "q"].map((name) => [name, [
      svg("path", { class: `ecgae-fill ecgae-${name}` }, data),
      svg("path", { class: `ecgae-line ecgae-${name}`, "data-line": name }, data),
    ]]));
    this.middle = svg("path", { class: "ecgae-middle" }, data);
    this.width = svg("path", { class: "ecgae-width" }, data);
    this.handles = Object.keys(HANDLES).map((name) => this.handle(name));
  }

  handle(name) {
    const top = name === "top";
    const node = focusable(html("div", {
      class: `ecgae-handle ecgae-${name}`, role: "slider", tabindex: 0,
      "aria-label": top ? "mu, middle of q" : `sigma, width of q, ${name} flank`,
    }));
    this.parent.append(node);
    this.drag(node, name);
    node.addEventListener("keydown", (e) => this.on.key(e, top ? "mu" : "sigma", HANDLES[name]));
    return node;
  }

  drag(node, name) {
    let grip = null;
    node.addEventListener("pointerdown", (e) => {
      if (e.button !== 0 || grip) return;
      const x = this.parent.getBoundingClientRect().left + this.place(HANDLES[name])[0];
      grip = { id: e.pointerId, off: e.clientX - x };
      node.setPointerCapture(e.pointerId);
      node.focus({ preventScroll: true });
      e.preventDefault();
    });
    node.addEventListener("pointermove", (e) => {
      if (e.pointerId !== grip?.id) return;
      const [z] = this.axes.fromClient(e.clientX - grip.off, e.clientY);
      if (name === "top") this.on.mu(z);
      else this.on.sigma((z - this.now.mu) * HANDLES[name]);
    });
    const release = (e) => {
      if (e.pointerId !== grip?.id) return;
      grip = null;
      this.on.end();
    };
    node.addEventListener("pointerup", release);
    node.addEventListener("pointercancel", release);
  }

  show(mu, sigma) {
    this.now = { mu, sigma };
    const peak = pdf(mu, mu, sigma);
    this.axes.setRange(VIEW, [0, Math.max(0.56, 1.2 * peak)]);
    this.drawCurve("p", 0, 1);
    this.drawCurve("q", mu, sigma);
    set(this.middle, { d: `M${mu} 0V${peak}` });
    const flank = pdf(mu + sigma, mu, sigma);
    set(this.width, { d: `M${mu} ${flank}H${mu + sigma}M${mu} ${flank}H${mu - sigma}` });
    this.placeHandles();
  }

  // Points lie close where the curve bends: in steps of sigma, out to the edges.
  drawCurve(name, mu, sigma) {
    const dense = Array.from({ length: POINTS }, (_, i) => mu + sigma * (i / (POINTS - 1) - 0.5) * 12);
    const z = [Math.min(VIEW[0], dense[0]), ...dense, Math.max(VIEW[1], dense.at(-1))];
    const d = linePath(z.map((v) => Number(v.toFixed(5))), z.map((v) => pdf(v, mu, sigma)));
    for (const path of this.curves[name]) set(path, { d });
  }

  // Pixels of the point n sigma from mu on the curve.
  place(n) {
    const { mu, sigma } = this.now;
    const { left, top } = this.axes.box;
    const z = mu + n * sigma;
    const [x, y] = this.axes.px(z, pdf(z, mu, sigma));
    return [left + x, top + y];
  }

  // Where q is narrow the flanks' handles are close; what can be touched reaches only to mu.
  placeHandles() {
    const { mu, sigma } = this.now;
    if (!this.axes.box) return;
    const inner = Math.min(HALF, this.place(1)[0] - this.place(0)[0]);
    Object.values(HANDLES).forEach((n, i) => {
      const z = mu + n * sigma;
      const [x, y] = this.place(n);
      const [node, value] = [this.handles[i], n ? sigma : mu];
      const away = n * (HALF - inner); // of the box from its mark
      node.style.transform = `translate(${x + away}px, ${y}px)`;
      node.style.setProperty("--mark", `${-away}px`);
      node.style.visibility = z < VIEW[0] || z > VIEW[1] ? "hidden" : "";
      set(node, { "aria-valuenow": value.toFixed(2), "aria-valuetext": shown(value) });
    });
  }

  remove() {
    this.axes.remove();
  }
}
