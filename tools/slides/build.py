"""Each lesson as a deck of slides: one file that needs no network, and a PDF of it.

    python -m tools.slides.build [SOURCE [TARGET]] [--stored [NAME ...]]

The cells say by their metadata what is on the slides: see deck.py.  Notebooks that hold widgets are
run, as for the site.  → and ← turn the pages, ↓ shows what is below, s opens the speaker's view.
"""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS, quiet_page
from ecgae_lib.widgets.base import POLICY
from tools.site.build import alive, command, load
from tools.site.mathml import font
from tools.slides.deck import Deck

HERE = Path(__file__).parent
SITE = HERE.parent / "site"
REVEAL = SITE / "node_modules" / "reveal.js" / "dist"
TEMPLATES = Environment(loader=FileSystemLoader([HERE, SITE]), autoescape=True, trim_blocks=True)
SHARED = "formulas", "code and"  # rooms of the site's style sheet
# The speaker's window, which reveal.js writes itself, shows the deck twice.
SCRIPTS = POLICY.replace("'sha256-{}'", "'unsafe-inline'")
SPEAKER = f"{SCRIPTS}; font-src data:; frame-src 'self' file:"


def text_of(path):
    if not path.exists():
        raise FileNotFoundError(f"{path.name} is missing; run: npm ci --prefix tools/site")
    return path.read_text(encoding="utf-8")


def style():
    """reveal.js's, the site's colours, formulas and code, and what slides have of their own."""
    site = text_of(SITE / "style.css")
    colours, *rooms = re.split(r"\n\n/\* ", site)
    colours = colours[: colours.index("@media")]
    shared = [f"/* {room}" for room in rooms if room.startswith(SHARED)]
    sheets = [text_of(REVEAL / "reveal.css"), colours, *shared, text_of(HERE / "slides.css")]
    return "\n".join(sheets)


def scripts():
    """reveal.js, its notes, and ours; a string in them must not end the element that holds them."""
    files = REVEAL / "reveal.js", REVEAL / "plugin" / "notes.js", HERE / "slides.js"
    return [re.sub(r"<(?=/script|!--)", r"\\x3c", text_of(file)) for file in files]


def deck_of(notebook, name):
    """The page of one lesson, and how many slides it has to the right and in all."""
    columns = Deck(notebook, name).columns
    slides, assets = alive(TEMPLATES.get_template("columns.html").render(columns=columns))
    page = TEMPLATES.get_template("deck.html").render(
        page=dict(title=re.search(r"^# (.*)", notebook.cells[0].source)[1], assets=assets),
        slides=slides,
        font=font([slides]),
        style=style(),
        scripts=scripts(),
        policy=SPEAKER,
    )
    return page, len(columns), sum(map(len, columns))


def build(source, target, stored=None):
    """Write a deck, and where Chromium is a PDF, of every lesson in `source` into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    decks = []
    for path in sorted(source.glob("[0-9]*.ipynb")):
        page, across, slides = deck_of(load(path, stored), Path(path.stem))
        decks.append(target / f"{path.stem}.html")
        decks[-1].write_text(page, encoding="utf-8")
        counts = f"{across} slides, {slides} with those below"
        print(f"{len(page.encode()) / 1e6:5.2f} MB  {counts}  {decks[-1]}", flush=True)
    print_all(decks)


def print_all(decks):
    """A PDF beside each deck, a page for every slide."""
    if CHROMIUM is None:
        return print("No PDFs: Chromium is missing; install it, or set CHROMIUM to its path.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for deck in decks:
            print_deck(browser, deck)


def print_deck(browser, deck):
    screen = dict(viewport=dict(width=1280, height=720))
    with quiet_page(browser, f"{deck.as_uri()}?print-pdf", **screen) as page:
        page.wait_for_selector("[data-printable]", state="attached")
        page.wait_for_selector("[data-widget]:not([data-ready])", state="detached")
        page.pdf(path=deck.with_suffix(".pdf"), prefer_css_page_size=True, print_background=True)


if __name__ == "__main__":
    command(build, __doc__, "site/slides")
