// Two Gaussians as filled curves; the top of one moves mu, its flanks change sigma.
import { Axes, linePath } from "../shared/axes.js";
import { html, setAttributes, svg } from "../shared/dom.js";
import { drag } from "../shared/drag.js";
import { shown } from "../shared/numbers.js";
import { pdf } from "./normal.js";

const VIEW = [-6, 6]; // z
const POINTS = 481;
const HALF = 22; // px, half of what a finger needs
const HANDLES = { top: 0, left: -1, right: 1 }; // how many sigma from mu

export class Curves {
  // on: { move({ mu or sigma }), end(), key(event, which, sigmas) }: what the hand did.
  constructor(parent, on) {
    this.parent = parent;
    this.on = on;
    const onLayout = () => this.now && this.placeHandles();
    this.axes = new Axes(parent, { xLabel: "z [no unit]", yLabel: "density", onLayout });
    const path = (attributes) => svg("path", attributes, this.axes.data);
    this.curves = {};
    for (const name of ["p", "q"]) {
      const fill = path({ class: `ecgae-fill ecgae-${name}` });
      this.curves[name] = [fill, path({ class: `ecgae-line ecgae-${name}`, "data-line": name })];
    }
    this.middle = path({ class: "ecgae-middle" });
    this.width = path({ class: "ecgae-width" });
    this.handles = Object.keys(HANDLES).map((name) => this.handle(name));
  }

  handle(name) {
    const top = name === "top";
    const label = top ? "mu, middle of q" : `sigma, width of q, ${name} flank`;
    const slider = { role: "slider", tabindex: 0, "aria-label": label };
    const node = html("div", { class: `ecgae-handle ecgae-${name}`, ...slider });
    this.parent.append(node);
    node.addEventListener("keydown", (e) => this.on.key(e, top ? "mu" : "sigma", HANDLES[name]));
    let off = 0; // how far the pointer is from the mark
    drag(node, {
      start: (event) => {
        off = this.axes.areaFromClient(event.clientX, 0)[0] - this.place(HANDLES[name])[0];
        node.focus({ preventScroll: true });
        event.preventDefault();
      },
      move: (event) => {
        const [z] = this.axes.fromClient(event.clientX - off, event.clientY);
        this.on.move(top ? { mu: z } : { sigma: (z - this.now.mu) * HANDLES[name] });
      },
      end: () => this.on.end(),
    });
    return node;
  }

  show(mu, sigma) {
    this.now = { mu, sigma };
    const peak = pdf(mu, mu, sigma);
    this.axes.setRange(VIEW, [0, Math.max(0.56, 1.2 * peak)]);
    this.drawCurve("p", 0, 1);
    this.drawCurve("q", mu, sigma);
    setAttributes(this.middle, { d: `M${mu} 0V${peak}` });
    const flank = pdf(mu + sigma, mu, sigma);
    const to = (z) => `M${mu} ${flank}H${z}`;
    setAttributes(this.width, { d: to(mu + sigma) + to(mu - sigma) });
    this.placeHandles();
  }

  // Points lie close where the curve bends: in steps of sigma, out to the edges.
  drawCurve(name, mu, sigma) {
    const place = (_, i) => mu + sigma * (i / (POINTS - 1) - 0.5) * 12;
    const dense = Array.from({ length: POINTS }, place);
    const z = [Math.min(VIEW[0], dense[0]), ...dense, Math.max(VIEW[1], dense.at(-1))];
    const heights = z.map((v) => pdf(v, mu, sigma));
    const rounded = z.map((v) => Number(v.toFixed(5)));
    for (const path of this.curves[name]) setAttributes(path, { d: linePath(rounded, heights) });
  }

  // Pixels, in the area, of the point n sigma from mu on the curve.
  place(n) {
    const { mu, sigma } = this.now;
    const z = mu + n * sigma;
    return this.axes.px(z, pdf(z, mu, sigma));
  }

  // Where q is narrow the flanks' handles are close; what can be touched reaches only to mu.
  placeHandles() {
    const { mu, sigma } = this.now;
    const { box } = this.axes;
    if (!box) return;
    const inner = Math.min(HALF, this.place(1)[0] - this.place(0)[0]);
    Object.values(HANDLES).forEach((n, i) => {
      const z = mu + n * sigma;
      const [x, y] = this.place(n);
      const [node, value] = [this.handles[i], n ? sigma : mu];
      const away = n * (HALF - inner); // of the box from its mark
      node.style.transform = `translate(${box.left + x + away}px, ${box.top + y}px)`;
      node.style.setProperty("--mark", `${-away}px`);
      node.style.visibility = z < VIEW[0] || z > VIEW[1] ? "hidden" : "";
      setAttributes(node, { "aria-valuenow": value.toFixed(2), "aria-valuetext": shown(value) });
    });
  }
}
