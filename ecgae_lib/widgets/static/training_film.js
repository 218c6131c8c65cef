// The training film: the map and one beat's reconstruction over the epochs.
import { BeatPanel } from "./beat_panel.js";
import { legend, lineKey, unpackBeats, unpackRows } from "./beats.js";
import { button, calm, keepKeys, menu, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { CurvePanel } from "./curve_panel.js";
import { LatentMap } from "./latent_map.js";
import { followTheme, html, numbers, set, shown, svg } from "./plot.js";

const SNAPSHOT = 350; // ms for one snapshot while it plays

// Whole levels of all snapshots, one after the other -> row(n), the n-th as numbers.
function snapshots({ levels, steps }, read) {
  const all = numbers(Int16Array, levels);
  const size = all.length / steps.length;
  return steps.map((step, n) => read(all.subarray(n * size, (n + 1) * size), step));
}

const scaled = (levels, step) => Float32Array.from(levels, (level) => level * step);

// A fraction t of the way from a to b.
const between = (a, b, t) => (t ? a.map((v, i) => v + t * (b[i] - v)) : a);

class Film {
  constructor(model, el) {
    this.model = model;
    const beats = model.get("_beats");
    this.labels = beats.labels && numbers(Uint8Array, beats.labels);
    this.beats = { ...unpackBeats({ ...beats, labels: null }), labels: this.labels };
    this.save = throttledSave(model);
    this.redraw = oncePerFrame(() => this.draw());
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    this.listen();
    this.readFilm();
    this.stopTheme = followTheme(this.root, () => this.redraw());
  }

  build(el) {
    const { class_names: names, ms, mv } = this.beats;
    const place = (name) => html("div", { class: name });
    this.places = { map: place("ecgae-latent-map ecgae-still"), beat: place("ecgae-beat-plot"), curve: place("ecgae-curve-plot") };
    this.legend = legend(names);
    this.facts = place("ecgae-facts");
    this.big = html("span", { class: "ecgae-now" });
    const head = (text, ...rest) =>
      html("div", { class: "ecgae-panel-head" }, html("div", { class: "ecgae-panel-title" }, text), ...rest);
    this.keys = html("ul", { class: "ecgae-legend ecgae-lines" });
    this.keys.append(lineKey("picked", "a beat"), lineKey("decoded", "its reconstruction"));
    this.root = html("div",
      { class: "ecgae ecgae-latent-pad ecgae-training-film ecgae-chosen", role: "group", "aria-label": "Film of a training" },
      html("div", { class: "ecgae-panels" },
        html("div", { class: "ecgae-panel ecgae-map-panel" }, head("Latent map", this.legend, this.big), this.places.map),
        html("div", { class: "ecgae-panel ecgae-beat-panel" },
          head("One beat", this.keys), this.places.beat, this.places.curve, this.facts)),
      this.buildControls());
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.panel = new BeatPanel(this.places.beat, { ms, mv });
    this.curve = new CurvePanel(this.places.curve, {
      xLabel: "epoch",
      yLabel: "error [10⁻³ mV²]",
      onPick: (n) => this.go(n),
    });
    this.map = new LatentMap(this.places.map);
    this.followed = svg("path", { class: "ecgae-followed" }, this.map.axes.area);
    this.trail = this.map.marks.path;
    this.places.map.addEventListener("click", (event) => this.tap(event));
  }

  buildControls() {
    this.player = button("▶", () => this.toggle(), { class: "ecgae-play", "aria-label": "play" });
    const range = { min: 0, max: 1, step: 1, value: 0 };
    this.scrub = slider("epoch", "epoch", range, (n) => this.go(n), () => this.save.now());
    const texts = this.beats.followed.map((n) => [n, this.nameOf(n)]);
    this.choice = menu("beat", texts, (n) => this.pick(Number(n)));
    this.colours = button("", () => this.put({ colours: !this.model.get("colours") }), { class: "ecgae-colours" });
    const shows = this.labels ? [this.colours] : [];
    return html("div", { class: "ecgae-controls ecgae-sticky" },
      html("div", { class: "ecgae-group" }, this.player, this.scrub.node),
      html("div", { class: "ecgae-group" }, this.choice.node, ...shows));
  }

  nameOf(n) {
    const { class_names: names } = this.beats;
    return this.labels ? `${n}, ${names[this.labels[n]]}` : `${n}`;
  }

  listen() {
    this.handlers = {
      "change:epoch": this.redraw,
      "change:picked": this.redraw,
      "change:colours": this.redraw,
      "change:_film": () => this.readFilm(),
    };
    for (const [event, handler] of Object.entries(this.handlers)) this.model.on(event, handler);
  }

  // The snapshots, at the start and whenever Python has added one.
  readFilm() {
    const { codes, spread, drawn, ...film } = this.model.get("_film");
    const L = this.beats.ms.length;
    this.film = {
      ...film,
      codes: snapshots(codes, scaled),
      spread: spread && snapshots(spread, scaled),
      drawn: snapshots(drawn, (levels, step) => unpackRows(levels, L, () => step)),
    };
    const { epochs, errors, extent } = film;
    this.scrub.input.max = epochs.length - 1;
    this.map.setContent({ ...this.content(this.at()), extent });
    this.map.setUnderlay("none");
    this.curve.setPoints(epochs.map((epoch, n) => [epoch, 1000 * errors[n]]), {
      reference: { y: 1000 * this.beats.mean_error, text: "the mean beat" },
    });
    this.redraw();
  }

  get last() {
    return this.film.epochs.length - 1;
  }

  // Which snapshot is shown: the last one that is not after the epoch; with fractions in motion.
  at() {
    if (this.playing) return this.t;
    const epoch = this.model.get("epoch");
    return epoch === null ? this.last : this.film.epochs.findLastIndex((e) => e <= epoch);
  }

  content(t) {
    const n = Math.floor(t);
    const next = Math.min(n + 1, this.last);
    const glide = (rows) => rows && between(rows[n], rows[next], t - n);
    return {
      codes: glide(this.film.codes),
      spread: glide(this.film.spread),
      labels: this.model.get("colours") ? this.labels : null,
    };
  }

  // Set traits and tell Python at once.
  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.save.now();
  }

  // Show snapshot n; the last one follows what is yet to come.
  go(n) {
    this.stop();
    this.model.set("epoch", n >= this.last ? null : this.film.epochs[n]);
    this.save.soon();
  }

  pick(n) {
    this.put({ picked: n });
  }

  // The followed beat drawn nearest to where the finger was.
  tap({ clientX, clientY }) {
    const { left, top } = this.places.map.getBoundingClientRect();
    const { box } = this.map.axes;
    const away = (n) => {
      const [x, y] = this.map.at(n);
      return Math.hypot(left + box.left + x - clientX, top + box.top + y - clientY);
    };
    this.pick(this.beats.followed.reduce((best, n) => (away(n) < away(best) ? n : best)));
  }

  // From the beginning if it stands at the end.  One snapshot per press where motion is not wanted.
  toggle() {
    if (this.playing) return this.stop();
    const from = this.at() >= this.last ? 0 : this.at();
    if (calm()) return this.go(from + (this.at() >= this.last ? 0 : 1));
    const start = performance.now() - from * SNAPSHOT;
    const step = (now) => {
      this.t = Math.max(from, (now - start) / SNAPSHOT);
      if (this.t >= this.last) return this.go(this.last);
      this.playing = requestAnimationFrame(step);
      this.draw();
    };
    this.t = from;
    this.playing = requestAnimationFrame(step);
    this.showPlaying();
  }

  // Rest on the snapshot that was reached.
  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.put({ epoch: this.film.epochs[Math.floor(Math.min(this.t, this.last))] });
    this.showPlaying();
  }

  showPlaying() {
    this.player.textContent = this.playing ? "❚❚" : "▶";
    this.player.setAttribute("aria-label", this.playing ? "pause" : "play");
  }

  // Drawing

  draw() {
    const t = this.at();
    const n = Math.floor(t);
    this.map.moveCodes(this.content(t));
    this.map.show({ picked: this.model.get("picked") });
    this.drawMarks(t);
    this.drawBeat(n);
    this.curve.mark(t);
    this.drawFacts(n);
    this.drawColours();
  }

  // Rings around the followed beats, and the way of the picked one through the map.
  drawMarks(t) {
    const { axes } = this.map;
    if (!axes.box) return;
    const ring = ([x, y]) => `M${x - 8} ${y}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0`;
    set(this.followed, { d: this.beats.followed.map((n) => ring(this.map.at(n))).join("") });
    const picked = this.model.get("picked");
    const passed = this.film.codes.slice(0, Math.floor(t) + 1).map((codes) =>
      axes.px(codes[2 * picked], codes[2 * picked + 1]));
    set(this.trail, { d: `M${[...passed, this.map.at(picked)].join("L")}` });
  }

  drawBeat(n) {
    const picked = this.model.get("picked");
    const { ms, followed } = this.beats;
    const row = followed.indexOf(picked);
    const x = this.beats.beat(row);
    this.x_hat = this.film.drawn[n].subarray(row * ms.length, (row + 1) * ms.length);
    this.panel.draw("picked", x);
    this.panel.draw("decoded", this.x_hat);
    this.error = this.x_hat.reduce((sum, v, i) => sum + (v - x[i]) ** 2, 0) / ms.length;
    this.choice.select.value = picked;
  }

  drawFacts(n) {
    const { epochs, errors, alike } = this.film;
    const parts = [
      ["all beats", `${shown(errors[n], 4)} mV²`],
      ["this beat", `${shown(this.error, 4)} mV²`],
    ];
    const seen = this.model.get("colours") && alike[n] !== null;
    if (this.labels) parts.push(["nearest neighbour alike", seen ? `${shown(100 * alike[n], 0)} %` : "?"]);
    this.facts.replaceChildren(...parts.map(([name, text]) =>
      html("span", { class: "ecgae-fact" }, `${name} `, html("b", {}, text))));
    this.big.textContent = epochs[n] ? `epoch ${epochs[n]}` : "before training";
    this.scrub.input.value = n;
    this.scrub.input.setAttribute("aria-valuetext", this.big.textContent);
    this.say(`${this.big.textContent}; ${parts.map((p) => p.join(" ")).join("; ")}`);
  }

  drawColours() {
    const on = this.model.get("colours");
    this.root.classList.toggle("ecgae-unlabelled", !on);
    this.colours.textContent = on ? "hide the labels" : "show the labels";
  }

  remove() {
    this.stop();
    this.redraw.cancel();
    this.stopTheme();
    for (const part of [this.map, this.panel, this.curve]) part.remove();
    for (const [event, handler] of Object.entries(this.handlers)) this.model.off(event, handler);
  }
}

function render({ model, el }) {
  const film = new Film(model, el);
  return () => film.remove();
}

export default { render };
