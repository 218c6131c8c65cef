// The latent pad: a map with a handle, and beside it the beat that the decoder draws there.
import { BeatPanel } from "../shared/beat_panel.js";
import { unpackBeats, unpackMap } from "../shared/beats.js";
import {
  button,
  controlGroup,
  menu,
  Player,
  panel,
  showFacts,
  slider,
} from "../shared/controls.js";
import { makeDecoder } from "../shared/decoder.js";
import { div, html, setAttributes, setText } from "../shared/dom.js";
import { LatentMap } from "../shared/latent_map.js";
import { legendList, lineKey, mapKeys, nearestLine } from "../shared/legends.js";
import { highest, nearest, qrsWidth, rPeak, tWave } from "../shared/measure.js";
import { between, shown, typed } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";
import { COLOUR_MAPS, colourScale, computeField, paintField } from "./colour_maps.js";

const FAR = "extrapolating: no training beat near";
const PLAY = 4000; // ms from A to B
const UNDERLAYS = [
  ["density", "density of the beats"],
  ["none", "nothing"],
  ["beats", "decoded beats"],
  ["R amplitude", "height of the R wave"],
  ["QRS width", "width of the QRS"],
  ["T wave", "sign of the T wave"],
];
const LINES = [
  ["decoded", "decoded"],
  ["nearest", "nearest training beat"],
  ["picked", ""],
  ["reconstruction", "its reconstruction"],
];

class LatentPad extends View {
  static classes = "ecgae-latent-pad";
  static label = "Latent pad: drag, see the beat";
  static traits = ["z", "a", "b", "picked"];

  build() {
    this.beats = unpackBeats(this.get("_beats"));
    this.t = 0; // where on the path, 0 is A
    this.bar = div("ecgae-colour-bar");
    this.chip = html("span", { class: "ecgae-chip" });
    this.facts = div("ecgae-facts");
    this.keys = Object.fromEntries(LINES.map(([name, text]) => [name, lineKey(name, text)]));
    const plane = div("ecgae-latent-map");
    const beat = div("ecgae-beat-plot");
    const keys = legendList(...Object.values(this.keys));
    const maps = panel("ecgae-map-panel", "Latent map", mapKeys(this.beats), plane);
    const beats = panel("ecgae-beat-panel", "Decoded beat", [keys], this.chip, beat, this.facts);
    this.root.append(div("ecgae-panels", maps, beats), this.buildControls());
    this.panel = new BeatPanel(beat, this.beats);
    this.map = new LatentMap(plane, this);
    plane.append(this.bar);
    this.own({ remove: () => this.cancelField?.() });
    this.listen(["underlay"], () => this.drawUnderlay());
    this.listen(["_decoder", "_map", "_beats"], () => this.readModel());
    this.readModel();
  }

  buildControls() {
    const range = { min: -1, max: 1, step: 0.01, value: 0 };
    const axis = (n) => (value) => this.move(this.get("z").map((v, k) => (k === n ? value : v)));
    this.sliders = [
      slider("z₁", "z₁, first latent coordinate", range, axis(0)),
      slider("z₂", "z₂, second latent coordinate", range, axis(1)),
    ];
    const underlays = UNDERLAYS.filter(([name]) => this.beats.ecg || !COLOUR_MAPS[name]);
    this.underlay = menu("map shows", underlays, (name) => this.put({ underlay: name }));
    this.look = button("look at nearest beat", () => this.togglePick(), { class: "ecgae-look" });
    const percent = "along the path from A to B, percent";
    this.scrub = slider("", percent, { max: 100 }, (value) => this.scrubTo(value / 100));
    this.player = this.own(this.buildPlayer());
    const here = (name, text) => button(text, () => this.put({ [name]: this.get("z") }));
    const [a, b] = [here("a", "A here"), here("b", "B here")];
    return div(
      "ecgae-controls",
      controlGroup(...this.sliders.map(({ node }) => node)),
      controlGroup(a, this.player.node, this.scrub.node, b),
      controlGroup(this.underlay.node, this.look),
    );
  }

  // There and back until stopped; one tenth per press where motion is not wanted.
  buildPlayer() {
    let from = 0;
    return new Player("play from A to B", {
      begin: () => {
        from = this.t >= 1 ? 0 : this.t;
      },
      frame: (ms) => {
        const phase = (from + ms / PLAY) % 2;
        this.along(phase < 1 ? phase : 2 - phase);
      },
      press: () => this.along(this.t >= 1 ? 0 : Math.min(1, this.t + 0.1)),
      rest: () => this.end(),
    });
  }

  // New weights, at the start and whenever Python pushes some: everything follows.
  readModel() {
    const { steps, weights } = this.get("_decoder");
    this.decode = makeDecoder(steps, typed(Float32Array, weights));
    this.beats = unpackBeats(this.get("_beats"));
    this.at = unpackMap(this.get("_map"));
    this.map.setContent({ ...this.beats, ...this.at });
    this.sliders.forEach(({ input }, n) => {
      const [min, max] = this.at.extent[n];
      Object.assign(input, { min, max, step: (max - min) / 500 });
    });
    this.drawUnderlay();
    this.redraw();
  }

  move(z) {
    this.player.stop();
    this.putSoon({ z: [...z] });
  }

  scrubTo(t) {
    this.player.stop();
    this.along(t);
  }

