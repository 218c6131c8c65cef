// The latent pad: a map with a handle, and beside it the beat that the decoder draws there.
import { BeatPanel } from "./beat_panel.js";
import { legend, lineKey, unpackBeats } from "./beats.js";
import { button, calm, keepKeys, menu, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { makeDecoder } from "./decoder.js";
import { computeField, FIELDS, fieldScale, paintField } from "./fields.js";
import { LatentMap } from "./latent_map.js";
import { nearest, qrsWidth, rPeak, tWave } from "./measure.js";
import { followTheme, html, numbers, setText, shown } from "./plot.js";

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

class Pad {
  constructor(model, el) {
    this.model = model;
    this.beats = unpackBeats(model.get("_beats"));
    this.save = throttledSave(model);
    this.redraw = oncePerFrame(() => this.draw());
    this.t = 0; // where on the path, 0 is A
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    this.listen();
    this.readModel();
    this.stopTheme = followTheme(this.root, () => this.drawUnderlay());
  }

  build(el) {
    const { class_names: names, ms, mv } = this.beats;
    this.mapPlace = html("div", { class: "ecgae-latent-map" });
    this.beatPlace = html("div", { class: "ecgae-beat-plot" });
    this.bar = html("div", { class: "ecgae-colour-bar" });
    this.chip = html("span", { class: "ecgae-chip" });
    this.facts = html("div", { class: "ecgae-facts" });
    this.keys = html("ul", { class: "ecgae-legend ecgae-lines" });
    const title = (text) => html("div", { class: "ecgae-panel-title" }, text);
    this.root = html(
      "div",
      { class: "ecgae ecgae-latent-pad", role: "group", "aria-label": "Latent pad: drag, see the beat" },
      html(
        "div",
        { class: "ecgae-panels" },
        html("div", { class: "ecgae-panel ecgae-map-panel" },
          html("div", { class: "ecgae-panel-head" }, title("Latent map"), legend(names)),
          this.mapPlace),
        html("div", { class: "ecgae-panel ecgae-beat-panel" },
          html("div", { class: "ecgae-panel-head" }, title("Decoded beat"), this.keys),
          this.beatPlace,
          this.facts),
      ),
      this.buildControls(),
    );
    for (const [name, text] of [["decoded", "decoded"], ["nearest", "nearest training beat"],
      ["picked", ""], ["reconstruction", "its reconstruction"]]) {
      this.keys.append(lineKey(name, text));
    }
    this.beatPlace.append(this.chip);
    this.mapPlace.append(this.bar);
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.panel = new BeatPanel(this.beatPlace, { ms, mv });
    this.map = new LatentMap(this.mapPlace, {
      move: (z) => this.move(z),
      end: () => this.save.now(),
      tap: (n) => this.pick(n),
      key: (e) => this.key(e),
    });
  }

  buildControls() {
    const range = { min: -1, max: 1, step: 0.01, value: 0 };
    const end = () => this.save.now();
    const axis = (n) => (value) => {
      const z = [...this.model.get("z")];
      z[n] = value;
      this.move(z);
    };
    this.sliders = [
      slider("z₁", "z₁, first latent coordinate", range, axis(0), end),
      slider("z₂", "z₂, second latent coordinate", range, axis(1), end),
    ];
    this.underlay = menu("map shows", UNDERLAYS, (name) => this.put({ underlay: name }));
    this.look = button("look at nearest beat", () => this.togglePick(), { class: "ecgae-look" });
    const scrub = { min: 0, max: 100, step: 1, value: 0 };
    this.scrub = slider("", "along the path from A to B, percent", scrub, (percent) => {
      this.stop();
      this.along(percent / 100);
    }, end);
    this.player = button("▶", () => this.toggle(), { class: "ecgae-play", "aria-label": "play from A to B" });
    const here = (name) => button(`${name.toUpperCase()} here`, () => this.put({ [name]: this.model.get("z") }));
    return html("div", { class: "ecgae-controls" },
      html("div", { class: "ecgae-group" }, this.sliders[0].node, this.sliders[1].node),
      html("div", { class: "ecgae-group" }, here("a"), this.player, this.scrub.node, here("b")),
      html("div", { class: "ecgae-group" }, this.underlay.node, this.look));
  }

  listen() {
    const { model } = this;
    this.handlers = {
      "change:z": this.redraw,
      "change:a": this.redraw,
      "change:b": this.redraw,
      "change:picked": this.redraw,
      "change:underlay": () => this.drawUnderlay(),
      "change:_decoder": () => this.readModel(),
      "change:_map": () => this.readModel(),
    };
    for (const [event, handler] of Object.entries(this.handlers)) model.on(event, handler);
  }

  // New weights, at the start and whenever Python pushes some: everything follows.
  readModel() {
    const { steps, weights } = this.model.get("_decoder");
    this.decode = makeDecoder(steps, numbers(Float32Array, weights));
    const { codes, spread, ...map } = this.model.get("_map");
    this.at = {
      ...map,
      codes: numbers(Float32Array, codes),
      spread: spread && numbers(Float32Array, spread),
      labels: this.beats.labels,
    };
    this.map.setContent(this.at);
    this.sliders.forEach(({ input }, n) => {
      const [min, max] = this.at.extent[n];
      Object.assign(input, { min, max, step: (max - min) / 500 });
    });
    this.drawUnderlay();
    this.redraw();
  }

  // Set traits and tell Python at once.
  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.save.now();
  }

  move(z, { playing = false } = {}) {
    if (!playing) this.stop();
    this.model.set("z", [...z]);
    this.save.soon();
  }

  code(n) {
    return [this.at.codes[2 * n], this.at.codes[2 * n + 1]];
  }

  pick(n) {
    this.stop();
    this.put({ picked: n, z: this.code(n) });
  }

  togglePick() {
    if (this.model.get("picked") === null) this.pick(this.near().index);
    else this.put({ picked: null });
  }

  near() {
    return nearest(this.at.codes, this.model.get("z"), this.at.scale);
  }

  key(event) {
    const z = [...this.model.get("z")];
    const [dx, dy] = this.at.extent.map(([low, high]) => ((high - low) / 100) * (event.shiftKey ? 10 : 1));
    const moves = {
      ArrowLeft: [-dx, 0], ArrowRight: [dx, 0], ArrowUp: [0, dy], ArrowDown: [0, -dy],
      Home: [-z[0], -z[1]],
    };
    const acts = {
      a: () => this.put({ a: z }),
      b: () => this.put({ b: z }),
      " ": () => this.toggle(),
      Enter: () => this.togglePick(),
      Escape: () => this.leave(),
    };
    const step = moves[event.key];
    if (step) this.move(z.map((v, n) => clamp(v + step[n], this.at.extent[n])));
    else if (acts[event.key] && !event.ctrlKey && !event.metaKey) acts[event.key]();
    else return;
    event.preventDefault();
  }

  leave() {
    if (this.model.get("picked") !== null) this.put({ picked: null });
    this.map.handle.blur();
  }

  // The path from A to B

  along(t) {
    this.t = t;
    const [a, b] = [this.model.get("a"), this.model.get("b")];
    this.move(a.map((v, n) => v + t * (b[n] - v)), { playing: true });
  }

  // There and back until stopped; one tenth per press where motion is not wanted.
  toggle() {
    if (this.playing) return this.stop();
    if (calm()) return this.along(this.t >= 1 ? 0 : Math.min(1, this.t + 0.1));
    const start = performance.now() - (this.t >= 1 ? 0 : this.t) * PLAY;
    const step = (now) => {
      const phase = (Math.max(0, now - start) / PLAY) % 2;
      this.along(phase < 1 ? phase : 2 - phase);
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.showPlaying();
  }

  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.showPlaying();
    this.save.now();
  }

  showPlaying() {
    this.player.textContent = this.playing ? "❚❚" : "▶";
    this.player.setAttribute("aria-label", this.playing ? "pause" : "play from A to B");
  }

  // Drawing

  drawUnderlay() {
    const name = this.model.get("underlay");
    this.underlay.select.value = name;
    this.cancelField?.();
    this.bar.replaceChildren();
    const field = FIELDS[name];
    if (!field) return this.map.setUnderlay(name, { decode: this.decode, mv: this.beats.mv });
    this.cancelField = computeField(field.measure, this.decode, this.beats.ms, this.at.extent, (values) => {
      const scale = fieldScale(values, field.signed, this.root);
      this.map.setUnderlay("field", paintField(values, scale));
      this.drawBar(field, scale);
    });
  }

  drawBar({ unit, digits }, { low, high, stops }) {
    const ramp = html("span", { class: "ecgae-ramp", style: `background: linear-gradient(90deg, ${stops})` });
    this.bar.replaceChildren(`${shown(low, digits)} `, ramp, ` ${shown(high, digits)} ${unit}`);
  }

  draw() {
    const [z, a, b, picked] = ["z", "a", "b", "picked"].map((name) => this.model.get(name));
    const x = this.decode(z);
    const { index, distance } = this.near();
    const far = distance > this.at.reach;
    this.panel.draw("decoded", x);
    this.map.show({ z, a, b, picked, near: index, far });
    this.root.classList.toggle("ecgae-far", far);
    this.drawFacts(z, x, index, far);
    this.drawOthers(index, picked);
    this.sliders.forEach(({ input }, n) => { input.value = z[n]; });
    if (this.scrub.input.value !== String(Math.round(100 * this.t))) this.scrub.input.value = 100 * this.t;
  }

  // The lines beside the decoded one: the picked beat and its reconstruction, or the nearest beat.
  // They change rarely, so they are drawn only then.
  drawOthers(index, picked) {
    const what = picked === null ? `nearest ${index}` : `picked ${picked}`;
    if (what === this.others?.what && this.decode === this.others.decode) return;
    this.others = { what, decode: this.decode };
    const chosen = picked !== null;
    const { panel, beats } = this;
    panel.draw("nearest", chosen ? null : beats.beat(index));
    panel.lines.nearest.setAttribute("class", `ecgae-line ecgae-nearest ecgae-c${beats.labels ? beats.labels[index] : 0}`);
    panel.draw("picked", chosen ? beats.beat(picked) : null);
    panel.draw("reconstruction", chosen ? this.decode(this.code(picked)) : null);
    this.root.classList.toggle("ecgae-chosen", chosen);
    this.keys.querySelector('[data-key="picked"] span').textContent = chosen ? `beat ${picked}` : "";
    const kind = `ecgae-line ecgae-nearest ecgae-c${beats.labels ? beats.labels[index] : 0}`;
    this.keys.querySelector('[data-key="nearest"] path').setAttribute("class", kind);
    this.look.textContent = chosen ? `let go of beat ${picked}` : "look at nearest beat";
  }

  drawFacts(z, x, index, far) {
    const { ms, labels, class_names: names } = this.beats;
    const { amplitude, time } = rPeak(ms, x);
    const name = labels ? names[labels[index]] : `beat ${index}`;
    const parts = [
      ["z", `(${shown(z[0])}, ${shown(z[1])})`],
      ["R peak", `${shown(amplitude)} mV at ${shown(time, 0)} ms`],
      ["QRS", `${shown(qrsWidth(ms, x), 0)} ms`],
      ["T", `${shown(tWave(ms, x))} mV`],
    ];
    this.setFacts(parts);
    setText(this.chip, far ? FAR : `near: ${name}`);
    this.say(`${parts.map((p) => p.join(" ")).join("; ")}; ${far ? FAR : `nearest: ${name}`}`);
  }

  setFacts(parts) {
    this.factNodes ??= parts.map(([name]) => {
      const value = html("b");
      this.facts.append(html("span", { class: "ecgae-fact" }, `${name} `, value));
      return value;
    });
    parts.forEach(([, text], n) => { setText(this.factNodes[n], text); });
  }

  remove() {
    this.stop();
    this.redraw.cancel();
    this.cancelField?.();
    this.stopTheme();
    this.map.remove();
    this.panel.remove();
    for (const [event, handler] of Object.entries(this.handlers)) this.model.off(event, handler);
  }
}

function clamp(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}

function render({ model, el }) {
  const pad = new Pad(model, el);
  return () => pad.remove();
}

export default { render };
