// One model among others: its map, and the beat that it decodes at its handle.
import { BeatPanel } from "../shared/beat_panel.js";
import { unpackCompact, unpackMap } from "../shared/beats.js";
import { makeDecoder } from "../shared/decoder.js";
import { div, html, setAttributes } from "../shared/dom.js";
import { LatentMap } from "../shared/latent_map.js";
import { nearestLine } from "../shared/legends.js";
import { highest, meanSquaredError, nearest, rPeak } from "../shared/measure.js";

const FAR_OFF = 1e6; // pixels: more than any map has

export class Column {
  constructor(parent, { name, steps, weights, map }, beats, on) {
    Object.assign(this, { name, beats, at: unpackMap(map) });
    this.decode = makeDecoder(steps, unpackCompact(weights));
    this.fact = html("span", { class: "ecgae-chip" });
    const plane = div("ecgae-latent-map");
    const beat = div("ecgae-beat-plot");
    const title = div("ecgae-panel-title", name);
    this.root = div("ecgae-latent-pad ecgae-panel ecgae-column", title, plane, this.fact, beat);
    parent.append(this.root);
    this.panel = new BeatPanel(beat, beats);
    this.map = new LatentMap(plane, on);
    setAttributes(this.map.handle, { "aria-label": `point on the map of: ${name}` });
    this.map.setContent({ ...beats, ...this.at });
    this.map.setUnderlay("density");
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

  // Draw what lies at z; `chosen` is the beat that all show, or null.  Returns it in words.
  draw(z, chosen) {
    const { index, distance } = this.near(z);
    const beat = chosen ?? index;
    const [x, x_beat] = [this.decode(z), this.beats.beat(beat)];
    const far = distance > this.at.reach;
    this.map.show({ z, near: beat, picked: chosen });
    this.root.classList.toggle("ecgae-far", far);
    this.panel.draw("decoded", x);
    this.panel.draw("nearest", x_beat);
    setAttributes(this.panel.lines.nearest, { class: nearestLine(this.beats.labels, beat) });
    const [what, value] = chosen === null ? this.peak(x) : this.error(x, x_beat);
    const warning = far ? "extrapolating, " : "";
    this.fact.replaceChildren(warning, what, html("b", {}, value));
    return `${this.name}: ${warning}${what}${value}`;
  }

  peak(x) {
    const { ms, ecg, units } = this.beats;
    const [what, { amplitude }] = ecg ? ["R ", rPeak(ms, x)] : ["maximum ", highest(ms, x)];
    return [what, units.value(amplitude)];
  }

  error(x_hat, x) {
    return ["error ", this.beats.units.error(meanSquaredError(x_hat, x))];
  }
}
