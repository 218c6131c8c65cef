"""Formulas of the notebooks as MathML, which temml writes, and a font for them for the page."""

import json
import re
import shutil
from base64 import b64encode
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from subprocess import PIPE, Popen
from unicodedata import normalize
from xml.etree import ElementTree

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D716)]
LETTERS = {normalize("NFKC", c): c for c in map(chr, ITALIC)}  # as the browser draws <mi>x</mi>


@cache
def temml():
    """The one process of node that writes all formulas; it ends with this one."""
    if not shutil.which("node") or not (HERE / "node_modules" / "temml").exists():
        raise FileNotFoundError(
            "Formulas are written by node and its package temml, and one of them is missing: "
            "install node and npm, then run: npm ci --prefix tools/site"
        )
    return Popen(["node", HERE / "formulas.js"], stdin=PIPE, stdout=PIPE, encoding="utf-8")


def to_mathml(latex, display="inline"):
    """A formula as HTML; display: "inline" or "block".  A long inline one may break, as in TeX.

    Raises ValueError, naming the formula, for what temml does not understand.
    """
    node = temml()
    print(json.dumps(dict(latex=latex, block=display == "block")), file=node.stdin, flush=True)
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise ValueError(f"the formula {latex} cannot be written: {answer['error']}")
    return answer["mathml"] if display == "block" else breakable(answer["mathml"])


def breakable(mathml):
    """An inline formula as one <math> for each of its rows: between them the line may break."""
    math = ElementTree.fromstring(mathml)
    if len(math) == 1:
        return mathml
    for row in math:
        row[-1].set("form", "infix")  # an operator at the end of a row is not the last of all
    return "<wbr>".join(f"<math>{ElementTree.tostring(row, 'unicode')}</math>" for row in math)


def font(pages):
    """The signs of all formulas in these HTML texts, out of STIX Two Math, as a data URI."""
    math = "".join("".join(re.findall(r"<math.*?</math>", page, re.DOTALL)) for page in pages)
    signs = set(math) | {LETTERS[c] for c in set(math) & LETTERS.keys()} | {"ℎ", "√"}
    source = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    whole, small = TTFont(source, recalcTimestamp=False), BytesIO()
    options = subset.Options(layout_features=["ssty"], hinting=False, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(signs))
    subsetter.subset(whole)
    whole.flavor = "woff"
    whole.save(small)
    return "data:font/woff;base64," + b64encode(small.getvalue()).decode()
