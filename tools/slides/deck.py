"""The slides of one lesson, out of its cells and their `metadata.slideshow.slide_type`.

JupyterLab's types, as nbconvert reads them.  "slide": to the right; "subslide": below, for those
who want to know; none: on the slide before, or to the right of it once that is full; "fragment":
there too, at the next press; "notes": for the speaker; "skip": not shown.
A slide holds less than a cell does: of a paragraph what tells most, of code what it gives.  The
paragraph goes to the speaker, the code below.  A heading always opens a slide, a Predict waits for
a press, and what follows it for the next slide.
"""

from dataclasses import dataclass, field
from itertools import takewhile

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from tools.site.build import Prose, code_html
from tools.slides.pieces import (
    CODE,
    FULL,
    is_answer,
    is_last_word,
    is_on_formula,
    is_remark,
    is_silent,
    is_title,
    is_widget,
    lines_of,
    output_of,
    parsed,
    shortened,
    telling,
)

SHORT = 8  # lines of code that may stand above what they give
LAST = "References"  # no slide reads them out
ASK = "<h4>Question to ask</h4>"
EXPECT = "<h4>Answer to expect</h4>"
LATER = '<div class="fragment">', "</div>"  # at the next press


@dataclass
class Slide:
    """title: HTML.  body and notes: pieces of HTML, one below the other."""

    title: str
    body: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    lines: float = 0
    answered: bool = False  # what comes now must not be seen before the answer


class Deck:
    """columns: lists of slides, as reveal.js has them: one to the right, the others below it."""

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
            html = html.join(LATER)
        self.slide.body.append(html)
        self.slide.lines += lines

    def go_on(self, below):
        """Open the next slide, unless this one is empty; a line that leads on goes with it."""
        body = self.slide.body
        last = body[-1].removeprefix(LATER[0]).removesuffix(LATER[1]) if body else ""
        lead = [last] if last.rstrip().endswith(":</p>") else []
        del body[len(body) - len(lead) :]
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
        self.told = cell.metadata.slideshow.get("questions", {}) if kind != "-" else {}
        below = kind == "subslide"
        begun = not any(map(is_title, pieces))  # before a heading ends the section above
        self.closed |= kind in ("slide", "subslide") and begun
        for piece in takewhile(lambda piece: piece.get_text() != LAST, pieces):
            begun |= is_title(piece)
            self.piece(piece, below and begun, kind == "fragment")
        self.closed |= self.slide.answered

    def piece(self, piece, below, fragment):
        if is_title(piece):
            self.title, self.exercise = piece.decode_contents(), piece.name == "h3"
            self.open(below or self.exercise)
            self.question(piece.get_text().split()[0])
        elif is_answer(piece):
            self.answer(piece)
        elif "predict" in piece.get("class", ()):
            self.predict(piece, below)
        elif is_remark(piece) or (is_last_word(piece) and not self.has_room(piece)):
            self.slide.notes.append(str(piece))
        else:
            whole = self.exercise or self.slide is self.columns[0][0]
            shown = piece if whole else shortened(piece)
            if fragment:
                shown["class"] = [*shown.get("class", ()), "fragment"]
            lines = lines_of(shown)
            if is_on_formula(piece):  # in smaller letters rather than on another slide
                lines = min(lines, FULL - self.slide.lines)
            self.put(str(shown), lines, below or self.exercise)
            if shown.get_text() != piece.get_text():
                self.slide.notes.append(str(piece))

    def has_room(self, piece):
        return not self.closed and self.slide.lines + lines_of(shortened(piece)) <= FULL

    def predict(self, piece, below):
        """What leads to the question, and the question, as a fragment; both in full."""
        lead, _, question = piece.decode_contents().partition("<strong>Predict")
        if lead.strip():
            lead = parsed(f"<p>{lead}</p>")
            self.put(str(lead), lines_of(lead), below)
        box = parsed(f'<p class="predict fragment"><strong>Predict{question}</p>')
        self.put(str(box), lines_of(box) + 1, below)
        self.asked, self.closed = self.slide, True
        question, bold, elsewhere = question.partition("<strong>Answer")
        self.asked.notes[:0] = [ASK, f"<p>{question.partition('</strong>')[2]}</p>"]
        if bold:
            self.asked.notes[2:2] = [EXPECT, f"<p>{bold}{elsewhere}</p>"]

    def answer(self, piece):
        """Its first sentence below what came out; all of it for the speaker, who asks before."""
        rest = []
        if piece.name == "p":
            first, *rest = telling(piece.decode_contents(), 0)
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
            shown = parsed(f"<p>{' '.join(rest)}</p>")
            self.put(str(shown), lines_of(shown))

    def question(self, number):
        """Where a section asks nothing, the cell's metadata hold a question and its answer."""
        if number in self.told:
            ask, expect = map(MarkdownWithMath(renderer=self.prose).render, self.told[number])
            self.slide.notes[:0] = [ASK, ask, EXPECT, expect]

    # code

    def code(self, cell, kind):
        given = [output for output in cell.get("outputs", ()) if not is_silent(output)]
        shown = [o for o in given if "image/png" in o.get("data", {}) or is_widget(o)] or given
        if kind == "subslide":
            return self.aside(cell, given)
        self.closed |= kind == "slide"
        lines = len(cell.source.strip().splitlines())
        texts = shown == given and all("text" in output for output in given)
        inline = texts and (lines <= SHORT or not given)
        if inline:
            self.put(code_html(cell.source), CODE * lines + 1)
        before = self.slide
        for output in shown:
            self.put(*output_of(output))
        if any(map(is_widget, shown)) and self.slide is not before:
            self.slide.notes[:0] = before.notes  # what to ask while it is moved
        if not inline:
            self.aside(cell, [output for output in given if output not in shown])

    def aside(self, cell, given):
        """Code below the slide, and with it what else it gives."""
        slide, closed = self.slide, self.closed
        self.open(below=True)
        self.put(code_html(cell.source), CODE * cell.source.count("\n"), below=True)
        for output in given:
            self.put(*output_of(output), below=True)
        self.slide, self.closed = slide, closed
