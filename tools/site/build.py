"""The course as a folder of web pages that needs no kernel, no server and no network.

    python -m tools.site.build [SOURCE [TARGET]] [--stored [NAME ...]]

Every page is one file: style, script, figures, formulas (MathML) and widgets are inside.  Notebooks
that hold widgets are run, so that their cells give living ones; --stored takes those it names, or
all, as they are stored.  Formulas want node: npm ci --prefix tools/site.
"""

import argparse
import os
import re
import struct
from base64 import b64decode, b64encode
from functools import partial
from html import escape
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.record import run
from tools.site import glossary
from tools.site.mathml import font, to_mathml

ROOT = Path(__file__).parents[2]
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
TAGS = re.compile(r"<[^>]*>")
MOST = 1_350_000  # bytes that a phone should load for one page


class Prose(IPythonRenderer):
    """Markdown as HTML; remembers the headings.  name: of the page; names: of all pages."""

    def __init__(self, name, names):
        super().__init__(escape=False)
        self.name, self.names, self.contents = name, names, []
        self.lessons = {path.name[:2]: path for path in filter(is_lesson, names)}

    def block_math(self, body):
        return f'<div class="formula scroll">{self.inline_math(body, "block")}</div>'

    def inline_math(self, body, display="inline"):
        try:
            return to_mathml(body, display)
        except ValueError as error:
            raise ValueError(f"{self.name.with_suffix('.ipynb')}: {error}") from None

    def block_code(self, code, info=None):
        return code_html(code) if info == "python" else f'<pre class="scroll">{escape(code)}</pre>'

    def table(self, text):
        return f'<div class="scroll"><table>{text}</table></div>'

    def heading(self, text, level, **attrs):
        words = TAGS.sub("", text)
        number = re.match(r"(?:Exercise )?(\d+\.\d+)", words)
        anchor = number[1] if number else re.sub(r"\W+", "-", words.lower()).strip("-")
        if words.startswith("Exercise "):
            anchor = f"exercise-{anchor}"
        if level == 2:
            self.contents.append((anchor, text))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def paragraph(self, text):
        if text.startswith("<div"):  # a formula of its own
            return text
        kind = ' class="predict"' if "<strong>Predict" in text else ""
        return f"<p{kind}>{self.cross_references(text)}</p>\n"

    def cross_references(self, text):
        """Link what the text calls "notebook 3" or "section 4.9"."""
        text = re.sub(r"\b([Nn]otebook)\s(\d+)\b(?! of|</a>)", self.to_notebook, text)
        return re.sub(r"\b([Ss]ection)\s((\d+)\.\d+)\b(?!</a>)", self.to_section, text)

    def to_notebook(self, match):
        return self.link_to(match[0], match[2].zfill(2))

    def to_section(self, match):
        return self.link_to(match[0], match[3].zfill(2), f"#{match[2]}")

    def link_to(self, words, lesson, anchor=""):
        path = self.lessons.get(lesson)
        if path is None or (path == self.name and not anchor):
            return words
        return f'<a href="{address(path, self.name)}{anchor}">{words}</a>'

    def link(self, text, url, title=None):
        target = Path(os.path.normpath(self.name.parent / url)).with_suffix(".html")
        known = url.endswith(".ipynb") and target in self.names
        if not known and not url.startswith(("http", "#")):
            return text  # a file of the repository that is no page
        return super().link(text, address(target, self.name) if known else url, title)


def address(path, page):
    """Where `page` finds `path`, both relative to the site."""
    return Path(os.path.relpath(path, page.parent)).as_posix()


def code_html(source):
    """Python with its words coloured by style.css."""
    lines = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()
    return f'<pre class="code scroll"><code>{lines}</code></pre>\n'


def output_html(output):
    """One output of a cell: a living widget or a table, a figure, or text."""
    data = output.get("data") or {"text/plain": output.get("text", "")}
    if "text/html" in data:
        kind = "widget" if "data-widget" in data["text/html"] else "scroll"
        return f'<div class="output {kind}">{data["text/html"]}</div>\n'
    if "image/png" in data:
        return picture(b64decode(data["image/png"]), output.metadata["image/png"]["alt"])
    text = escape(data["text/plain"].rstrip())
    kind = "reply" if text.startswith(("Right. ", "Not yet: ")) else "scroll"
    return text and f'<pre class="output {kind}">{text}</pre>\n'


def picture(png, alt):
    """An <img> that holds the PNG and its size, so that nothing jumps when it is drawn."""
    width, height = struct.unpack(">II", png[16:24])
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    size = f'width="{width}" height="{height}"'
    return f'<img class="figure" alt="{escape(alt)}" {size} src="{source}">\n'


def cell_html(cell, prose, link_terms=str):
    """One cell of a notebook.  link_terms: what links the glossary's terms in its HTML."""
    if cell.cell_type == "markdown":
        text = MarkdownWithMath(renderer=prose).render(cell.source)
        return link_terms(text.replace("</details></p>", "</p></details>"))
    code, given = code_html(cell.source), "".join(map(output_html, cell.get("outputs", [])))
    tags = cell.metadata.get("tags", ())
    if "maintainers" in tags:
        return folded("maintainers", "For maintainers", code + given)
    if "predicted" in tags and given:
        given = folded("predicted", "Show what comes out", given)
    return code + given


