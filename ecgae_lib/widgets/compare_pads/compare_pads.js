// Several latent maps side by side: one finger moves the handles of all.
import { unpackBeats } from "../shared/beats.js";
import { controlGroup, slider } from "../shared/controls.js";
import { div, html } from "../shared/dom.js";
import { ARROWS } from "../shared/latent_map.js";
import { legendList, lineKey, mapKeys } from "../shared/legends.js";
import { clamp } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";
import { Column } from "./column.js";

const MODES = ["same beat", "same relative move"];

const width = ([low, high]) => high - low;

class ComparePads extends View {
  static classes = "ecgae-compare-pads";
  static label = "Models under one finger";
  static traits = ["z", "picked", "mode"];

  build() {
    this.beats = unpackBeats(this.get("_beats"));
    const models = this.get("_models");
    const columns = div(`ecgae-columns ecgae-of-${models.length}`);
    this.beatKey = lineKey("nearest", "training beat");
    const keys = legendList(this.beatKey, lineKey("decoded", "decoded"));
    const head = div("ecgae-panel-head", ...mapKeys(this.beats), keys);
    this.root.append(head, columns, this.buildControls());
    this.columns = models.map((model, n) => {
      const hand = {
        move: (z) => this.move(n, z),
        end: () => this.end(),
        key: (event) => this.key(n, event),
      };
      return new Column(columns, model, this.beats, hand);
    });
  }

  buildControls() {
    this.modes = MODES.map((mode) => {
      const input = html("input", { type: "radio", value: mode });
      input.addEventListener("change", () => this.setMode(mode));
      return input;
    });
    const modes = controlGroup(
      ...this.modes.map((input, n) => html("label", {}, input, html("span", {}, MODES[n]))),
    );
    modes.setAttribute("role", "radiogroup");
    modes.setAttribute("aria-label", "what moves together");
    const range = { max: this.beats.count - 1 };
    const choose = (n) => this.choose(n);
    this.chooser = slider("beat", "beat, by its number", range, choose);
    return div("ecgae-controls", modes, controlGroup(this.chooser.node));
  }

  get sameBeat() {
    return this.get("mode") === MODES[0];
  }

  setMode(mode) {
    this.putSoon({ mode });
    if (this.sameBeat) this.choose(this.columns[0].near(this.get("z")[0]).index);
  }

  // All handles to where their models have put beat n of the page.
  choose(n) {
    this.putSoon({ picked: this.beats.number(n), z: this.columns.map(({ map }) => map.code(n)) });
  }

  // The handle of column n was moved to z.
  move(n, z) {
    if (this.sameBeat) return this.choose(this.columns[n].near(z).index);
    this.start ??= this.get("z");
    const part = z.map((v, k) => (v - this.start[n][k]) / width(this.columns[n].at.extent[k]));
    const moved = ({ at }, i) =>
      this.start[i].map((v, k) => clamp(v + part[k] * width(at.extent[k]), at.extent[k]));
    this.putSoon({ z: this.columns.map(moved) });
  }

  end() {
    this.start = null;
    this.save.now();
  }

  key(n, event) {
    const arrow = ARROWS[event.key];
    const column = this.columns[n];
    const moved = column.map.moved(this.get("z")[n], event);
    if (event.key === "Escape") column.map.handle.blur();
    else if (arrow && this.sameBeat)
      this.choose(column.next(this.beats.place(this.get("picked")), arrow));
    else if (moved) {
      this.move(n, moved);
      this.end();
    } else return;
    event.preventDefault();
  }

  recolour() {
    for (const { map } of this.columns) map.drawStill();
    this.redraw();
  }

  draw() {
    const [z, picked, mode] = ["z", "picked", "mode"].map((name) => this.get(name));
    const place = this.beats.place(picked);
    const chosen = this.sameBeat ? place : null;
    const words = this.columns.map((column, n) => column.draw(z[n], chosen));
    for (const input of this.modes) input.checked = input.value === mode;
    this.chooser.input.value = place;
    this.chooser.input.setAttribute("aria-valuetext", picked);
    this.chooser.input.disabled = !this.sameBeat;
    const beat = `beat ${picked}`;
    this.beatKey.lastChild.textContent = this.sameBeat ? beat : "nearest training beat";
    this.announce([...(this.sameBeat ? [beat] : []), ...words].join("; "));
  }
}

export default widget(ComparePads);
