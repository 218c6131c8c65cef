// Stands in for Jupyter in a page without a kernel: the part of its widget model that we use.
class Model {
  handlers = new Map();

  constructor(state) {
    this.state = state;
  }

  of = (event) => this.handlers.get(event) ?? [];

  get = (name) => this.state[name];

  set(name, value) {
    this.state[name] = value;
    for (const handler of this.of(`change:${name}`)) handler();
  }

  on = (event, handler) => this.handlers.set(event, [...this.of(event), handler]);

  off = (event, handler) =>
    this.handlers.set(
      event,
      this.of(event).filter((h) => h !== handler),
    );

  save_changes() {}

  send() {}
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}

// Replace {"gzip": ...}, at any depth, by the bytes that it stands for.
async function unpack(value) {
  if (value === null || typeof value !== "object") return value;
  if (typeof value.gzip === "string") return inflate(value.gzip);
  for (const key of Object.keys(value)) value[key] = await unpack(value[key]);
  return value;
}

// Bring to life every fragment of this widget on the page; each carries its state as JSON.  One that
// cannot live says so in its place, and the others go on.
export async function mount(name, render) {
  for (const place of document.querySelectorAll(`[data-widget="${name}"]`)) {
    const el = place.appendChild(document.createElement("div"));
    try {
      const model = new Model(await unpack(JSON.parse(place.querySelector("script").textContent)));
      await render({ model, el });
      place.dataset.ready = "";
    } catch (error) {
      el.textContent = `This ${name} does not work here: ${error.message}`;
      console.error(error);
    }
  }
}
