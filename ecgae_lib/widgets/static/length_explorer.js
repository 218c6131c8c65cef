// The length explorer: settings of a convolution, its picture, and the formula for its length.
import { focusable, keepKeys, menu, oncePerFrame, slider, throttledSave, voice } from "./controls.js";
import { letter, showFormula } from "./formula.js";
import { LengthPicture } from "./length_picture.js";
import { group } from "./length_shapes.js";
import { formula, judge, LETTERS, steps, tell } from "./length_words.js";
import { counts, outputLength, picture, refusal } from "./lengths.js";
import { followTheme, html } from "./plot.js";

// name, its letter, least value, where the slider ends before a larger value is typed
const SETTINGS = [
  ["length", "L_in", 1, 24], ["kernel_size", "k", 1, 12], ["stride", "s", 1, 8],
  ["padding", "p", 0, 8], ["dilation", "d", 1, 6], ["output_padding", "p_out", 0, 7],
];
const MOST = 1000;
const EXAMPLES = [
  ["10 samples, stride 2, padding 1", { kind: "conv", length: 10, kernel_size: 3, stride: 2, padding: 1 }],
  ["a kernel with holes (dilation 3)", { kind: "conv", length: 14, kernel_size: 3, dilation: 3 }],
  ["the lecture's first layer, 450 samples", { kind: "conv", length: 450, kernel_size: 5, stride: 3, padding: 2 }],
  ["and back: 150 samples", { kind: "conv_transpose", length: 150, kernel_size: 5, stride: 3, padding: 2, output_padding: 2 }],
  ["uneven: kernel 3, stride 2", { kind: "conv_transpose", length: 6, kernel_size: 3, stride: 2 }],
  ["even: kernel 4, stride 2", { kind: "conv_transpose", length: 6, kernel_size: 4, stride: 2, padding: 1 }],
  ["the lecture's decoder: 225 samples", { kind: "conv_transpose", length: 225, kernel_size: 225, stride: 225 }],
  ["does not fit", { kind: "conv", length: 12, kernel_size: 5, dilation: 4 }],
];
const PLAIN = { stride: 1, padding: 0, dilation: 1, output_padding: 0 };

class Explorer {
  constructor(model, el) {
    this.model = model;
    this.save = throttledSave(model);
    this.zoom = 0;
    this.redraw = oncePerFrame(() => this.draw());
    this.build(el);
    this.say = voice(this.root);
    keepKeys(this.root);
    this.traits = [...SETTINGS.map(([name]) => name), "kind", "view", "picked"];
    for (const name of this.traits) model.on(`change:${name}`, this.redraw);
    this.stopTheme = followTheme(this.root, this.redraw);
  }

  build(el) {
    const place = (name, ...children) => html("div", { class: name }, ...children);
    this.place = place("ecgae-picture-place");
    this.letters = place("ecgae-formula ecgae-letters");
    this.numbers = place("ecgae-formula ecgae-numbers");
    this.refused = place("ecgae-refused");
    this.result = place("ecgae-result");
    this.verdict = place("ecgae-verdict");
    this.story = place("ecgae-story");
    this.keys = html("ul", { class: "ecgae-legend" });
    this.root = html("div",
      { class: "ecgae ecgae-explorer ecgae-length-explorer", role: "group", "aria-label": "Length explorer" },
      place("ecgae-head", this.buildKinds(), this.result),
      place("ecgae-formulas", this.letters, this.numbers),
      place("ecgae-settings", ...SETTINGS.map((setting) => this.buildSetting(...setting))),
      place("ecgae-facts", this.verdict, this.keys),
      this.place,
      this.story,
      this.buildControls());
    this.root.widget = this; // for the browser's console and for tests
    el.append(this.root);
    this.place.append(this.refused);
    this.picture = new LengthPicture(this.place, (picked) => this.put({ picked }));
  }

  buildKinds() {
    this.kind = menu("layer", [["conv", "convolution"], ["conv_transpose", "transposed convolution"]],
      (kind) => this.put({ kind, picked: null }));
    const named = EXAMPLES.map(([text], n) => [n, text]);
    this.example = menu("example", [["", "your own"], ...named], (n) => {
      if (n !== "") this.put({ ...PLAIN, ...EXAMPLES[n][1], picked: null });
    });
    return html("div", { class: "ecgae-group" }, this.kind.node, this.example.node);
  }

  // A slider for small values and a field for any value.
  buildSetting(name, sign, min, max) {
    const change = (value) => this.change(name, value);
    const label = html("span", {}, `${name} `, html("i", {}, sign.split("_")[0]), html("sub", {}, sign.split("_")[1] ?? ""));
    const { node, input } = slider(label, name, { min, max, step: 1, value: min }, change, () => this.save.now());
    const field = focusable(html("input", { type: "number", min, max: MOST, "aria-label": `${name}, any value` }));
    field.addEventListener("change", () => {
      const value = Math.round(Number(field.value));
      field.value = Math.min(MOST, Math.max(min, Number.isFinite(value) ? value : min));
      change(Number(field.value));
      this.save.now();
    });
    node.append(field);
    this.settings = { ...this.settings, [name]: { node, input, field, max } };
    return node;
  }

