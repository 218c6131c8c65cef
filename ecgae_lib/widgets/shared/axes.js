// Axes with units, lines in data units, colours from CSS.
import { setAttributes, svg } from "./dom.js";
import { clamp, ticks } from "./numbers.js";
import { followSize } from "./sizes.js";

const WIDEST = 0.75; // em: letters are narrower on average

// The samples (x, y) as a path in data units.  Whole numbers with an exponent, 123e-5, are written
// many times as fast as 0.00123.
export function linePath(x, y, digits = 5) {
  const scale = 10 ** digits;
  let d = "";
  for (let i = 0; i < y.length; i++) {
    d += `${i ? "L" : "M"}${x[i]} ${Math.round(y[i] * scale)}e-${digits}`;
  }
  return d;
}

// A frame with ticks and labels.  What is drawn into `area` is in pixels and clipped, what is
// drawn into `data` is in data units.  `onLayout` runs after each change of size or range.
export class Axes {
  constructor(parent, { xLabel, yLabel, square = false, onLayout = () => {} }) {
    Object.assign(this, { parent, xLabel, yLabel, square, onLayout });
    this.root = svg("svg", { class: "ecgae-axes", "aria-hidden": "true" }, parent);
    this.frame = svg("g", { class: "ecgae-frame" }, this.root);
    this.area = svg("svg", { class: "ecgae-area" }, this.root); // a nested svg clips
    this.data = svg("g", { class: "ecgae-data" }, this.area);
    followSize(parent, (size) => {
      this.size = size;
      this.layout();
    });
  }

  setRange(x, y) {
    this.range = [x, y];
    this.layout();
  }

  layout() {
    if (!this.range || !this.size?.width || !this.size.height) return;
    const { width, height, em } = this.size;
    const box = { left: 4.1 * em, top: 0.7 * em };
    box.width = width - box.left - 0.9 * em;
    box.height = height - box.top - 3.1 * em;
    if (this.square) box.width = box.height = Math.min(box.width, box.height);
    this.box = box;
    setAttributes(this.root, { width, height });
    setAttributes(this.area, { x: box.left, y: box.top, width: box.width, height: box.height });
    const [[x0, x1], [y0, y1]] = this.range;
    const scale = [box.width / (x1 - x0), -box.height / (y1 - y0)];
    this.data.setAttribute("transform", `scale(${scale}) translate(${-x0} ${-y1})`);
    const looks = String([width, height, em, x0, x1, y0, y1]);
    if (this.looks !== looks) this.drawFrame(em);
    this.looks = looks;
    this.onLayout();
  }

  drawFrame(em) {
    const { left, top, width, height } = this.box;
    const bottom = top + height;
    this.frame.replaceChildren();
    svg("rect", { class: "ecgae-paper", x: left, y: top, width, height }, this.frame);
    for (const { value, text } of ticks(...this.range[0], width / (4.5 * em))) {
      const x = left + this.px(value, 0)[0];
      svg("path", { class: "ecgae-tick", d: `M${x} ${bottom}v${0.3 * em}` }, this.frame);
      this.write(text, { x, y: bottom + 1.5 * em });
    }
    for (const { value, text } of ticks(...this.range[1], height / (3 * em))) {
      const y = top + this.px(0, value)[1];
      svg("path", { class: "ecgae-tick", d: `M${left} ${y}h${-0.3 * em}` }, this.frame);
      const place = { x: left - 0.5 * em, y: y + 0.33 * em, "text-anchor": "end" };
      const node = this.write(text, place);
      if (text.length > 3 && node.getComputedTextLength() > 2.2 * em) squeeze(node, 2.2 * em);
    }
    const label = { class: "ecgae-axis-label" };
    const name = this.write(this.xLabel, { x: left + width / 2, y: bottom + 2.8 * em, ...label });
    const room = width + 1.6 * em;
    const tight = this.xLabel.length * WIDEST * em > room; // to measure it costs a layout
    if (tight && name.getComputedTextLength() > room) squeeze(name, room);
    const turned = `translate(${em} ${top + height / 2}) rotate(-90)`;
    this.write(this.yLabel, { transform: turned, ...label });
  }

  write(text, attributes) {
    const node = svg("text", { "text-anchor": "middle", ...attributes }, this.frame);
    node.textContent = text;
    return node;
  }

  // Data to pixels of the area.
  px(x, y) {
    const [[x0, x1], [y0, y1]] = this.range;
    const { width, height } = this.box;
    return [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  }

  // Pixels of the window to pixels of the area, and to data, at the edge if they lie outside.
  areaFromClient(clientX, clientY) {
    const { left, top } = this.parent.getBoundingClientRect();
    return [clientX - left - this.box.left, clientY - top - this.box.top];
  }

  fromClient(clientX, clientY) {
    const [[x0, x1], [y0, y1]] = this.range;
    const [x, y] = this.areaFromClient(clientX, clientY);
    const u = clamp(x / this.box.width, [0, 1]);
    const v = clamp(y / this.box.height, [0, 1]);
    return [x0 + u * (x1 - x0), y1 - v * (y1 - y0)];
  }

  // Which of some points in data units is drawn nearest to a pointer: index, distance in pixels.
  nearest({ clientX, clientY }, points) {
    const [x, y] = this.areaFromClient(clientX, clientY);
    let found = { index: -1, distance: Infinity };
    points.forEach((point, index) => {
      const [u, v] = this.px(...point);
      const distance = Math.hypot(u - x, v - y);
      if (distance < found.distance) found = { index, distance };
    });
    return found;
  }
}

const squeeze = (node, room) =>
  setAttributes(node, { textLength: room, lengthAdjust: "spacingAndGlyphs" });
