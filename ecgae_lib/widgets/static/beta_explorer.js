// The beta explorer: one slider over trained VAEs; map, reconstruction and new beats follow.
import { BeatPanel } from "./beat_panel.js";
import { legend, lineKey, unpackBeats } from "./beats.js";
import { keepKeys, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { CurvePanel } from "./curve_panel.js";
import { expand, makeDecoder } from "./decoder.js";
import { LatentMap } from "./latent_map.js";
import { followTheme, html, linePath, numbers, set, shown, svg } from "./plot.js";

// 0.0005 -> "5e-4": as people say a beta.
export function betaText(beta) {
  return beta !== 0 && beta < 1e-3 ? beta.toExponential() : String(beta);
}

const floats = ({ levels, steps }) => expand(numbers(Int16Array, levels), numbers(Float32Array, steps));

function crossKey() {
  const cross = svg("svg", { class: "ecgae-key", viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  svg("path", { class: "ecgae-drawn-z", d: "M-6 0h12M0 -6v12" }, cross);
  return html("ul", { class: "ecgae-legend" }, html("li", {}, cross, "z from N(0, I)"));
}

class Explorer {
  constructor(model, el) {
    this.model = model;
    this.beats = unpackBeats(model.get("_beats"));
    const { models, ...sweep } = model.get("_sweep");
    this.sweep = sweep;
    this.models = models.map(({ steps, weights, codes, spread, ...rest }) => ({
      ...rest,
      decode: makeDecoder(steps, floats(weights)),
      codes: floats(codes),
      spread: floats(spread),
    }));
    this.save = throttledSave(model);
    this.redraw = oncePerFrame(() => this.draw());
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    this.handlers = { "change:beta": this.redraw, "change:picked": this.redraw };
    for (const [event, handler] of Object.entries(this.handlers)) model.on(event, handler);
    this.stopTheme = followTheme(this.root, () => {
      this.drawn = null; // in other colours
      this.redraw();
    });
  }

  build(el) {
    const { class_names: names, ms, mv } = this.beats;
    const place = (name) => html("div", { class: name });
    this.places = {
      map: place("ecgae-latent-map ecgae-still"), beat: place("ecgae-beat-plot"),
      generated: place("ecgae-beat-plot"), curve: place("ecgae-curve-plot"),
    };
    this.now = html("span", { class: "ecgae-now" });
    this.facts = place("ecgae-facts");
    const keys = html("ul", { class: "ecgae-legend ecgae-lines" }, lineKey("picked", ""), lineKey("decoded", "its reconstruction"));
    const head = (text, ...rest) =>
      html("div", { class: "ecgae-panel-head" }, html("div", { class: "ecgae-panel-title" }, text), ...rest);
    const panel = (name, ...children) => html("div", { class: `ecgae-panel ecgae-${name}` }, ...children);
    this.root = html("div",
      { class: "ecgae ecgae-latent-pad ecgae-beta-explorer ecgae-chosen", role: "group", "aria-label": "Beta explorer" },
      html("div", { class: "ecgae-panels" },
        panel("map-panel", head("Latent map", legend(names), this.now), this.places.map),
        panel("beat-panel", head("One beat", keys), this.places.beat),
        panel("new-panel", head("New beats", crossKey()), this.places.generated),
        panel("curve-panel", head("Rate and distortion"), this.places.curve)),
      this.buildControls(),
    );
    this.keys = keys;
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.buildPlots(ms, mv);
  }

  buildPlots(ms, mv) {
    const { betas, extent, generated } = this.sweep;
    this.map = new LatentMap(this.places.map);
    this.map.setContent({ ...this.models[0], labels: this.beats.labels, extent });
    this.map.setUnderlay("density");
    this.zs = svg("path", { class: "ecgae-drawn-z" }, this.map.axes.area);
    this.panel = new BeatPanel(this.places.beat, { ms, mv });
    this.fresh = new BeatPanel(this.places.generated, { ms, mv });
    this.lines = generated.map(() => svg("path", { class: "ecgae-line ecgae-generated" }, this.fresh.axes.data));
    this.curve = new CurvePanel(this.places.curve, {
      xLabel: "rate: KL [nats per beat]",
      yLabel: "distortion [10⁻³ mV²]",
      onPick: (n) => this.go(n),
    });
    const points = this.models.map(({ rate, distortion }) => [rate, 1000 * distortion]);
    this.curve.setPoints(points, { names: betas.map((beta) => `β = ${betaText(beta)}`) });
    this.places.map.addEventListener("click", (e) => {
      const beat = this.map.beatAt(e.clientX, e.clientY, 40);
      if (beat >= 0) this.pick(beat);
    });
  }

  buildControls() {
    const end = () => this.save.now();
    const range = { min: 0, max: this.sweep.betas.length - 1, step: 1, value: 0 };
    this.slider = slider("β", "β (beta), from the largest to the smallest", range, (n) => this.go(n), end);
    const beats = { min: 0, max: this.beats.count - 1, step: 1, value: 0 };
    this.chooser = slider("beat", "beat, by its number", beats, (n) => this.pick(n), end);
    return html("div", { class: "ecgae-controls ecgae-sticky" },
      html("div", { class: "ecgae-group" }, this.slider.node),
      html("div", { class: "ecgae-group" }, this.chooser.node),
      this.facts);
  }

  go(n) {
    this.model.set("beta", this.sweep.betas[n]);
    this.save.soon();
  }

  pick(n) {
    this.model.set("picked", n);
    this.save.soon();
  }

  draw() {
    const { betas, generated } = this.sweep;
    const n = betas.indexOf(this.model.get("beta"));
    const { decode, codes, spread, rate, distortion } = this.models[n];
    const picked = this.model.get("picked");
    if (this.drawn !== n) this.map.moveCodes({ codes, spread, labels: this.beats.labels });
    this.drawn = n; // the density takes longer than all the rest
    this.map.show({ picked });
    this.drawBeat(decode([codes[2 * picked], codes[2 * picked + 1]]), picked);
    generated.forEach((z, i) => set(this.lines[i], { d: linePath(this.fresh.ms, decode(z)) }));
    this.drawPlaces();
    this.curve.mark(n);
    this.now.textContent = `β = ${betaText(betas[n])}`;
    this.slider.input.value = n;
    this.slider.input.setAttribute("aria-valuetext", this.now.textContent);
    this.chooser.input.value = picked;
    this.drawFacts(rate, distortion);
  }

  drawBeat(x_hat, picked) {
    const x = this.beats.beat(picked);
    this.panel.draw("picked", x);
    this.panel.draw("decoded", x_hat);
    this.error = x_hat.reduce((sum, v, i) => sum + (v - x[i]) ** 2, 0) / x.length;
    this.keys.querySelector('[data-key="picked"] span').textContent = `beat ${picked}`;
  }

  // Where on the map the new beats come from.
  drawPlaces() {
    const { axes } = this.map;
    if (!axes.box) return;
    const cross = ([x, y]) => `M${x - 6} ${y}h12M${x} ${y - 6}v12`;
    set(this.zs, { d: this.sweep.generated.map((z) => cross(axes.px(...z))).join("") });
  }

  drawFacts(rate, distortion) {
    const parts = [
      ["rate", `${shown(rate)} nats`],
      ["distortion", `${shown(distortion, 4)} mV²`],
      ["this beat", `${shown(this.error, 4)} mV²`],
    ];
    this.facts.replaceChildren(...parts.map(([name, text]) =>
      html("span", { class: "ecgae-fact" }, `${name} `, html("b", {}, text))));
    this.say(`${this.now.textContent}; ${parts.map((p) => p.join(" ")).join("; ")}`);
  }

  remove() {
    this.redraw.cancel();
    this.stopTheme();
    for (const part of [this.map, this.panel, this.fresh, this.curve]) part.remove();
    for (const [event, handler] of Object.entries(this.handlers)) this.model.off(event, handler);
  }
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.remove();
}

export default { render };
