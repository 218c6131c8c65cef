// Contents are open where there is room, and say where one is.
const contents = document.querySelector(".contents details");
if (contents) contents.open = matchMedia("(min-width: 75rem)").matches;
const links = [...document.querySelectorAll(".contents a")];
const here = () => {
  const passed = links.filter((link) => {
    return (
      document.getElementById(link.hash.slice(1)).getBoundingClientRect().top < innerHeight / 3
    );
  });
  for (const link of links) link.removeAttribute("aria-current");
  passed.at(-1)?.setAttribute("aria-current", "true");
};
addEventListener("scroll", () => requestAnimationFrame(here), { passive: true });

// What scrolls sideways can be reached with the keyboard.
const reach = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
new ResizeObserver(reach).observe(document.body);
document.fonts.ready.then(reach);
