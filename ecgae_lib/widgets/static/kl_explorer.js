// The KL explorer: q against p, the divergence in its two parts, and draws that follow q.
import { button, keepKeys, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { letter, showFormula } from "./formula.js";
import { Curves } from "./kl_curves.js";
import { Draws } from "./kl_draws.js";
import { divergence, draw, estimate } from "./normal.js";
import { followTheme, html, shown } from "./plot.js";

const RANGE = { mu: [-5, 5], sigma: [0.05, 3] };
const MOST = 500; // draws
const FULL = 3; // nats: the bar's scale grows when the divergence does
const [MU, SIGMA, D] = [letter("μ"), letter("σ"), letter("D", "KL")];
const BARS = ["distance", "size"];

const limit = (value, [low, high]) => Math.min(high, Math.max(low, value));
const clean = (value) => Number(value.toFixed(4));
// A negative number inside a formula stands in brackets.
const inside = (value) => (value < 0 ? `(${shown(value)})` : shown(value));

class Explorer {
  constructor(model, el) {
    this.model = model;
    this.save = throttledSave(model);
    this.redraw = oncePerFrame(() => this.draw());
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    for (const name of ["mu", "sigma", "eps"]) model.on(`change:${name}`, this.redraw);
    this.watch = new ResizeObserver(this.redraw);
    this.watch.observe(this.drawPlace);
    this.stopTheme = followTheme(this.root, this.redraw);
  }

  build(el) {
    const place = (name, ...children) => html("div", { class: name }, ...children);
    this.curvePlace = place("ecgae-curve-plot");
    this.drawPlace = place("ecgae-draw-plot");
    [this.letters, this.numbers, this.point] = ["letters", "numbers", "point"].map((n) => place(`ecgae-formula ecgae-${n}`));
    this.total = place("ecgae-total");
    this.average = place("ecgae-average");
    this.root = html("div",
      { class: "ecgae ecgae-explorer ecgae-kl-explorer", role: "group", "aria-label": "KL explorer: drag the curve" },
      place("ecgae-panels",
        place("ecgae-panel",
          html("ul", { class: "ecgae-legend" }, key("q", "q = N(μ, σ²)"), key("p", "p = N(0, 1)")),
          this.curvePlace, this.drawPlace),
        place("ecgae-panel ecgae-side", this.total, this.buildBars(),
          place("ecgae-formulas", this.letters, this.numbers),
          place("ecgae-draw-words", this.point, this.average))),
      this.buildControls());
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.curves = new Curves(this.curvePlace, {
      mu: (value) => this.move({ mu: value }),
      sigma: (value) => this.move({ sigma: value }),
      end: () => this.save.now(),
      key: (e, name, direction) => this.key(e, name, direction),
    });
    this.draws = new Draws(this.drawPlace, this.curves.axes);
  }

  buildBars() {
    this.bars = BARS.map((name) => html("div", { class: `ecgae-bar ecgae-${name}`, "data-part": name }));
    this.notes = BARS.map((name) => html("b"));
    const text = { distance: "distance of the middles, μ²/2", size: "size, (σ² − log σ² − 1)/2" };
    const rows = BARS.map((name, n) =>
      html("li", {}, html("span", { class: `ecgae-swatch ecgae-${name}`, "aria-hidden": "true" }), html("span", {}, text[name]), this.notes[n]));
    this.stack = html("div", { class: "ecgae-stack", "aria-hidden": "true" }, ...this.bars);
    this.scale = html("div", { class: "ecgae-scale", "aria-hidden": "true" });
    return html("div", {}, this.stack, this.scale, html("ul", { class: "ecgae-parts" }, ...rows));
  }

  buildControls() {
    const end = () => this.save.now();
    const make = (name, sign, text) => {
      const [min, max] = RANGE[name];
      return slider(`${name} ${sign}`, text, { min, max, step: 0.01, value: 1 }, (v) => this.move({ [name]: v }), end);
    };
    this.sliders = { mu: make("mu", "μ", "mu, middle of q"), sigma: make("sigma", "σ", "sigma, width of q") };
    this.clear = button("clear", () => this.put({ eps: [] }));
    return html("div", { class: "ecgae-controls" },
      html("div", { class: "ecgae-group" }, this.sliders.mu.node, this.sliders.sigma.node),
      html("div", { class: "ecgae-group" },
        button("draw ε", () => this.drawEps(1), { class: "ecgae-main" }),
        button("draw 50", () => this.drawEps(50)),
        this.clear,
        button("q = p", () => this.put({ mu: 0, sigma: 1 }))));
  }

  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.redraw();
    this.save.now();
  }

  move(traits) {
    for (const [name, value] of Object.entries(traits)) {
      this.model.set(name, clean(limit(value, RANGE[name])));
    }
    this.redraw();
    this.save.soon();
  }

  // New draws come last; beyond the most, the oldest go.
  drawEps(n) {
    const fresh = Array.from({ length: n }, () => clean(draw()));
    this.put({ eps: [...this.model.get("eps"), ...fresh].slice(-MOST) });
  }

  key(event, name, direction) {
    const step = 0.05 * (event.shiftKey ? 10 : 1);
    const side = name === "mu" ? 1 : direction; // the right key moves a handle to the right
    const by = { ArrowRight: side, ArrowLeft: -side, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by) this.move({ [name]: this.model.get(name) + by * step });
    else if (event.key === "Home") this.move({ [name]: name === "mu" ? 0 : 1 });
    else if (event.key === "Escape") event.target.blur();
    else return;
    event.preventDefault();
  }

  draw() {
    const [mu, sigma, eps] = ["mu", "sigma", "eps"].map((name) => this.model.get(name));
    const parts = divergence(mu, sigma);
    this.curves.show(mu, sigma);
    this.draws.show(mu, sigma, eps);
    this.sliders.mu.input.value = mu;
    this.sliders.sigma.input.value = sigma;
    this.clear.disabled = !eps.length;
    this.drawBars(parts);
    this.drawFormulas(mu, sigma, parts);
    this.drawPoint(mu, sigma, eps);
    this.say(`mu ${shown(mu)}, sigma ${shown(sigma)}: ${shown(parts.kl)} nats, `
      + `distance ${shown(parts.distance)}, size ${shown(parts.size)}. ${this.point.textContent}`);
  }

  drawBars(parts) {
    const full = Math.max(FULL, parts.kl);
    this.total.replaceChildren("KL divergence ", html("b", {}, `${shown(parts.kl)} nats`));
    BARS.forEach((name, n) => {
      this.bars[n].style.width = `${(100 * parts[name]) / full}%`;
      this.notes[n].textContent = shown(parts[name]);
    });
    this.scale.replaceChildren(html("span", {}, "0"), html("span", {}, `${shown(full, full > FULL ? 2 : 0)} nats`));
  }

  drawFormulas(mu, sigma, { kl }) {
    const formula = (m, s) => [D, " = ", { over: [m, "²"], under: [2] }, " + ",
      { over: [s, "² − log ", s, "² − 1"], under: [2] }];
    showFormula(this.letters, formula(MU, SIGMA));
    showFormula(this.numbers, [...formula(inside(mu), shown(sigma)), ` = ${shown(kl)}`]);
  }

  drawPoint(mu, sigma, eps) {
    if (!eps.length) {
      this.point.removeAttribute("role");
      this.point.removeAttribute("aria-label");
      this.point.textContent = "draw ε, then move μ and σ: where does z go?";
      this.average.textContent = "";
      return;
    }
    const last = eps.at(-1);
    showFormula(this.point, [letter("z"), " = ", letter("μ"), " + ", letter("σ"), "·", letter("ε"), " = ",
      shown(mu), " + ", shown(sigma), "·", inside(last), ` = ${shown(mu + sigma * last)}`]);
    const n = eps.length;
    this.average.textContent = `mean of log q − log p over ${n} ${n === 1 ? "draw" : "draws"}: ${shown(estimate(mu, sigma, eps))} nats`;
  }

  remove() {
    this.redraw.cancel();
    this.watch.disconnect();
    this.stopTheme();
    this.curves.remove();
    this.draws.remove();
    for (const name of ["mu", "sigma", "eps"]) this.model.off(`change:${name}`, this.redraw);
  }
}

function key(name, text) {
  return html("li", {}, html("span", { class: `ecgae-swatch ecgae-${name}`, "aria-hidden": "true" }), text);
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.remove();
}

export default { render };
