// The length explorer: settings of a convolution, its picture, and the formula for its length.

import { controlGroup, menu, slider } from "../shared/controls.js";
import { div, html } from "../shared/dom.js";
import { clearFormula, showFormula } from "../shared/formula.js";
import { legendList, swatch } from "../shared/legends.js";
import { withThousands } from "../shared/numbers.js";
import { View, widget } from "../shared/view.js";
import { counts, outputLength, Picture, refusal } from "./lengths.js";
import { LengthPicture } from "./picture.js";
import { EXAMPLES, SETTINGS, Setting } from "./settings.js";
import { inLetters, judge, L_OUT, steps, tell } from "./words.js";

const NAMES = SETTINGS.map(([name]) => name);
const KINDS_OF_LAYER = [
  ["conv", "convolution"],
  ["conv_transpose", "transposed convolution"],
];
const VIEWS = [
  ["scatter", "every input writes"],
  ["zeros", "zeros inserted, then a convolution"],
];
const SIDES = [
  ["", "everything"],
  ["output", "one output"],
  ["input", "one input"],
];

class LengthExplorer extends View {
  static classes = "ecgae-explorer ecgae-length-explorer";
  static label = "Length explorer";
  static traits = [...NAMES, "kind", "view", "picked"];

  build() {
    this.zoom = 0;
    this.letters = div("ecgae-formula ecgae-letters");
    this.numbers = div("ecgae-formula ecgae-numbers");
    this.refused = div("ecgae-refused");
    this.result = div("ecgae-result");
    this.verdict = div("ecgae-verdict");
    this.story = div("ecgae-story");
    this.keys = legendList();
    const place = div("ecgae-picture-place");
    this.root.append(
      div("ecgae-head", this.buildKinds(), this.result),
      div("ecgae-formulas", this.letters, this.numbers),
      div("ecgae-settings", ...this.buildSettings()),
      div("ecgae-facts", this.verdict, this.keys),
      place,
      this.story,
      this.buildControls(),
    );
    place.append(this.refused);
    this.picture = new LengthPicture(place, this);
  }

  buildKinds() {
    this.kind = menu("layer", KINDS_OF_LAYER, (kind) => this.put({ kind, picked: null }));
    const named = EXAMPLES.map(([text], n) => [n, text]);
    this.example = menu("example", [["", "your own"], ...named], (n) => {
      if (n !== "") this.put({ ...EXAMPLES[n][1], picked: null });
    });
    return controlGroup(this.kind.node, this.example.node);
  }

  buildSettings() {
    this.settings = SETTINGS.map((setting) => {
      const [name] = setting;
      return new Setting(setting, (value) => this.change(name, value));
    });
    return this.settings.map(({ node }) => node);
  }

  buildControls() {
    this.view = menu("drawn as", VIEWS, (view) => this.put({ view }));
    const choose = (side) => this.put({ picked: side ? [side, 0] : null });
    this.side = menu("look at", SIDES, choose);
    this.sample = slider("", "which sample", { max: 1 }, (n) => {
      this.pick([this.get("picked")[0], n]);
    });
    this.zoomer = slider("zoom", "zoom", { max: 1, step: 0.01 }, (value) => {
      this.zoom = value;
      this.redraw();
    });
    const look = controlGroup(this.side.node, this.sample.node);
    return div("ecgae-controls", look, this.view.node, controlGroup(this.zoomer.node));
  }

  pick(picked) {
    this.putSoon({ picked });
  }

  // A setting under the finger.  What was picked may be gone: then nothing is.
  change(name, value) {
    this.putSoon({ [name]: value });
    if (!this.exists(this.get("picked"))) this.putSoon({ picked: null });
  }

  values() {
    return Object.fromEntries([...NAMES, "kind"].map((name) => [name, this.get(name)]));
  }

  exists(picked) {
    const s = this.values();
    if (!picked || refusal(s)) return false;
    return picked[1] < (picked[0] === "input" ? s.length : outputLength(s));
  }

  draw() {
    const s = this.values();
    const why = refusal(s);
    const picked = this.exists(this.get("picked")) ? this.get("picked") : null;
    const view = s.kind === "conv" ? "scatter" : this.get("view");
    this.root.classList.toggle("ecgae-is-refused", why !== null);
    this.root.classList.toggle("ecgae-is-conv", s.kind === "conv");
    this.refused.textContent = why ? `torch refuses: ${why}` : "";
    this.showSettings(s, view);
    this.showPicked(s, picked, why);
    showFormula(this.letters, [L_OUT, " = ", ...inLetters(s.kind)]);
    if (why) return this.drawRefused(s, why);
    showFormula(this.numbers, [L_OUT, " = ", ...steps(s)]);
    const [before, after] = [s.length, outputLength(s)].map(withThousands);
    this.result.textContent = `${before} → ${after}`;
    this.picture.show({ s, view, picked, counts: counts(s), zoom: this.zoom });
    this.zoomer.input.disabled = this.picture.w >= 36 && this.zoom === 0;
    this.drawWords(s, view, picked);
  }

  drawRefused(s, why) {
    this.result.textContent = `${withThousands(s.length)} → refused`;
    clearFormula(this.numbers);
    for (const place of [this.verdict, this.story]) place.textContent = "";
    this.picture.showRefused(s);
    this.announce(`torch refuses: ${why}`);
  }

  showSettings(s, view) {
    for (const setting of this.settings) setting.show(s[setting.name]);
    this.kind.select.value = s.kind;
    this.view.select.value = view;
    const same = ([, example]) => Object.entries(example).every(([name, v]) => s[name] === v);
    const found = EXAMPLES.findIndex(same);
    this.example.select.value = found < 0 ? "" : found;
  }

  showPicked(s, picked, why) {
    const [side, n] = picked ?? ["", 0];
    this.side.select.value = side;
    this.side.select.disabled = why !== null;
    const count = { input: s.length, output: why ? 0 : outputLength(s), "": 2 }[side];
    Object.assign(this.sample.input, { disabled: !picked, max: count - 1, value: n });
  }

  drawWords(s, view, picked) {
    const [verdict, uneven] = judge(s);
    this.verdict.textContent = verdict;
    this.verdict.classList.toggle("ecgae-uneven", uneven);
    const story = picked ? tell(new Picture(s, view), picked) : "";
    this.story.textContent = story || "pick a sample: what does it touch?";
    this.drawKeys(s);
    this.announce(`${s.length} samples become ${outputLength(s)}. ${verdict}. ${story}`);
  }

  drawKeys(s) {
    const { seen, hidden, fans } = this.picture;
    const bar =
      s.kind === "conv" ? "real samples each output reads" : "inputs that write to each output";
    const names = { padding: "padding", inserted: "inserted zero", cropped: "cropped", bar };
    const items = Object.entries(names)
      .filter(([kind]) => kind === "bar" || seen.includes(kind))
      .map(([kind, text]) => html("li", {}, swatch(kind), text));
    const fan = `a fan: the ${withThousands(s.kernel_size)} connections of one stop`;
    if (hidden) items.push(html("li", {}, "too many connections to draw: pick a sample"));
    else if (fans) items.push(html("li", {}, fan));
    this.keys.replaceChildren(...items);
  }
}

export default widget(LengthExplorer);
