// The beta explorer: one slider over trained VAEs; map, reconstruction and new beats follow.
import { BeatPanel } from "../shared/beat_panel.js";
import { unpackBeats, unpackCompact } from "../shared/beats.js";
import { controlGroup, panel, showFacts, slider } from "../shared/controls.js";
import { CurvePanel } from "../shared/curve_panel.js";
import { makeDecoder } from "../shared/decoder.js";
import { div, html, setAttributes, setPaths, svg } from "../shared/dom.js";
import { LatentMap } from "../shared/latent_map.js";
import { legendList, lineKey, mapKeys, signKey } from "../shared/legends.js";
import { meanSquaredError } from "../shared/measure.js";
import { pair, shown } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";

const REACH = 40; // px: how near a click must come to a beat
const CROSS = "m-6 0h12m-6 -6v12"; // around a point

// 0.0005 -> "β = 5e-4": as people say a beta.
const named = (beta) => `β = ${beta !== 0 && beta < 1e-3 ? beta.toExponential() : beta}`;

// Unpacked when its beta is first asked for; lines: of its new beats, which are always the same.
function unpackModel({ steps, weights, codes, spread, ...rest }, generated, panel) {
  const decode = makeDecoder(steps, unpackCompact(weights));
  const lines = generated.map((z) => panel.path(decode(z)));
  return { ...rest, decode, lines, codes: unpackCompact(codes), spread: unpackCompact(spread) };
}

class BetaExplorer extends View {
  static classes = "ecgae-latent-pad ecgae-beta-explorer ecgae-chosen";
  static label = "Beta explorer";
  static traits = ["beta", "picked"];

  build() {
    this.beats = unpackBeats(this.get("_beats"));
    this.sweep = this.get("_sweep");
    this.unpacked = new Map();
    this.now = html("span", { class: "ecgae-now" });
    this.facts = div("ecgae-facts");
    this.beatKey = lineKey("picked", "");
    const keys = legendList(this.beatKey, lineKey("decoded", "its reconstruction"));
    const cross = { class: "ecgae-drawn-z", d: `M0 0${CROSS}` };
    const crosses = legendList(signKey(cross, "z from N(0, I)"));
    const map = div("ecgae-latent-map ecgae-still");
    const [beat, fresh] = [div("ecgae-beat-plot"), div("ecgae-beat-plot")];
    const curve = div("ecgae-curve-plot");
    const beside = [...mapKeys(this.beats), this.now];
    const panels = [
      panel("ecgae-map-panel", "Latent map", beside, map),
      panel("ecgae-beat-panel", "One beat", [keys], beat),
      panel("ecgae-new-panel", "New beats", [crosses], fresh),
      panel("ecgae-curve-panel", "Rate and distortion", [], curve),
    ];
    this.root.append(div("ecgae-panels", ...panels), this.buildControls());
    this.panel = new BeatPanel(beat, this.beats);
    this.fresh = new BeatPanel(fresh, this.beats);
    this.buildMap(map);
    this.buildCurve(curve);
  }

  // The VAE of number n, unpacked once.
  vae(n) {
    const { models, generated } = this.sweep;
    const { unpacked, fresh } = this;
    if (!unpacked.has(n)) unpacked.set(n, unpackModel(models[n], generated, fresh));
    return unpacked.get(n);
  }

  // The number of the beta that is shown.
  shown() {
    return this.sweep.betas.indexOf(this.get("beta"));
  }

  buildMap(place) {
    const { extent, generated } = this.sweep;
    this.map = new LatentMap(place);
    this.drawn = this.shown();
    this.map.setContent({ ...this.beats, ...this.vae(this.drawn), extent });
    this.map.setUnderlay("density");
    this.zs = svg("path", { class: "ecgae-drawn-z" }, this.map.axes.area);
    const line = { class: "ecgae-line ecgae-generated" };
    this.lines = generated.map(() => svg("path", line, this.fresh.axes.data));
    place.addEventListener("click", (event) => {
      const beat = this.map.beatAt(event, REACH);
      if (beat >= 0) this.pick(beat);
    });
  }

  buildCurve(place) {
    const { distortionLabel, onCurve } = this.beats.units;
    const labels = { xLabel: "rate: KL [nats per beat]", yLabel: distortionLabel };
    this.curve = new CurvePanel(place, { ...labels, onPick: (n) => this.go(n) });
    const points = this.sweep.models.map(({ rate, distortion }) => [rate, onCurve(distortion)]);
    this.curve.setPoints(points, { names: this.sweep.betas.map(named) });
  }

  buildControls() {
    const name = "β (beta), from the largest to the smallest";
    this.slider = slider("β", name, { max: this.sweep.betas.length - 1 }, (n) => this.go(n));
    const beats = { max: this.beats.count - 1 };
    this.chooser = slider("beat", "beat, by its number", beats, (n) => this.pick(n));
    const groups = [controlGroup(this.slider.node), controlGroup(this.chooser.node)];
    return div("ecgae-controls ecgae-sticky", ...groups, this.facts);
  }

  go(n) {
    this.putSoon({ beta: this.sweep.betas[n] });
  }

  pick(n) {
    this.putSoon({ picked: this.beats.number(n) });
  }

  recolour() {
    this.drawn = null;
    this.redraw();
  }

  draw() {
    const { units } = this.beats;
    const beta = this.get("beta");
    const picked = this.beats.place(this.get("picked"));
    const n = this.shown();
    const { decode, codes, spread, lines, rate, distortion } = this.vae(n);
    if (this.drawn !== n) this.map.moveCodes({ codes, spread, labels: this.beats.labels });
    this.drawn = n; // the density takes longer than all the rest
    this.map.show({ picked });
    setPaths(this.lines, lines);
    this.drawPlaces();
    this.curve.mark(n);
    this.now.textContent = named(beta);
    this.slider.input.value = n;
    this.slider.input.setAttribute("aria-valuetext", named(beta));
    this.chooser.input.value = picked;
    this.chooser.input.setAttribute("aria-valuetext", this.get("picked"));
    const error = this.drawBeat(decode(pair(codes, picked)), picked);
    const words = showFacts(this.facts, [
      ["rate", `${shown(rate)} nats`],
      ["distortion", units.error(distortion)],
      ["this beat", units.error(error)],
    ]);
    this.announce(`${named(beta)}; ${words}`);
  }

  // Returns the error of the reconstruction.
  drawBeat(x_hat, picked) {
    const x = this.beats.beat(picked);
    this.panel.draw("picked", x);
    this.panel.draw("decoded", x_hat);
    this.beatKey.lastChild.textContent = `beat ${this.get("picked")}`;
    return meanSquaredError(x_hat, x);
  }

  // Where on the map the new beats come from.
  drawPlaces() {
    const { axes } = this.map;
    if (!axes.box) return;
    const cross = (z) => `M${axes.px(...z).join(" ")}${CROSS}`;
    setAttributes(this.zs, { d: this.sweep.generated.map(cross).join("") });
  }
}

export default widget(BetaExplorer);
