// Where a widget stands: in the height that the page around it leaves, or alone, in all of the window.
import { button } from "./controls.js";
import { html } from "./dom.js";

const NARROW = 44; // rem: the style sheet puts the plots of a narrower widget below each other

export class Stage {
  // onResize(): it has another size, or was hidden until now.
  constructor(root, onResize) {
    this.root = root;
    const words = { class: "ecgae-present", title: "Fill the window; Escape leaves." };
    this.node = button("present", () => (this.dialog ? this.leave() : this.present()), words);
    root.addEventListener("fullscreenchange", () => document.fullscreenElement || this.leave());
    this.measure = () => this.fit();
    addEventListener("resize", this.measure);
    const look = (width) => {
      if (width !== this.width) this.fit();
      onResize();
    };
    // In the next frame: WebKit takes what changes sizes during the observation for an error.
    this.watch = new ResizeObserver(([{ contentRect }]) => {
      this.waits = requestAnimationFrame(() => look(contentRect.width));
    });
    this.watch.observe(root);
    this.fit(); // before anything is in it: later it would be laid out anew
  }

  // JupyterLab shows a notebook in a part of the window; a site keeps its bar above what is scrolled.
  fit() {
    const { root, dialog } = this;
    const page = document.documentElement;
    const around = dialog ?? root.closest(".jp-WindowedPanel-outer") ?? page;
    const bar = parseFloat(getComputedStyle(around).scrollPaddingTop) || 0;
    root.style.setProperty("--area", `${around.clientHeight - bar}px`);
    const wide = root.clientWidth > NARROW * parseFloat(getComputedStyle(page).fontSize);
    root.classList.toggle("ecgae-fit", wide);
    this.width = root.getBoundingClientRect().width;
  }

  // A dialog: the page behind it takes no keys.  Where the browser allows it, the screen is filled.
  present() {
    const { root } = this;
    const name = root.getAttribute("aria-label");
    this.dialog = html("dialog", { class: "ecgae-dialog", "aria-label": name });
    this.dialog.addEventListener("keydown", (event) => this.key(event), true);
    root.replaceWith(this.dialog);
    this.dialog.append(root);
    this.dialog.showModal();
    root.requestFullscreen?.().catch(() => {}); // not allowed: the window must do
    this.show();
  }

  key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.leave();
  }

  leave() {
    if (!this.dialog) return;
    this.dialog.replaceWith(this.root); // which ends the full screen, too
    this.dialog = null;
    this.show();
    this.node.focus();
  }

  show() {
    this.node.textContent = this.dialog ? "leave" : "present";
    this.fit();
  }

  remove() {
    this.watch.disconnect();
    cancelAnimationFrame(this.waits);
    removeEventListener("resize", this.measure);
    this.dialog?.remove();
  }
}
