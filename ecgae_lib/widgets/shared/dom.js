// Elements of a page: how they are made and changed.

export function svg(tag, attributes = {}, parent = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(node, attributes);
  parent?.append(node);
  return node;
}

// A new HTML element: html("div", { class: "ecgae-panel" }, child, "text").
export function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

export const div = (name, ...children) => html("div", { class: name }, ...children);

// Set attributes and text only where they change: the browser paints again whatever is set.
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function setPaths(paths, d) {
  for (const n in paths) setAttributes(paths[n], { d: d[n] });
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
