// Several latent maps side by side: one finger moves the handles of all.
import { BeatPanel } from "./beat_panel.js";
import { legend, lineKey, unpackBeats } from "./beats.js";
import { focusable, keepKeys, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { expand, makeDecoder } from "./decoder.js";
import { LatentMap } from "./latent_map.js";
import { nearest, rPeak } from "./measure.js";
import { followTheme, html, numbers, set, shown } from "./plot.js";

const MODES = ["same beat", "same relative move"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const FAR_OFF = 1e6; // pixels: more than any map has

const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));

// One column: a model's map, and the beat that it decodes at its handle.
class Column {
  constructor(parent, { name, steps, weights, map }, beats, on) {
    this.beats = beats;
    this.name = name;
    this.decode = makeDecoder(
      steps, expand(numbers(Int16Array, weights.levels), numbers(Float32Array, weights.steps)));
    const { codes, spread, ...rest } = map;
    this.at = { ...rest, codes: numbers(Float32Array, codes), spread: spread && numbers(Float32Array, spread) };
    const mapPlace = html("div", { class: "ecgae-latent-map" });
    this.place = html("div", { class: "ecgae-beat-plot" });
    this.fact = html("span", { class: "ecgae-chip" });
    this.root = html("div", { class: "ecgae-latent-pad ecgae-panel ecgae-column" },
      html("div", { class: "ecgae-panel-title" }, name), mapPlace, this.place);
    this.place.append(this.fact);
    parent.append(this.root);
    this.panel = new BeatPanel(this.place, beats);
    this.map = new LatentMap(mapPlace, on);
    set(this.map.handle, { "aria-label": `point on the map of: ${name}` });
    this.map.setContent({ ...this.at, labels: beats.labels });
    this.map.setUnderlay("density");
  }

  code(n) {
    return [this.at.codes[2 * n], this.at.codes[2 * n + 1]];
  }

  near(z) {
    return nearest(this.at.codes, z, this.at.scale);
  }

  // The beat nearest to beat n in a direction of the picture, at most 45 degrees off; where there
  // is none any beat on that side; or n.
  next(n, [dx, dy]) {
    const from = this.map.at(n);
    let [best, least] = [n, Infinity];
    for (let i = 0; i < this.at.codes.length / 2; i++) {
      const [x, y] = this.map.at(i);
      const [u, v] = [x - from[0], from[1] - y];
      const along = u * dx + v * dy;
      const aside = Math.abs(u * dy) + Math.abs(v * dx);
      const d = Math.hypot(u, v) + (aside > along ? FAR_OFF : 0);
      if (along > 0.5 && d < least) [best, least] = [i, d];
    }
    return best;
  }

  // Draw what lies at z; `chosen` is the beat that all show, or null.
  draw(z, chosen) {
    const { index, distance } = this.near(z);
    const beat = chosen ?? index;
    const x = this.decode(z);
    const far = distance > this.at.reach;
    this.map.show({ z, near: beat, far, picked: chosen });
    this.root.classList.toggle("ecgae-far", far);
    const { labels, ms } = this.beats;
    this.panel.draw("decoded", x);
    this.panel.draw("nearest", this.beats.beat(beat));
    set(this.panel.lines.nearest, { class: `ecgae-line ecgae-nearest ecgae-c${labels ? labels[beat] : 0}` });
    const value = chosen === null
      ? ["R ", `${shown(rPeak(ms, x).amplitude)} mV`]
      : ["error ", `${shown(error(x, this.beats.beat(beat)), 4)} mV²`];
    this.fact.replaceChildren(far ? "extrapolating, " : "", value[0], html("b", {}, value[1]));
    return `${this.name}: ${far ? "extrapolating, " : ""}${value.join("")}`;
  }

  remove() {
    this.map.remove();
    this.panel.remove();
  }
}

// Mean squared error in mV².
function error(x, y) {
  return x.reduce((sum, v, i) => sum + (v - y[i]) ** 2, 0) / x.length;
}

class Compare {
  constructor(model, el) {
    this.model = model;
    this.beats = unpackBeats(model.get("_beats"));
    this.save = throttledSave(model);
    this.redraw = oncePerFrame(() => this.draw());
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    this.handlers = { "change:z": this.redraw, "change:picked": this.redraw, "change:mode": this.redraw };
    for (const [event, handler] of Object.entries(this.handlers)) model.on(event, handler);
    this.stopTheme = followTheme(this.root, () => this.drawStill());
  }

