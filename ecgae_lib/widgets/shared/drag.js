// A hand on a part of the page: one pointer at a time, mouse, finger or pen.

const SLACK = 5; // px: less is no move, but a tap

//   start(event): it goes down; false: not there;  move(event, tap): tap, while it is near its start;
//   end(event, tap): it is lifted, or taken away.
export function drag(node, { start, move, end }) {
  let held = null;
  node.addEventListener("pointerdown", (event) => {
    if (held || event.button !== 0 || start(event) === false) return;
    held = { id: event.pointerId, x: event.clientX, y: event.clientY, tap: true };
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held?.id) return;
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > SLACK) held.tap = false;
    move(event, held.tap);
  });
  const release = (event) => {
    if (event.pointerId !== held?.id) return;
    const tap = held.tap && event.type === "pointerup";
    held = null;
    end(event, tap);
  };
  node.addEventListener("pointerup", release);
  node.addEventListener("pointercancel", release);
}
