"""The terms of docs/glossary.toml: their page, and a link to it where a lesson first uses one."""

import re
import tomllib
from html import escape
from itertools import groupby
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "docs" / "glossary.toml"
PAGE = Path("glossary.html")
TAG = re.compile(r"(</?(\w+)[^>]*>)")
CLOSED = {"a", "code", "h1", "h2", "h3", "math", "pre", "summary"}  # nothing is linked in these


def load():
    """Anchor -> term: what the file says of it, its name and its words, in alphabetical order."""
    found = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return {
        re.sub(r"\W+", "-", name.lower()): {"words": [name], **term, "name": name}
        for name, term in sorted(found.items(), key=lambda item: item[0].lower())
    }


def by_letter(terms):
    """[(letter, [(anchor, term), ...]), ...]"""
    return [
        (k, list(group)) for k, group in groupby(terms.items(), lambda item: item[0][0].upper())
    ]


def slovene(terms):
    """[(word, anchor), ...] of all Slovene words, in alphabetical order (č after c, š after s)."""
    words = [
        (word, anchor)
        for anchor, term in terms.items()
        for word in [*term.get("slovene", ()), *term.get("suggested", ())]
    ]
    after = str.maketrans({"č": "c~", "š": "s~", "ž": "z~"})
    return sorted(words, key=lambda pair: pair[0].lower().translate(after))


class FirstUses:
    """Links each term where a lesson first uses it, in running text and from cell to cell.

    terms: as from load(); those that a later lesson explains are everyday words here.
    """

    def __init__(self, terms, lesson):
        terms = {anchor: term for anchor, term in terms.items() if term["lesson"] <= lesson}
        self.terms, self.linked, self.over = terms, set(), False
        self.anchors = {
            re.sub(r"\s+", " ", word.lower()): anchor
            for anchor, term in terms.items()
            for word in term["words"]
        }
        longest_first = sorted(self.anchors, key=len, reverse=True)
        words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)
        no_title = "(?! for heartbeats)"  # the course's name is no use of a term
        self.words = re.compile(rf"(?<![\w-])({words})s?(?![\w-]){no_title}", re.IGNORECASE)

    def __call__(self, html):
        """The HTML of one cell, with its links; none from the table of symbols on."""
        self.over = self.over or 'id="symbols"' in html
        if self.over:
            return html
        parts, inside = TAG.split(html), 0  # text, tag, its name, text, tag, its name, ...
        for at in range(0, len(parts), 3):
            if not inside:
                parts[at] = self.words.sub(self.link, parts[at])
            if at + 2 < len(parts) and parts[at + 2] in CLOSED:
                inside += -1 if parts[at + 1].startswith("</") else 1
        return "".join(part for at, part in enumerate(parts) if at % 3 != 2)

    def link(self, match):
        anchor = self.anchors[re.sub(r"\s+", " ", match[1].lower())]
        if anchor in self.linked:
            return match[0]
        self.linked.add(anchor)
        meaning = escape(self.terms[anchor]["meaning"])
        to = f'href="{PAGE}#{anchor}" title="{meaning}"'
        return f'<a class="term" id="term-{anchor}" {to}>{match[0]}</a>'