  along(t) {
    this.t = t;
    this.putSoon({ z: between([...this.get("a")], this.get("b"), t) });
  }

  tap(n) {
    this.player.stop();
    this.put({ picked: this.beats.number(n), z: this.map.code(n) });
  }

  togglePick() {
    if (this.get("picked") === null) this.tap(this.near().index);
    else this.put({ picked: null });
  }

  near() {
    return nearest(this.at.codes, this.get("z"), this.at.scale);
  }

  key(event) {
    const z = [...this.get("z")];
    const moved = this.map.moved(z, event);
    const acts = {
      a: () => this.put({ a: z }),
      b: () => this.put({ b: z }),
      " ": () => this.player.toggle(),
      Enter: () => this.togglePick(),
      Escape: () => this.leave(),
    };
    if (moved) this.move(moved);
    else if (acts[event.key] && !event.ctrlKey && !event.metaKey) acts[event.key]();
    else return;
    event.preventDefault();
  }

  leave() {
    if (this.get("picked") !== null) this.put({ picked: null });
    this.map.handle.blur();
  }

  // Drawing

  recolour() {
    this.drawUnderlay();
  }

  drawUnderlay() {
    const name = this.get("underlay");
    this.underlay.select.value = name;
    this.cancelField?.();
    this.bar.replaceChildren();
    const colours = COLOUR_MAPS[name];
    const { decode, beats } = this;
    setAttributes(this.map.root, { "aria-busy": Boolean(colours) });
    if (colours) this.computeColours(colours);
    else this.map.setUnderlay(name, { decode, range: beats.range });
  }

  computeColours(colours) {
    const words = "The colours are being computed.";
    const bar = html("progress", { "aria-label": words });
    this.bar.replaceChildren(words, bar);
    const done = (values) => {
      const scale = colourScale(values, colours.signed, this.root);
      this.map.setUnderlay("field", paintField(values, scale));
      this.drawBar(colours, scale);
      setAttributes(this.map.root, { "aria-busy": false });
    };
    const progress = (share) => {
      bar.value = share;
    };
    const { decode, beats, at } = this;
    const on = { progress, done };
    this.cancelField = computeField(colours.measure, decode, beats.ms, at.extent, on);
  }

  drawBar({ unit, digits }, { low, high, stops }) {
    const background = `background: linear-gradient(90deg, ${stops})`;
    const ramp = html("span", { class: "ecgae-ramp", style: background });
    this.bar.replaceChildren(`${shown(low, digits)} `, ramp, ` ${shown(high, digits)} ${unit}`);
  }

  draw() {
    const [z, a, b] = ["z", "a", "b"].map((name) => this.get(name));
    const picked = this.beats.place(this.get("picked"));
    const x = this.decode(z);
    const { index, distance } = this.near();
    const far = distance > this.at.reach;
    this.panel.draw("decoded", x);
    this.map.show({ z, a, b, picked, near: index });
    this.root.classList.toggle("ecgae-far", far);
    this.drawFacts(z, x, index, far);
    this.drawOthers(index, picked);
    this.sliders.forEach(({ input }, n) => {
      input.value = z[n];
    });
    const percent = Math.round(100 * this.t);
    if (this.scrub.input.value !== String(percent)) this.scrub.input.value = percent;
  }

  // The lines beside the decoded one: the picked beat and its reconstruction, or the nearest beat.
  // They change rarely, so they are drawn only then.
  drawOthers(index, picked) {
    const what = picked === null ? `nearest ${index}` : `picked ${picked}`;
    if (what === this.others?.what && this.decode === this.others.decode) return;
    this.others = { what, decode: this.decode };
    const chosen = picked !== null;
    const { panel: lines, beats, keys } = this;
    const line = { class: nearestLine(beats.labels, index) };
    lines.draw("nearest", chosen ? null : beats.beat(index));
    lines.draw("picked", chosen ? beats.beat(picked) : null);
    lines.draw("reconstruction", chosen ? this.decode(this.map.code(picked)) : null);
    setAttributes(lines.lines.nearest, line);
    setAttributes(keys.nearest.querySelector("path"), line);
    this.root.classList.toggle("ecgae-chosen", chosen);
    const number = beats.number(picked);
    keys.picked.lastChild.textContent = chosen ? `beat ${number}` : "";
    this.look.textContent = chosen ? `let go of beat ${number}` : "look at nearest beat";
  }

  drawFacts(z, x, index, far) {
    const { labels, class_names: names } = this.beats;
    const name = labels ? names[labels[index]] : `beat ${this.beats.number(index)}`;
    const words = showFacts(this.facts, [
      ["z", `(${shown(z[0])}, ${shown(z[1])})`],
      ...this.measured(x),
    ]);
    setText(this.chip, far ? FAR : `near: ${name}`);
    this.announce(`${words}; ${far ? FAR : `nearest: ${name}`}`);
  }

  // The waves of an ECG; of another signal its highest value.
  measured(x) {
    const { ms, ecg, units } = this.beats;
    const peak = ({ amplitude, time }) => `${units.value(amplitude)} at ${units.time(time)}`;
    if (!ecg) return [["maximum", peak(highest(ms, x))]];
    return [
      ["R peak", peak(rPeak(ms, x))],
      ["R width", units.time(qrsWidth(ms, x))],
      ["T", units.value(tWave(ms, x))],
    ];
  }
}

export default widget(LatentPad);