def folded(kind, words, html):
    """Behind a button that needs no script."""
    return f'<details class="{kind}"><summary>{words}</summary>\n{html}</details>\n'


def load(path, stored=None):
    """The notebook as it is stored, or run, its widgets alive, if it holds some and we may.

    stored: names of notebooks that are not run, whatever they hold; [] for all, None for none.
    """
    notebook = nbformat.read(path, as_version=4)
    code = "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if "ecgae_lib.widgets" not in code or stored == [] or path.stem in (stored or ()):
        return notebook
    print("running", path, flush=True)
    return run(path, ECGAE_WIDGETS="html")


def page_of(notebook, name, names, terms):
    """What the templates need to know of one notebook.  terms: of the glossary."""
    prose = Prose(name, names)
    link_terms = glossary.FirstUses(terms, int(name.name[:2])) if is_lesson(name) else str
    body = "".join(cell_html(cell, prose, link_terms) for cell in notebook.cells)
    body, assets = alive(body)
    first = notebook.cells[0].source
    time = re.search(r"about (\d+) minutes", first)
    return dict(
        name=name,
        title=re.search(r"^# (.*)", first)[1],
        body=body,
        contents=prose.contents,
        assets=assets,
        lead=lead_of(first),
        minutes=time and time[1],
    )


def is_lesson(name):
    return name.parent == Path()


def glossary_page(terms, names):
    template = TEMPLATES.get_template("glossary.html")
    lessons = {int(name.name[:2]): name for name in filter(is_lesson, names)}
    letters, slovene = glossary.by_letter(terms), glossary.slovene(terms)
    body = template.render(
        terms=terms, letters=letters, slovene=slovene, lessons=lessons, formula=to_mathml
    )
    contents = [(letter, letter) for letter, _ in letters] + [("slovene", "Slovene to English")]
    return dict(name=glossary.PAGE, title="Glossary", body=body, contents=contents)


def text_page(path, names):
    """A page of a text in Markdown; what it calls "section 3.4" is linked, as in the lessons."""
    prose, text = Prose(Path(path.stem).with_suffix(".html"), names), path.read_text("utf-8")
    body = MarkdownWithMath(renderer=prose).render(text)
    title = re.search(r"^# (.*)", text)[1]
    return dict(name=prose.name, title=title, body=body, contents=prose.contents)


def alive(body):
    """A body, and style and scripts of its widgets; what several of them hold or share, once."""
    kinds = dict.fromkeys(re.findall(r'data-widget="(\w+)"', body))
    if not kinds:
        return body, ""
    from ecgae_lib import widgets  # with torch, which takes seconds: many pages have none

    assets = widgets.base.assets(*(getattr(widgets, kind) for kind in kinds))
    return widgets.base.share(body), assets


def lead_of(first):
    """The first sentences of a notebook, for the index."""
    text = next(p for p in first.split("\n\n")[1:] if not p.startswith("**"))
    sentences = re.findall(r"\S.*?[.?!](?=\s|$)", text, re.DOTALL)
    lead = sentences.pop(0)
    while sentences and len(lead + sentences[0]) < 250:
        lead += " " + sentences.pop(0)
    return MarkdownWithMath(renderer=Prose(Path("index.html"), [])).render(lead)


def index():
    """What the template of the index needs: a living pad."""
    from tools.site import door  # with torch

    pad, assets = alive(door.pad().fragment())
    return dict(name=Path("index.html"), assets=assets, pad=pad)


def build(source, target, stored=None):
    """Write the pages of all notebooks in the folder `source` into the folder `target`."""
    patterns = "[0-9]*.ipynb", "solutions/[0-9]*.ipynb", "appendix/*.ipynb"
    paths = [path for pattern in patterns for path in sorted(source.glob(pattern))]
    names = [path.relative_to(source).with_suffix(".html") for path in paths]
    terms = glossary.load()
    pages = [page_of(load(p, stored), n, names, terms) for p, n in zip(paths, names, strict=True)]
    lessons = [page for page in pages if is_lesson(page["name"])]
    pages += [glossary_page(terms, names), text_page(ROOT / "docs" / "errata.md", names)]
    shared = dict(lessons=lessons, font=font(page["body"] for page in pages))
    for page in pages:
        at = lessons.index(page) if page in lessons else None
        around = {} if at is None else dict(before=lessons[:at][-1:], after=lessons[at + 1 :][:1])
        write(target, page, "page.html", **shared, **around)
    letters = font(lesson["lead"] for lesson in lessons)
    write(target, index(), "index.html", lessons=lessons, font=letters)


def write(target, page, template, **shared):
    """Fill a template and write the page; ValueError if it became too large for a phone."""
    to = partial(address, page=page["name"])
    text = TEMPLATES.get_template(template).render(**shared, page=page, address=to, Path=Path)
    size = len(text.encode())
    if size > MOST:
        raise ValueError(f"{page['name']} has {size:,} bytes, more than {MOST:,}: show less in it")
    path = target / page["name"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"{size / 1e6:5.2f} MB  {path}")


def command(build, text, folder):
    """Build as the command line says.  text: what the command is; folder: where it writes."""
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("source", nargs="?", type=Path, default=ROOT / "notebooks")
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / folder)
    parser.add_argument("--stored", nargs="*", metavar="NAME", help="run none, or none of these")
    build(**vars(parser.parse_args()))


if __name__ == "__main__":
    command(build, __doc__, "site")
