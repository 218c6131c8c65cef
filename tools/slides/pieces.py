"""The pieces of a slide: what they are, what of them is shown, and how much room they take."""

import re

from bs4 import BeautifulSoup

from tools.site.build import output_html

FULL = 13  # lines of text that a slide holds
FIGURE, WIDGET, CODE = 8.3, FULL, 0.65  # lines whose place they take; of code each
WIDTH = 74  # letters in a line
MOST = 14, 4  # lines of a print-out that are shown: the first and the last ones
SENTENCE = re.compile(r"(?<=[.?!])((?:</\w+>)*)\s+(?=[^a-z])")
ENOUGH = 45  # letters that a sentence should have to stand alone
BRIEF = 300  # letters of a paragraph that are shown


def parsed(html):
    return next(BeautifulSoup(html, "html.parser").children)


def is_answer(piece):
    if piece.name == "details":
        return "Answer" in piece.get_text()[:20]
    inside = piece.name == "p" and "predict" not in piece.get("class", ())
    return inside and "<strong>Answer" in str(piece)


def is_silent(output):
    """Nothing, or the mere name of a slider that only Jupyter draws."""
    data = output.get("data", {"text/plain": ""})
    return not data or "(children=(" in data.get("text/plain", "")


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


def is_on_formula(piece):
    """What is said of the formula above."""
    above = piece.find_previous_sibling()
    return piece.name == "p" and above is not None and "formula" in above.get("class", ())


def is_last_word(piece):
    """A paragraph without words in bold that ends a section."""
    after = piece.find_next_sibling()
    return piece.name == "p" and not piece.strong and after is not None and is_title(after)


def all_in(piece, tag):
    return piece.find(tag) is not None and piece.find(tag).get_text() == piece.get_text()


def shortened(piece):
    """A copy: of a paragraph what tells most, of each item of a list the least that tells it."""
    copy = parsed(str(piece))
    for part in copy.find_all("li") if copy.name in ("ul", "ol") else [copy]:
        if part.name in ("p", "li"):
            told = telling(part.decode_contents(), BRIEF if part is copy else 0)
            part.clear()
            part.append(BeautifulSoup(" ".join(told), "html.parser"))
    return copy


def telling(html, most=BRIEF):
    """The first sentences, questions, those with words in bold, and what leads to a formula."""
    length, told = 0, []
    for part in sentences(html):
        length += len(re.sub(r"<[^>]*>", "", part))
        if not told or length <= most or "<strong>" in part or part.rstrip().endswith((":", "?")):
            told.append(part)
    return told


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
