// How large parts of the page are: all are measured before the first one is drawn anew, or the
// browser would lay out the page once for each of them.
const followers = new WeakMap();
const watch = new ResizeObserver((entries) => {
  const found = entries.map(({ target }) => ({
    width: target.clientWidth,
    height: target.clientHeight,
    em: parseFloat(getComputedStyle(target).fontSize),
  }));
  entries.forEach(({ target }, n) => {
    followers.get(target)?.(found[n]);
  });
});

// act({ width, height, em }), in px, as soon as the node is displayed and whenever its size changes.
export function followSize(node, act) {
  followers.set(node, act);
  watch.observe(node);
}

// Nothing inside of root is followed any more.
export function forgetSizes(root) {
  for (const node of root.querySelectorAll("*")) watch.unobserve(node);
}
