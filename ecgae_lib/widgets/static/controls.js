// Buttons, sliders and menus of the browser itself, so that keyboard and screen reader work; and
// what a widget needs around them: a throttled save, one redraw per frame, a debounced voice.
import { html } from "./plot.js";

// Every element that takes the focus must say so, or JupyterLab's shortcuts act on its cells.
export function focusable(node) {
  node.setAttribute("data-lm-suppress-shortcuts", "true");
  return node;
}

export function button(text, onClick, attributes = {}) {
  const node = focusable(html("button", { type: "button", ...attributes }, text));
  node.addEventListener("click", onClick);
  return node;
}

// A labelled slider.  `onEnd` runs when the finger leaves it.
export function slider(label, name, { min, max, step, value }, onInput, onEnd = () => {}) {
  const input = focusable(html("input", { type: "range", min, max, step, "aria-label": name }));
  input.value = value;
  input.addEventListener("input", () => onInput(Number(input.value)));
  input.addEventListener("change", onEnd);
  return { node: html("label", { class: "ecgae-slider" }, html("span", {}, label), input), input };
}

export function menu(label, options, onChange) {
  const select = focusable(html("select"));
  for (const [value, text] of options) select.append(html("option", { value }, text));
  select.addEventListener("change", () => onChange(select.value));
  return { node: html("label", { class: "ecgae-menu" }, html("span", {}, label), select), select };
}

// Keys pressed inside the widget end there: no notebook around it acts on them.
export function keepKeys(root) {
  for (const event of ["keydown", "keyup", "keypress"]) {
    root.addEventListener(event, (e) => e.stopPropagation());
  }
}

// Run `draw` once in the next frame, however often it is asked for.
export function oncePerFrame(draw) {
  let asked = 0;
  const request = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      draw();
    });
  };
  request.cancel = () => cancelAnimationFrame(asked);
  return request;
}

// Send traits to Python at most every `wait` ms while something moves; `now()` at its end.
export function throttledSave(model, wait = 120) {
  let timer = 0;
  let last = -Infinity;
  const now = () => {
    clearTimeout(timer);
    timer = 0;
    last = performance.now();
    model.save_changes();
  };
  const soon = () => {
    timer ||= setTimeout(now, Math.max(0, last + wait - performance.now()));
  };
  return { soon, now };
}

// A live region that speaks when things have come to rest.
export function voice(root, wait = 500) {
  const node = root.appendChild(html("div", { class: "ecgae-unseen", "aria-live": "polite" }));
  let timer = 0;
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      node.textContent = text;
    }, wait);
  };
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
