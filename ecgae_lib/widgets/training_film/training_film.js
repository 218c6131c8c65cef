// The training film: the map and one beat's reconstruction over the epochs.
import { BeatPanel } from "../shared/beat_panel.js";
import { unpackBeats, unpackCompact, unpackRows } from "../shared/beats.js";
import {
  button,
  controlGroup,
  menu,
  Player,
  panel,
  showFacts,
  slider,
} from "../shared/controls.js";
import { CurvePanel } from "../shared/curve_panel.js";
import { div, html, setAttributes, svg } from "../shared/dom.js";
import { LatentMap } from "../shared/latent_map.js";
import { legendList, lineKey, MARKERS, mapKeys } from "../shared/legends.js";
import { meanSquaredError } from "../shared/measure.js";
import { between, pair, shown, typed } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";

const SNAPSHOT = 350; // ms for one snapshot while it plays

// The numbers of `count` snapshots, which came one after the other, as a list.
function snapshots(numbers, count) {
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, n) => numbers.subarray(n * size, (n + 1) * size));
}

class TrainingFilm extends View {
  static classes = "ecgae-latent-pad ecgae-training-film ecgae-chosen";
  static label = "Film of a training";
  static traits = ["epoch", "picked", "colours"];

  build() {
    const beats = this.get("_beats");
    this.labels = beats.labels && typed(Uint8Array, beats.labels);
    this.beats = unpackBeats({ ...beats, labels: null });
    this.facts = div("ecgae-facts");
    this.big = html("span", { class: "ecgae-now" });
    const plane = div("ecgae-latent-map ecgae-still");
    const [beat, curve] = [div("ecgae-beat-plot"), div("ecgae-curve-plot")];
    const keys = legendList(lineKey("picked", "a beat"), lineKey("decoded", "its reconstruction"));
    const beside = [...mapKeys(this.beats), this.big];
    const maps = panel("ecgae-map-panel", "Latent map", beside, plane);
    const plots = panel("ecgae-beat-panel", "One beat", [keys], beat, curve, this.facts);
    this.root.append(div("ecgae-panels", maps, plots), this.buildControls());
    this.panel = new BeatPanel(beat, this.beats);
    const labels = { xLabel: "epoch", yLabel: this.beats.units.errorLabel };
    this.curve = new CurvePanel(curve, { ...labels, onPick: (n) => this.go(n) });
    this.map = new LatentMap(plane);
    this.followed = svg("path", { class: "ecgae-followed" }, this.map.axes.area);
    plane.addEventListener("click", (event) => this.tap(event));
    this.listen(["_film"], () => this.readFilm());
    this.readFilm();
  }

  buildControls() {
    this.player = this.own(this.buildPlayer());
    this.scrub = slider("epoch", "epoch", { max: 1 }, (n) => this.go(n));
    const named = this.beats.followed.map((n) => [n, this.nameOf(n)]);
    this.choice = menu("beat", named, (n) => this.pick(Number(n)));
    const toggle = () => this.put({ colours: !this.get("colours") });
    this.colours = button("", toggle, { class: "ecgae-colours" });
    const shows = this.labels ? [this.colours] : [];
    const groups = [
      controlGroup(this.player.node, this.scrub.node),
      controlGroup(this.choice.node, ...shows),
    ];
    return div("ecgae-controls ecgae-sticky", ...groups);
  }

  // From the beginning if it stands at the end.  One snapshot per press where motion is not wanted.
  buildPlayer() {
    let from = 0;
    return new Player("play", {
      begin: () => {
        from = this.at() >= this.last ? 0 : this.at();
        this.t = from;
      },
      frame: (ms) => {
        this.t = from + ms / SNAPSHOT;
        if (this.t >= this.last) this.go(this.last);
        else this.draw();
      },
      press: () => this.go(this.at() >= this.last ? 0 : this.at() + 1),
      rest: () => this.put({ epoch: this.film.epochs[Math.floor(Math.min(this.t, this.last))] }),
    });
  }

  nameOf(n) {
    return this.labels
      ? `${n}, ${this.beats.class_names[this.labels[this.beats.place(n)]]}`
      : `${n}`;
  }

