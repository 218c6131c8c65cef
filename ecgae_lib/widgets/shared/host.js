// Stands in for Jupyter in a page without a kernel: the part of its widget model that we use.
import { html } from "./dom.js";

// What several fragments of the page hold; in them stands only its place in this list.
const shared = JSON.parse(document.getElementById("ecgae-shared")?.textContent ?? "[]");
const TOO_OLD = "This browser is too old to unpack it: please open the page in a newer one.";

class Model extends EventTarget {
  constructor(state) {
    super();
    this.state = state;
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    this.state[name] = value;
    this.dispatchEvent(new Event(`change:${name}`));
  }

  on(event, handler) {
    this.addEventListener(event, handler);
  }

  off(event, handler) {
    this.removeEventListener(event, handler);
  }

  save_changes() {}
}

async function inflate(base64) {
  if (!globalThis.DecompressionStream) throw new Error(TOO_OLD); // iOS before 16.4
  const bytes = () => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([Uint8Array.fromBase64?.(base64) ?? bytes()])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}

const known = {}; // what several hold, once

// Replace {"gzip": ...}, at any depth, by the bytes that it stands for.
async function unpack(value) {
  if (value === null || typeof value !== "object") return value;
  if ("gzip" in value) {
    known[value.gzip] ??= inflate(shared[value.gzip] ?? value.gzip);
    return known[value.gzip];
  }
  for (const key of Object.keys(value)) value[key] = await unpack(value[key]);
  return value;
}

// Wake the page's fragments, one by one.  What cannot live says so.
export async function mount(views) {
  for (const place of document.querySelectorAll("[data-widget]")) {
    const name = place.dataset.widget;
    await wake(place, views[name].render).catch((error) => {
      const words = `This ${name} does not work here: ${error.message}`;
      place.replaceChildren(html("p", { role: "alert" }, words));
      console.error(error);
    });
    await new Promise(setTimeout);
  }
}

async function wake(place, render) {
  const model = new Model(await unpack(JSON.parse(place.querySelector("script").textContent)));
  const el = place.appendChild(html("div"));
  await render({ model, el });
  place.dataset.ready = "";
}