  buildControls() {
    this.view = menu("drawn as", [["scatter", "every input writes"], ["zeros", "zeros inserted, then a convolution"]],
      (view) => this.put({ view }));
    this.side = menu("look at", [["", "everything"], ["output", "one output"], ["input", "one input"]],
      (side) => this.put({ picked: side ? [side, 0] : null }));
    const range = { min: 0, max: 1, step: 1, value: 0 };
    this.sample = slider("", "which sample", range, (n) => {
      this.put({ picked: [this.model.get("picked")[0], n] });
    });
    const zoom = { min: 0, max: 1, step: 0.01, value: 0 };
    this.zoomer = slider("zoom", "zoom", zoom, (value) => {
      this.zoom = value;
      this.redraw();
    });
    return html("div", { class: "ecgae-controls" },
      html("div", { class: "ecgae-group" }, this.side.node, this.sample.node),
      this.view.node,
      this.zoomer.node);
  }

  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.redraw();
    this.save.now();
  }

  // A setting under the finger.  What was picked may be gone: then nothing is.
  change(name, value) {
    this.model.set(name, value);
    if (!this.exists(this.model.get("picked"))) this.model.set("picked", null);
    this.redraw();
    this.save.soon();
  }

  values() {
    return Object.fromEntries([...SETTINGS.map(([name]) => name), "kind"].map((name) => [name, this.model.get(name)]));
  }

  exists(picked) {
    const s = this.values();
    if (!picked || refusal(s)) return false;
    return picked[1] < (picked[0] === "input" ? s.length : outputLength(s));
  }

  draw() {
    const s = this.values();
    const why = refusal(s);
    const picked = this.exists(this.model.get("picked")) ? this.model.get("picked") : null;
    const view = s.kind === "conv" ? "scatter" : this.model.get("view");
    this.root.classList.toggle("ecgae-is-refused", why !== null);
    this.root.classList.toggle("ecgae-is-conv", s.kind === "conv");
    this.refused.textContent = why ? `torch refuses: ${why}` : "";
    this.showControls(s, picked, view, why);
    showFormula(this.letters, [letter("L", "out"), " = ", ...formula({ ...LETTERS, kind: s.kind }, "")]);
    if (why) return this.drawRefused(s, why);
    const found = counts(s);
    showFormula(this.numbers, [letter("L", "out"), " = ", ...steps(s)]);
    this.result.textContent = `${group(s.length)} → ${group(outputLength(s))}`;
    this.picture.show({ s, view, picked, counts: found, zoom: this.zoom });
    this.zoomer.input.disabled = this.picture.w >= 36 && this.zoom === 0;
    this.drawWords(s, view, picked);
  }

  drawRefused(s, why) {
    this.result.textContent = `${group(s.length)} → refused`;
    this.numbers.replaceChildren();
    this.numbers.removeAttribute("role");
    this.numbers.removeAttribute("aria-label");
    for (const place of [this.verdict, this.story]) place.textContent = "";
    this.picture.showRefused(s);
    this.say(`torch refuses: ${why}`);
  }

  showControls(s, picked, view, why) {
    for (const [name, , min, small] of SETTINGS) {
      const { input, field } = this.settings[name];
      const value = s[name];
      if (value > Number(input.max)) input.max = value;
      else if (value <= small && Number(input.max) > small && !input.matches(":active")) input.max = small;
      input.value = value;
      if (!field.matches(":focus")) field.value = value;
    }
    this.kind.select.value = s.kind;
    this.view.select.value = view;
    const example = EXAMPLES.findIndex(([, e]) => Object.entries({ ...PLAIN, ...e }).every(([k, v]) => s[k] === v));
    this.example.select.value = example < 0 ? "" : example;
    this.side.select.value = picked ? picked[0] : "";
    this.side.select.disabled = why !== null;
    const { input } = this.sample;
    input.disabled = !picked;
    input.max = picked ? (picked[0] === "input" ? s.length : outputLength(s)) - 1 : 1;
    input.value = picked ? picked[1] : 0;
  }

  drawWords(s, view, picked) {
    const [verdict, uneven] = judge(s);
    this.verdict.textContent = verdict;
    this.verdict.classList.toggle("ecgae-uneven", uneven);
    this.story.textContent = picked ? tell(picture(s, view), picked) : "pick a sample: what does it touch?";
    this.drawKeys(s);
    const length = `${s.length} samples become ${outputLength(s)}`;
    this.say(`${length}. ${verdict}. ${picked ? this.story.textContent : ""}`);
  }

  drawKeys(s) {
    const { seen, hidden, fans } = this.picture;
    const names = { padding: "padding", inserted: "inserted zero", cropped: "cropped",
      bar: s.kind === "conv" ? "real samples each output reads" : "inputs that write to each output" };
    const items = Object.entries(names).filter(([kind]) => kind === "bar" || seen.includes(kind)).map(([kind, text]) =>
      html("li", {}, html("span", { class: `ecgae-swatch ecgae-${kind}`, "aria-hidden": "true" }), text));
    if (hidden) items.push(html("li", {}, "too many connections to draw: pick a sample"));
    else if (fans) items.push(html("li", {}, `a fan: the ${group(s.kernel_size)} connections of one stop`));
    this.keys.replaceChildren(...items);
  }

  remove() {
    this.redraw.cancel();
    this.stopTheme();
    this.picture.remove();
    for (const name of this.traits) this.model.off(`change:${name}`, this.redraw);
  }
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.remove();
}

export default { render };