  // The snapshots, at the start and whenever Python has added one.
  readFilm() {
    const { codes, spread, drawn, ...film } = this.get("_film");
    const { epochs, errors, extent } = film;
    this.film = {
      ...film,
      codes: snapshots(unpackCompact(codes), epochs.length),
      spread: spread && snapshots(unpackCompact(spread), epochs.length),
      drawn: snapshots(unpackRows(drawn, this.beats.ms.length), epochs.length),
    };
    const { onCurve } = this.beats.units;
    this.scrub.input.max = epochs.length - 1;
    this.map.setContent({ ...this.content(this.at()), weights: this.beats.weights, extent });
    this.map.setUnderlay("none");
    const points = epochs.map((epoch, n) => [epoch, onCurve(errors[n])]);
    const reference = { y: onCurve(this.beats.mean_error), text: "the mean beat" };
    this.curve.setPoints(points, { reference });
    this.redraw();
  }

  get last() {
    return this.film.epochs.length - 1;
  }

  // Which snapshot is shown: the last one that is not after the epoch; with fractions in motion.
  at() {
    if (this.player.playing) return this.t;
    const epoch = this.get("epoch");
    return epoch === null ? this.last : this.film.epochs.findLastIndex((e) => e <= epoch);
  }

  content(t) {
    const n = Math.floor(t);
    const next = Math.min(n + 1, this.last);
    const glide = (rows) => rows && between(rows[n], rows[next], t - n);
    const { codes, spread } = this.film;
    const labels = this.get("colours") ? this.labels : null;
    return { codes: glide(codes), spread: glide(spread), labels };
  }

  // Show snapshot n; the last one follows what is yet to come.
  go(n) {
    this.player.stop();
    this.putSoon({ epoch: n >= this.last ? null : this.film.epochs[n] });
  }

  pick(n) {
    this.put({ picked: n });
  }

  // The followed beat drawn nearest to where the finger was.
  tap(event) {
    const { followed } = this.beats;
    const codes = followed.map((n) => this.map.code(this.beats.place(n)));
    this.pick(followed[this.map.axes.nearest(event, codes).index]);
  }

  // Drawing

  draw() {
    const t = this.at();
    const n = Math.floor(t);
    this.map.moveCodes(this.content(t));
    this.map.show({ picked: this.beats.place(this.get("picked")) });
    this.drawMarks(n);
    this.curve.mark(t);
    this.drawFacts(n, this.drawBeat(n));
    const on = this.get("colours");
    this.root.classList.toggle("ecgae-unlabelled", !on);
    this.colours.textContent = on ? "hide the labels" : "show the labels";
  }

  // Rings around the followed beats, and the way of the picked one through the map.
  drawMarks(n) {
    const { map } = this;
    if (!map.axes.box) return;
    const ring = (beat) => `M${map.at(this.beats.place(beat)).join(" ")}${MARKERS[0](8)}`;
    setAttributes(this.followed, { d: this.beats.followed.map(ring).join("") });
    const picked = this.beats.place(this.get("picked"));
    const passed = this.film.codes.slice(0, n + 1);
    const way = passed.map((codes) => map.axes.px(...pair(codes, picked)));
    setAttributes(map.path, { d: `M${[...way, map.at(picked)].join("L")}` });
  }

  // Returns the error of the reconstruction.
  drawBeat(n) {
    const picked = this.get("picked");
    const { ms, followed } = this.beats;
    const row = followed.indexOf(picked);
    const x = this.beats.beat(row);
    const x_hat = this.film.drawn[n].subarray(row * ms.length, (row + 1) * ms.length);
    this.panel.draw("picked", x);
    this.panel.draw("decoded", x_hat);
    this.choice.select.value = picked;
    return meanSquaredError(x_hat, x);
  }

  drawFacts(n, error) {
    const { epochs, errors, alike } = this.film;
    const { units } = this.beats;
    const facts = [
      ["all beats", units.error(errors[n])],
      ["this beat", units.error(error)],
    ];
    const seen = this.get("colours") && alike[n] !== null;
    const share = seen ? `${shown(100 * alike[n], 0)} %` : "?";
    if (this.labels) facts.push(["nearest neighbour alike", share]);
    const words = showFacts(this.facts, facts);
    const epoch = epochs[n] ? `epoch ${epochs[n]}` : "before training";
    this.big.textContent = epoch;
    this.scrub.input.value = n;
    this.scrub.input.setAttribute("aria-valuetext", epoch);
    this.announce(`${epoch}; ${words}`);
  }
}

export default widget(TrainingFilm);
