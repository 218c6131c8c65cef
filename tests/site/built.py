"""The built site and the notebooks it is made of, for the tests that hold one against the other."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
LESSONS = sorted(path.stem for path in FOLDER.glob("[0-9]*.ipynb"))
LIVING = "09_latent_space"  # its widgets live in the tests' site
STORED = [name for name in LESSONS if name != LIVING]
APPENDIX = sorted(f"appendix/{path.stem}" for path in FOLDER.glob("appendix/*.ipynb"))
NAMES = [*LESSONS, *(f"solutions/{name}" for name in LESSONS), *APPENDIX]
EXTRA = "solutions/00_pads"  # a notebook of the tests: two pads, and some formulas
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$", re.DOTALL)
PAGES = ["index", "glossary", "errata", *NAMES]
every_page = pytest.mark.parametrize("name", PAGES)
every_notebook = pytest.mark.parametrize("name", NAMES)


def write_notebook(path, text, *code, tags=()):
    """A notebook with a cell of prose and cells of code, none of them run; tags: of the last."""
    cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, code)]
    cells[-1].metadata["tags"] = list(tags)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def build(source, target, *options, tool="site", **settings):
    """Run the builder as `make site` does, or `make slides`."""
    command = [sys.executable, "-m", f"tools.{tool}.build", source, target, *options]
    return subprocess.run(command, cwd=ROOT, text=True, **settings)


@cache
def soup(site, name):
    """A page without the bytes of its figures and its font, which would take long to read."""
    text = re.sub(r"base64,[\w+/=]+", "", (site / f"{name}.html").read_text(encoding="utf-8"))
    return BeautifulSoup(text, "html.parser")


@cache
def cells(name, kind):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def formulas(name):
    """(display, inline) of each formula of a notebook, one of them empty; none that is code."""
    prose = "\n\n".join(cell.source for cell in cells(name, "markdown"))
    return FORMULA.findall(re.sub(r"```.*?```|`[^`]*`", "", prose, flags=re.DOTALL))