  build(el) {
    const models = this.model.get("_models");
    const columns = html("div", { class: `ecgae-columns ecgae-of-${models.length}` });
    const keys = html("ul", { class: "ecgae-legend ecgae-lines" },
      lineKey("nearest", "training beat"), lineKey("decoded", "decoded"));
    this.root = html("div",
      { class: "ecgae ecgae-compare-pads", role: "group", "aria-label": "Models under one finger" },
      html("div", { class: "ecgae-panel-head" }, legend(this.beats.class_names), keys),
      columns, this.buildControls());
    this.keys = keys;
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.columns = models.map((content, n) => new Column(columns, content, this.beats, {
      move: (z) => this.move(n, z),
      end: () => this.end(),
      tap: () => {},
      key: (event) => this.key(n, event),
    }));
  }

  buildControls() {
    this.modes = MODES.map((mode) => {
      const input = focusable(html("input", { type: "radio", value: mode }));
      input.addEventListener("change", () => this.setMode(mode));
      return input;
    });
    const labels = this.modes.map((input, n) => html("label", {}, input, html("span", {}, MODES[n])));
    const range = { min: 0, max: this.beats.count - 1, step: 1, value: 0 };
    this.chooser = slider("beat", "beat, by its number", range, (n) => this.choose(n), () => this.end());
    return html("div", { class: "ecgae-controls" },
      html("div", { class: "ecgae-group", role: "radiogroup", "aria-label": "what moves together" }, ...labels),
      html("div", { class: "ecgae-group" }, this.chooser.node));
  }

  get sameBeat() {
    return this.model.get("mode") === MODES[0];
  }

  setMode(mode) {
    this.model.set("mode", mode);
    if (this.sameBeat) this.choose(this.columns[0].near(this.model.get("z")[0]).index);
    this.end();
  }

  // All handles to where their models have put beat n.
  choose(n) {
    this.model.set("picked", n);
    this.model.set("z", this.columns.map((column) => column.code(n)));
    this.save.soon();
  }

  // The handle of column n was moved to z.
  move(n, z) {
    if (this.sameBeat) return this.choose(this.columns[n].near(z).index);
    this.start ??= this.model.get("z");
    const moved = z.map((v, k) => (v - this.start[n][k]) / width(this.columns[n].at.extent[k]));
    this.model.set("z", this.columns.map(({ at }, i) => this.start[i].map((v, k) =>
      clamp(v + moved[k] * width(at.extent[k]), at.extent[k]))));
    this.save.soon();
  }

  end() {
    this.start = null;
    this.save.now();
  }

  key(n, event) {
    const arrow = ARROWS[event.key];
    if (event.key === "Escape") this.columns[n].map.handle.blur();
    else if (arrow && this.sameBeat) this.choose(this.columns[n].next(this.model.get("picked"), arrow));
    else if (arrow) this.nudge(n, arrow, event.shiftKey ? 0.1 : 0.01);
    else return;
    event.preventDefault();
  }

  nudge(n, arrow, part) {
    const { extent } = this.columns[n].at;
    const z = this.model.get("z")[n];
    this.move(n, z.map((v, k) => clamp(v + part * arrow[k] * width(extent[k]), extent[k])));
    this.end();
  }

  drawStill() {
    for (const { map } of this.columns) map.drawStill();
    this.redraw();
  }

  draw() {
    const [z, picked, mode] = ["z", "picked", "mode"].map((name) => this.model.get(name));
    const chosen = this.sameBeat ? picked : null;
    const words = this.columns.map((column, n) => column.draw(z[n], chosen));
    this.modes.forEach((input) => { input.checked = input.value === mode; });
    this.chooser.input.value = picked;
    this.chooser.input.disabled = !this.sameBeat;
    this.keys.querySelector('[data-key="nearest"] span').textContent =
      this.sameBeat ? `beat ${picked}` : "nearest training beat";
    this.say([...(this.sameBeat ? [`beat ${picked}`] : []), ...words].join("; "));
  }

  remove() {
    this.redraw.cancel();
    this.stopTheme();
    this.columns.forEach((column) => column.remove());
    for (const [event, handler] of Object.entries(this.handlers)) this.model.off(event, handler);
  }
}

const width = ([low, high]) => high - low;

function render({ model, el }) {
  const compare = new Compare(model, el);
  return () => compare.remove();
}

export default { render };
