// The deck: slides that fill the window.  rem is the unit of all sizes (see slides.css), so that
// nothing is scaled by a transform, under which a hand would miss what it drags in a widget.
const LEAST = 0.64; // of the usual size of letters: 18 px of 28
const MOST = 1.2;

// Letters as large as the slide has room for; beside a figure the usual ones.
function fit(slide) {
  const body = slide.querySelector(".body");
  const most = body.querySelector(".figure, .widget") ? 1 : MOST;
  if (!fits(body, most, 0.8)) {
    body.classList.add("wrapped"); // long lines of output are broken
    fits(body, 1, LEAST);
  }
}

function fits(body, most, least) {
  for (let size = most; size >= least; size -= 0.04) {
    body.style.setProperty("--size", size);
    if (!overflows(body)) return true;
  }
  return false;
}

const overflows = (body) =>
  body.scrollHeight > body.clientHeight ||
  [body, ...body.querySelectorAll(".scroll")].some((box) => box.scrollWidth > box.clientWidth);

// 12 of 30, or 12.1 below it; the arrow says that there is something below.
function number(slide) {
  const { h, v } = deck.getIndices(slide);
  const down = deck.availableRoutes().down ? " ↓" : "";
  return [`${h + 1}${v ? `.${v}` : ""} / ${deck.getHorizontalSlides().length}${down}`];
}

// A hand in a widget has its keys; a presenter's remote still turns the page.
const inWidget = () => document.activeElement.closest("[data-widget]");
function turn(event) {
  if (!inWidget() || !/^Page/.test(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  deck[event.key === "PageDown" ? "right" : "left"]();
}
addEventListener("keydown", turn, true);

for (const image of document.querySelectorAll(".figure")) {
  image.style.setProperty("--shape", image.height / image.width);
}
const deck = new Reveal(document.querySelector(".reveal"), {
  disableLayout: true,
  center: false,
  display: "flex",
  width: 1280, // of a printed page
  height: 720,
  margin: 0,
  pdfMaxPagesPerSlide: 1,
  pdfSeparateFragments: false,
  hash: true,
  controls: false,
  slideNumber: number,
  keyboard: { 32: "right", 33: "left", 34: "right" }, // space bar and remotes pass what is below
  transition: "none",
  keyboardCondition: () => !inWidget(),
  plugins: [RevealNotes],
});
const fitCurrent = () => fit(deck.getCurrentSlide());
for (const event of ["ready", "slidechanged"]) deck.on(event, fitCurrent);
deck.on("pdf-ready", () => {
  for (const slide of deck.getSlides()) fit(slide);
  document.documentElement.dataset.printable = "";
});
addEventListener("resize", fitCurrent);
document.fonts.ready.then(() => deck.initialize());
