// The KL explorer: q against p, the divergence in its two parts, and draws that follow q.

import { button, controlGroup, slider } from "../shared/controls.js";
import { div, html } from "../shared/dom.js";
import { clearFormula, formula, letter, showFormula } from "../shared/formula.js";
import { legendList, swatch } from "../shared/legends.js";
import { clamp, shown } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";
import { Curves } from "./curves.js";
import { Draws } from "./draws.js";
import { divergence, draw, estimate } from "./normal.js";

const RANGE = { mu: [-5, 5], sigma: [0.05, 3] };
const MOST = 500; // draws
const FULL = 3; // nats: the bar's scale grows when the divergence does
const [MU, SIGMA, D, Z, EPS] = [["μ"], ["σ"], ["D", "KL"], ["z"], ["ε"]].map((l) => letter(...l));
const BARS = { distance: "distance of the middles, μ²/2", size: "size, (σ² − log σ² − 1)/2" };

const clean = (value) => Number(value.toFixed(4));
// A negative number inside a formula stands in brackets.
const inside = (value) => (value < 0 ? `(${shown(value)})` : shown(value));
const hidden = (name, ...children) =>
  html("div", { class: name, "aria-hidden": "true" }, ...children);

// The divergence with letters or with numbers.
function divergenceOf(mu, sigma) {
  const distance = { over: [mu, "²"], under: [2] };
  const size = { over: formula`${sigma}² − log ${sigma}² − 1`, under: [2] };
  return formula`${distance} + ${size}`;
}

class KLExplorer extends View {
  static classes = "ecgae-explorer ecgae-kl-explorer";
  static label = "KL explorer: drag the curve";
  static traits = ["mu", "sigma", "eps"];

  build() {
    const [curves, draws] = [div("ecgae-curve-plot"), div("ecgae-draw-plot")];
    this.letters = div("ecgae-formula ecgae-letters");
    this.numbers = div("ecgae-formula ecgae-numbers");
    this.point = div("ecgae-formula ecgae-point");
    this.total = div("ecgae-total");
    this.average = div("ecgae-average");
    const q = html("li", {}, swatch("q"), "q = N(μ, σ²)");
    const p = html("li", {}, swatch("p"), "p = N(0, 1)");
    const formulas = div("ecgae-formulas", this.letters, this.numbers);
    const words = div("ecgae-draw-words", this.point, this.average);
    const left = div("ecgae-panel", legendList(q, p), curves, draws);
    const right = div("ecgae-panel ecgae-side", this.total, this.buildBars(), formulas, words);
    this.root.append(div("ecgae-panels", left, right), this.buildControls());
    this.curves = new Curves(curves, this);
    this.draws = new Draws(draws, this.curves.axes, this.redraw);
  }

  buildBars() {
    this.bars = Object.keys(BARS).map((name) => div(`ecgae-bar ecgae-${name}`));
    this.notes = this.bars.map(() => html("b"));
    const row = ([name, text], n) =>
      html("li", {}, swatch(name), html("span", {}, text), this.notes[n]);
    this.scale = hidden("ecgae-scale");
    const parts = html("ul", { class: "ecgae-parts" }, ...Object.entries(BARS).map(row));
    return html("div", {}, hidden("ecgae-stack", ...this.bars), this.scale, parts);
  }

  buildControls() {
    const make = (name, label, text) => {
      const [min, max] = RANGE[name];
      const move = (value) => this.move({ [name]: value });
      return slider(label, text, { min, max, step: 0.01, value: 1 }, move);
    };
    this.mu = make("mu", "mu μ", "mu, middle of q");
    this.sigma = make("sigma", "sigma σ", "sigma, width of q");
    this.clear = button("clear", () => this.put({ eps: [] }));
    const draws = controlGroup(
      button("draw ε", () => this.drawEps(1), { class: "ecgae-main" }),
      button("draw 50", () => this.drawEps(50)),
      this.clear,
      button("q = p", () => this.put({ mu: 0, sigma: 1 })),
    );
    return div("ecgae-controls", controlGroup(this.mu.node, this.sigma.node), draws);
  }

  move(traits) {
    const limited = ([name, value]) => [name, clean(clamp(value, RANGE[name]))];
    this.putSoon(Object.fromEntries(Object.entries(traits).map(limited)));
  }

  // New draws come last; beyond the most, the oldest go.
  drawEps(n) {
    const fresh = Array.from({ length: n }, () => clean(draw()));
    this.put({ eps: [...this.get("eps"), ...fresh].slice(-MOST) });
  }

  key(event, name, direction) {
    const step = event.shiftKey ? 0.5 : 0.05;
    const side = name === "mu" ? 1 : direction; // the right key moves a handle to the right
    const by = { ArrowRight: side, ArrowLeft: -side, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by) this.move({ [name]: this.get(name) + by * step });
    else if (event.key === "Home") this.move({ [name]: name === "mu" ? 0 : 1 });
    else if (event.key === "Escape") event.target.blur();
    else return;
    event.preventDefault();
  }

  draw() {
    const [mu, sigma, eps] = ["mu", "sigma", "eps"].map((name) => this.get(name));
    const parts = divergence(mu, sigma);
    const nats = `${shown(parts.kl)} nats`;
    this.curves.show(mu, sigma);
    this.draws.show(mu, sigma, eps);
    this.mu.input.value = mu;
    this.sigma.input.value = sigma;
    this.clear.disabled = !eps.length;
    this.total.replaceChildren("KL divergence ", html("b", {}, nats));
    this.drawBars(parts);
    showFormula(this.letters, [D, " = ", ...divergenceOf(MU, SIGMA)]);
    const numbers = divergenceOf(inside(mu), shown(sigma));
    showFormula(this.numbers, ["= ", ...numbers, ` = ${shown(parts.kl)}`]);
    this.drawPoint(mu, sigma, eps);
    const now = `mu ${shown(mu)}, sigma ${shown(sigma)}: ${nats}`;
    const why = `distance ${shown(parts.distance)}, size ${shown(parts.size)}`;
    this.announce(`${now}, ${why}. ${this.point.textContent}`);
  }

  drawBars(parts) {
    const full = Math.max(FULL, parts.kl);
    Object.keys(BARS).forEach((name, n) => {
      this.bars[n].style.width = `${(100 * parts[name]) / full}%`;
      this.notes[n].textContent = shown(parts[name]);
    });
    const end = `${shown(full, full > FULL ? 2 : 0)} nats`;
    this.scale.replaceChildren(html("span", {}, "0"), html("span", {}, end));
  }

  drawPoint(mu, sigma, eps) {
    const n = eps.length;
    if (n === 0) {
      clearFormula(this.point, "draw ε, then move μ and σ: where does z go?");
      this.average.textContent = "";
      return;
    }
    const last = eps.at(-1);
    const numbers = `${shown(mu)} + ${shown(sigma)}·${inside(last)} = ${shown(mu + sigma * last)}`;
    showFormula(this.point, formula`${Z} = ${MU} + ${SIGMA}·${EPS} = ${numbers}`);
    const over = n === 1 ? "over 1 draw" : `over ${n} draws`;
    const mean = shown(estimate(mu, sigma, eps));
    this.average.textContent = `mean of log q − log p ${over}: ${mean} nats`;
  }
}

export default widget(KLExplorer);
