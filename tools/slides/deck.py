"""The slides of one lesson, out of its cells and their `metadata.slideshow.slide_type`.

JupyterLab's types, as nbconvert reads them.  "slide": to the right; "subslide": below, for those
who want to know; none: on the slide before, or to the right of it once that is full; "fragment":
there too, at the next press; "notes": for the speaker; "skip": not shown.
A slide holds less than a cell does: of a paragraph its first sentence, of code what it gives.  The
paragraph goes to the speaker, the code below.  A heading always opens a slide, and a Predict waits for
a press.
"""

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from tools.site.build import Prose, code_html, output_html

FULL = 13  # lines of text that a slide holds
FIGURE, WIDGET, CODE = 8.3, FULL, 0.65  # lines whose place they take; of code each
WIDTH = 74  # letters in a line
SHORT = 8  # lines of code that may stand above what they give
MOST = 14, 4  # lines of a print-out that are shown: the first and the last ones
SENTENCE = re.compile(r"(?<=[.?!:])((?:</\w+>)*)\s+(?=[^a-z])")
ENOUGH = 45  # letters that a sentence should have to stand alone
ASK = "<h4>Question to ask</h4>"
EXPECT = "<h4>Answer to expect</h4>"


@dataclass
class Slide:
    """title: HTML.  body and notes: pieces of HTML, one below the other."""

    title: str
    body: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    lines: float = 0
    answered: bool = False  # what comes now must not be seen before the answer


class Deck:
    """columns: lists of slides, as reveal.js has them: the first to the right, the others below it."""

    def __init__(self, notebook, name):
        self.prose, self.columns = Prose(name, []), []
        self.title, self.exercise = "", False
        self.slide = self.asked = None  # where we are; where the last question stands
        self.closed = False  # the next piece opens a slide
        for cell in notebook.cells:
            kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
            if kind != "skip":
                (self.text if cell.cell_type == "markdown" else self.code)(cell, kind)

    def open(self, below=False):
        """Begin a slide to the right of all, or below the last ones."""
        slide = Slide(self.title)
        if below and self.columns:
            self.columns[-1].append(slide)
        else:
            self.columns.append([slide])
        self.slide, self.closed = slide, False

    def put(self, html, lines, below=False):
        """Show a piece: on this slide, or on the next one where it has no room."""
        if self.closed or self.slide.lines + lines > FULL:
            self.go_on(below)
        if self.slide.answered:
            html = f'<div class="fragment">{html}</div>'
        self.slide.body.append(html)
        self.slide.lines += lines

    def go_on(self, below):
        """Open the next slide, unless this one is empty; a line that leads to a piece goes with it."""
        lead, body = [], self.slide.body
        if body and body[-1].endswith(":</p>\n"):
            lead = [body.pop()]
        if body:
            self.open(below)
        self.slide.body += lead
        self.closed = False

    # prose

    def text(self, cell, kind):
        html = MarkdownWithMath(renderer=self.prose).render(cell.source)
        pieces = [p for p in BeautifulSoup(html, "html.parser").children if str(p).strip()]
        if kind == "notes":
            return self.slide.notes.extend(map(str, pieces))
        below = kind == "subslide"
        self.closed |= kind in ("slide", "subslide") and not any(map(is_title, pieces))
        for piece in pieces:
            self.piece(piece, below, kind == "fragment")
        self.closed |= self.slide.answered
        self.questions(cell.metadata.get("slideshow", {}))

    def piece(self, piece, below, fragment):
        if is_title(piece):
            self.title, self.exercise = piece.decode_contents(), piece.name == "h3"
            self.open(below or self.exercise)
        elif is_answer(piece):
            self.answer(piece)
        elif "predict" in piece.get("class", ()):
            self.predict(piece, below)
        elif is_remark(piece):
            self.slide.notes.append(str(piece))
        else:
            shown = piece if self.exercise else shortened(piece)
            if fragment:
                shown["class"] = [*shown.get("class", ()), "fragment"]
            self.put(str(shown), lines_of(shown), below or self.exercise)
            if shown.get_text() != piece.get_text():
                self.slide.notes.append(str(piece))

    def predict(self, piece, below):
        """What leads to the question in one sentence; the question in full, as a fragment."""
        lead, _, question = piece.decode_contents().partition("<strong>Predict")
        if lead.strip():
            self.piece(parsed(f"<p>{lead}</p>"), below, False)
        box = parsed(f'<p class="predict fragment"><strong>Predict{question}</p>')
        self.put(str(box), lines_of(box) + 1, below)
        self.asked = self.slide
        self.asked.notes[:0] = [ASK, f"<p>{question.partition('</strong>')[2]}</p>"]

    def answer(self, piece):
        """Its first sentence below what came out; all of it for the speaker, who asks before."""
        rest = []
        if piece.name == "p":
            first, *rest = telling(piece.decode_contents())
            shown = parsed(f'<p class="fragment">{first}</p>')
            self.closed &= self.slide.lines + lines_of(shown) > FULL + 1  # on this one, if it can
            self.put(str(shown), min(lines_of(shown), FULL - self.slide.lines))
            self.slide.answered = True
        elif piece.summary:
            piece.summary.decompose()
        for slide in {id(s): s for s in (self.asked, self.slide) if s}.values():
            at = 2 if slide.notes[:1] == [ASK] else 0
            slide.notes[at:at] = [EXPECT, *([str(piece)] if piece.name == "p" else map(str, piece))]
        if rest:
            self.put(f"<p>{' '.join(rest)}</p>", lines_of(piece))

    def questions(self, told):
        """A question and its answer of the cell's own, where the lesson asks none."""
        pair = [told.get(key) for key in ("question", "answer")]
        if all(pair):
            ask, expect = (MarkdownWithMath(renderer=self.prose).render(text) for text in pair)
            self.columns[-1][0].notes[:0] = [ASK, ask, EXPECT, expect]

    # code

    def code(self, cell, kind):
        given = [output for output in cell.get("outputs", ()) if output.get("data") != {}]
        shown = [o for o in given if "image/png" in o.get("data", {}) or is_widget(o)] or given
        if kind == "subslide":
            return self.aside(cell, given)
        self.closed |= kind == "slide"
        lines = len(cell.source.strip().splitlines())
        texts = shown == given and all("text" in output for output in given)
        inline = texts and (lines <= SHORT or not given)
        if inline:
            self.put(code_html(cell.source), CODE * lines + 1)
        for output in shown:
            self.put(*output_of(output))
        if not inline:
            self.aside(cell, [output for output in given if output not in shown])

    def aside(self, cell, given):
        """Code below the slide, and with it what else it gives."""
        slide, closed = self.slide, self.closed
        self.open(below=True)
        self.slide.body = [code_html(cell.source), *(output_of(output)[0] for output in given)]
        self.slide, self.closed = slide, closed


