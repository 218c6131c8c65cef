r"""Formulas of the notebooks as MathML, and a font for them that fits into a page.

latex2mathml does most; `polish` repairs what it leaves unlike TeX.  `to_mathml` raises ValueError,
naming the formula, for a command that would come out as its own name.
"""

import re
from base64 import b64encode
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from xml.etree import ElementTree

from fontTools import subset
from fontTools.ttLib import TTFont
from latex2mathml.converter import convert

REWRITE = {"{aligned}": "{align*}", r"\mathrel{+}=": r"\mathrel{+=}"}  # what it does not know
FUNCTIONS = {"log", "exp", "min", "max"}
LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
RELATIONS = set("=<>≤≥≈∼→⟺")
ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D715)]
LETTERS = {normalize("NFKC", c): c for c in map(chr, ITALIC)}  # as the browser draws <mi>x</mi>
LONG = 25  # letters in an inline formula that need not stay on one line


def to_mathml(latex, display="inline"):
    """A formula as HTML; display: "inline" or "block".  A long inline one may break, as in TeX."""
    for old, new in REWRITE.items():
        latex = latex.replace(old, new)
    text = convert(latex.strip(), display=display).replace(' xmlns="', ' was="')
    math = ElementTree.fromstring(text)
    del math.attrib["was"]
    if "\\" in "".join(math.itertext()):
        raise ValueError(f"{latex} has a command that latex2mathml does not know: use others")
    polish(math)
    parts = split(math) if display == "inline" else [math]
    return "<wbr>".join(ElementTree.tostring(part, "unicode") for part in parts)


def polish(parent):
    """Repair operators, limits and spaces in all children, from the leaves to the root."""
    for child in parent:
        polish(child)
    repair(parent)
    for before, child in reversed(list(zip([None, *parent], parent, strict=False))):
        after_operator = before is not None and before.tag == "mo" and before.text not in ")]|‖"
        if child.text in ("−", "+") and child.tag == "mo" and after_operator:
            child.set("form", "prefix")  # the sign of a number, not a difference
        if before is not None and thin_space(before, child):
            parent.insert(list(parent).index(child), ElementTree.Element("mspace", width="0.17em"))


def thin_space(before, child):
    """Whether TeX leaves a thin space here: on each side of log that is not an operator."""
    if core(before) in FUNCTIONS:
        return child.tag not in ("mo", "mspace") or core(child) in FUNCTIONS
    ends = before.tag not in ("mo", "mspace", "mtext") and (before.text or len(before))
    return core(child) in FUNCTIONS and bool(ends)


def core(element):
    """The text of an element, of its base if it carries indices."""
    return core(element[0]) if element.tag in {*LIMITS, *LIMITS.values()} else element.text


def repair(element):
    """One element: limits below sums and min, braces around words, and operators."""
    if element.tag in LIMITS and core(element) in ("∑", "min", "max"):
        element.tag = LIMITS[element.tag]  # the page puts them beside it where a line is low
    if element.tag == "mover" and element[0].tag == "mstyle":  # an arrow with words on it
        words = list(element[1].iter("mtext"))
        arrow = ElementTree.Element("mo", stretchy="true")
        arrow.text = element[0][0].text
        element[:] = [arrow, ElementTree.Element("mrow")]
        element[1].extend(words)
    if element.tag == "mtext" and element.get("mathvariant") == "monospace":
        element.set("class", "code")
    if element.tag == "munder" and element[1].text == "⏟":  # browsers lose parts of a long one
        element.tag = "mrow"
        element.set("class", "bracket")
        del element[1]
    if element.text == "~":
        element.tag, element.text = "mo", "∼"
    if element.tag == "mover" and element[1].text == "^":
        element[1].text = "ˆ"  # the accent, not the sign of a power
    if element.text in FUNCTIONS:
        element.tag = "mi"
    if element.tag == "mo":
        repair_operator(element)


def repair_operator(element):
    """An operator is one text, and bars, slashes and full stops stand close to their neighbours."""
    if len(element):
        text = "".join(element.itertext())
        element[:], element.text = [], text
    if element.text in ("‖", ".", "/"):
        element.attrib |= dict(stretchy="false", lspace="0", rspace="0")
    if element.text == "+=":
        element.attrib |= dict(lspace="0.28em", rspace="0.28em")


def split(math):
    """An inline formula as one or several: a long one may break after a relation."""
    (row,) = math
    if len("".join(math.itertext())) < LONG or row.tag != "mrow":
        return [math]
    parts = [[]]
    for child in row:
        parts[-1].append(child)
        if child.tag == "mo" and child.text in RELATIONS:
            parts.append([])
    made = [ElementTree.Element("math", display="inline") for _ in parts]
    for whole, part in zip(made, parts, strict=True):
        ElementTree.SubElement(whole, "mrow").extend(part)
    return made


def font(pages):
    """The signs of all formulas in these HTML texts, out of STIX Two Math, as a data URI."""
    math = "".join("".join(re.findall(r"<math.*?</math>", page, re.DOTALL)) for page in pages)
    signs = set(math) | {LETTERS[c] for c in set(math) & LETTERS.keys()} | {"ℎ"}
    source = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    whole, small = TTFont(source, recalcTimestamp=False), BytesIO()
    options = subset.Options(layout_features=["ssty"], hinting=False, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(signs))
    subsetter.subset(whole)
    whole.flavor = "woff"
    whole.save(small)
    return "data:font/woff;base64," + b64encode(small.getvalue()).decode()
