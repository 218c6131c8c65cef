// A hand on the picture of a convolution: which sample it means.
import { drag } from "../shared/drag.js";
import { clamp } from "../shared/numbers.js";

// The sample at a place in the window as [side, n]; null where there is none.
function sampleNear({ parent, left, w, from, y, pic, outputAbove }, { clientX, clientY }) {
  const place = parent.getBoundingClientRect();
  const height = clientY - place.top;
  const position = (clientX - place.left - left) / w + from - 0.5;
  if (Math.abs(height - y.stops) < Math.abs(height - y.cells)) {
    const j = Math.round((position - pic.first - pic.reach / 2) / pic.step);
    return [outputAbove ? "output" : "input", clamp(j, [0, pic.stops - 1])];
  }
  const n = pic.sampleAt(clamp(Math.round(position), [0, pic.size - 1]));
  return n === null ? null : [pic.cells, n];
}

// A press picks a sample, a drag wanders, a second press on it lets go: pick(null).
export function followHand(picture, on) {
  let again = false; // the press is on what was picked
  const choose = (event) => {
    const found = picture.now && sampleNear(picture, event);
    if (found) on.pick(found);
    return String(found);
  };
  drag(picture.parent, {
    start: (event) => {
      const was = String(picture.now?.picked);
      again = choose(event) === was;
    },
    move: (event, tap) => {
      if (!tap && picture.now?.zoom === 0) choose(event); // a zoomed window would run away
    },
    end: (_event, tap) => {
      if (tap && again) on.pick(null);
      on.end();
    },
  });
}
