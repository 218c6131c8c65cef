// A hand on the picture of a convolution: which sample it means.
import { sampleAt } from "./lengths.js";

const within = (value, count) => Math.min(count - 1, Math.max(0, value));

// The sample at a place in the window as [side, n]; null where there is none.
function sampleNear({ parent, left, w, from, y, pic, outputAbove }, clientX, clientY) {
  const place = parent.getBoundingClientRect();
  const height = clientY - place.top;
  const position = (clientX - place.left - left) / w + from - 0.5;
  if (Math.abs(height - y.stops) < Math.abs(height - y.cells)) {
    const j = Math.round((position - pic.first - pic.reach / 2) / pic.step);
    return [outputAbove ? "output" : "input", within(j, pic.stops)];
  }
  const n = sampleAt(pic, within(Math.round(position), pic.size));
  return n === null ? null : [pic.cells, n];
}

// A press picks a sample, a drag wanders, a second press on the same sample lets go: onPick(null).
export function listen(picture, onPick) {
  const { parent } = picture;
  let start = null;
  const choose = (e) => {
    const found = !picture.now.refused && sampleNear(picture, e.clientX, e.clientY);
    if (found) onPick(found);
    return String(found);
  };
  parent.addEventListener("pointerdown", (e) => {
    if (e.button !== 0 || !picture.now) return;
    const was = String(picture.now.picked);
    start = { was, x: e.clientX, moved: false, found: choose(e) };
    parent.setPointerCapture(e.pointerId);
  });
  parent.addEventListener("pointermove", (e) => {
    if (!start) return;
    if (Math.abs(e.clientX - start.x) > 5) start.moved = true;
    if (start.moved && picture.now.zoom === 0) choose(e); // a zoomed window would run away
  });
  const end = (e) => {
    const { was, moved, found } = start ?? {};
    start = null;
    if (e.type === "pointerup" && !moved && was === found) onPick(null);
  };
  parent.addEventListener("pointerup", end);
  parent.addEventListener("pointercancel", end);
}