def parsed(html):
    return next(BeautifulSoup(html, "html.parser").children)


def is_answer(piece):
    if piece.name == "details":
        return "Answer" in piece.get_text()[:20]
    return piece.name == "p" and bool(re.match("<p[^>]*><strong>Answer", str(piece)))


def is_widget(output):
    return "data-widget" in output.get("data", {}).get("text/html", "")


def is_title(piece):
    """A heading, or a line in bold before a list."""
    after = piece.find_next_sibling()
    return piece.name in ("h1", "h2", "h3") or (
        piece.name == "p" and all_in(piece, "strong") and after is not None and after.name == "ul"
    )


def is_remark(piece):
    """A paragraph all in italics, as the one on minutes."""
    return piece.name == "p" and all_in(piece, "em")


def all_in(piece, tag):
    return piece.find(tag) is not None and piece.find(tag).get_text() == piece.get_text()


def shortened(piece):
    """A copy: of a paragraph what tells most, of each item of a list the first sentence."""
    copy = parsed(str(piece))
    for part in copy.find_all("li") if copy.name in ("ul", "ol") else [copy]:
        if part.name in ("p", "li"):
            told = telling(part.decode_contents())
            part.clear()
            part.append(BeautifulSoup(" ".join(told if part is copy else told[:1]), "html.parser"))
    return copy


def telling(html):
    """Of the sentences the first, those with words in bold, and the one that leads to a formula."""
    first, *others = sentences(html)
    return [first, *(s for s in others if "<strong>" in s or s.rstrip().endswith(":"))]


def sentences(html):
    """Cut at full stops outside of tags and brackets; a few words go with those that follow."""
    start, found = 0, []
    for stop in SENTENCE.finditer(html):
        part = html[start : stop.start()] + (stop[1] or "")
        text = re.sub(r"<[^>]*>", "", part)
        opened = len(re.findall(r"<\w", part)) - len(re.findall(r"<(?:wbr|br|img)\b", part))
        if opened == part.count("</") and text.count("(") == text.count(")") and len(text) > ENOUGH:
            found.append(part)
            start = stop.end()
    return [*found, html[start:]] if html[start:].strip() else found


def lines_of(piece):
    """How many lines of a slide a piece of prose fills, roughly."""
    if "formula" in piece.get("class", ()):
        return 2.2 + 1.8 * max(0, len(piece.find_all("mtr")) - 1)
    if piece.find("table") or piece.name == "table":
        return 1.2 * len(piece.find_all("tr"))
    if piece.name == "pre":
        return piece.get_text().count("\n") + 1
    parts = piece.find_all("li") or [piece]
    return sum(1.3 + len(part.get_text()) // WIDTH for part in parts)


def output_of(output):
    """(HTML, lines) of what a cell gives; of a long print-out the beginning and the end."""
    if is_widget(output):
        return output_html(output), WIDGET
    if "image/png" in output.get("data", {}):
        return output_html(output), FIGURE
    if "text" in output:
        lines = output.text.rstrip().splitlines()
        first, last = MOST
        if len(lines) > first:
            lines = [*lines[: first - last - 1], "⋮", *lines[-last:]]
        return output_html({"text": "\n".join(lines)}), 0.9 * len(lines) + 0.5
    html = output_html(output)
    return html, 0.9 * (html.count("<tr") or html.count("\n")) + 0.5
