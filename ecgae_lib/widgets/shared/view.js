// What every widget does: it follows its model, draws once per frame, tells Python and the reader,
// and ends without a trace.
import { html } from "./dom.js";
import { forgetSizes } from "./sizes.js";
import { Stage } from "./stage.js";
import { followTheme } from "./theme.js";

const SAVE_PAUSE = 120; // ms between two messages to Python while something moves
const REST = 500; // ms of rest before a screen reader is told

// A subclass gives
//   static classes, static label: the CSS classes of its root, and its name for a screen reader;
//   static traits: names; when one of them changes, draw() runs in the next frame;
//   build(): fills this.root, once;  draw(): shows the model as it is now.
export class View {
  constructor(model, el) {
    const { classes, label, traits } = this.constructor;
    this.model = model;
    this.parts = [];
    this.root = html("div", { class: `ecgae ${classes}`, role: "group", "aria-label": label });
    this.root.dataset.lmSuppressShortcuts = "true"; // or keys pressed in it act on JupyterLab's cells
    this.root.widget = this; // for the browser's console and for tests
    el.classList.add("ecgae-place"); // what Jupyter puts into its boxes
    el.append(this.root);
    keepKeys(this.root);
    this.root.addEventListener("change", ({ target }) => target.matches("input") && this.end());
    this.redraw = this.own(oncePerFrame(() => this.draw()));
    this.save = this.own(throttledSave(model));
    this.own(followTheme(this.root, () => this.recolour()));
    this.stage = this.own(new Stage(this.root, this.redraw));
    this.build();
    [...this.root.querySelectorAll(".ecgae-group")].at(-1)?.append(this.stage.node);
    this.announce = this.own(announcer(this.root));
    this.listen(traits, this.redraw);
    this.redraw();
  }

  // A part that must end with the widget: remove() ends it.  Returns it.
  own(part) {
    this.parts.push(part);
    return part;
  }

  listen(traits, act) {
    for (const event of traits.map((name) => `change:${name}`)) {
      this.model.on(event, act);
      this.own({ remove: () => this.model.off(event, act) });
    }
  }

  get(name) {
    return this.model.get(name);
  }

  // Set traits and tell Python soon, while something moves, or at once.
  putSoon(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.save.soon();
  }

  put(traits) {
    this.putSoon(traits);
    this.save.now();
  }

  // The hand is done.
  end() {
    this.save.now();
  }

  // Light became dark, or the other way round.
  recolour() {
    this.redraw();
  }

  remove() {
    forgetSizes(this.root);
    for (const part of this.parts) part.remove();
  }
}

// What anywidget asks for: how a model becomes a view in an element, and how that ends.
export function widget(Kind) {
  const render = ({ model, el }) => {
    const view = new Kind(model, el);
    return () => view.remove();
  };
  return { render };
}

// Keys pressed inside the widget end there: no notebook around it acts on them.
function keepKeys(root) {
  for (const event of ["keydown", "keyup", "keypress"]) {
    root.addEventListener(event, (e) => e.stopPropagation());
  }
}

// Run `draw` once in the next frame, however often it is asked for.
function oncePerFrame(draw) {
  let frame = 0;
  const request = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  request.remove = () => cancelAnimationFrame(frame);
  return request;
}

// Send traits to Python soon, at most every SAVE_PAUSE ms, or now.
function throttledSave(model) {
  let timer = 0;
  let last = -Infinity;
  const now = () => {
    clearTimeout(timer);
    timer = 0;
    last = performance.now();
    model.save_changes();
  };
  const soon = () => {
    timer ||= setTimeout(now, Math.max(0, last + SAVE_PAUSE - performance.now()));
  };
  return { soon, now, remove: () => timer && now() };
}

// A live region that speaks when things have come to rest.
function announcer(root) {
  const node = root.appendChild(html("div", { class: "ecgae-unseen", "aria-live": "polite" }));
  let timer = 0;
  const announce = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      node.textContent = text;
    }, REST);
  };
  announce.remove = () => clearTimeout(timer);
  return announce;
}
