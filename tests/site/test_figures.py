"""figures/ holds what `make figures` draws, no more, no less, and nothing older."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
FIGURES = sorted((ROOT / "figures").glob("*.svg"))


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    environment = os.environ | {"TQDM_DISABLE": "1"}
    command = [sys.executable, "-m", "tools.figures", folder]
    subprocess.run(command, cwd=ROOT, check=True, env=environment)
    return folder


def parts(svg):
    """The words of a picture, its drawing commands, and all its coordinates."""
    text = svg.read_text(encoding="utf-8")
    words = re.findall(r"<text[^>]*>([^<]*)", text)
    drawing = " ".join(re.findall(r' (?:d|x|y|transform)="([^"]*)"', text))
    numbers = re.findall(r"-?\d+\.?\d*", drawing)
    return words, re.sub(r"-?\d+\.?\d*", "", drawing), np.array(numbers, float)


def test_the_folder_holds_just_the_figures(redrawn):
    stored = {p.name for p in (ROOT / "figures").iterdir()}
    assert stored == {p.name for p in redrawn.iterdir()}
    assert len(stored) >= 10


@pytest.mark.parametrize("stored", FIGURES, ids=lambda p: p.stem)
def test_a_figure_is_current(stored, redrawn):
    """Same words, same strokes; trained models may move a stroke a little on another CPU."""
    words, strokes, old = parts(stored)
    new_words, new_strokes, new = parts(redrawn / stored.name)
    assert (words, strokes) == (new_words, new_strokes)
    difference = np.abs(old - new)  # in points, of a picture about 1,000 points wide
    assert np.median(difference) < 0.5 and difference.max() < 25
    assert "<image" not in stored.read_text(encoding="utf-8")  # nothing loaded from elsewhere
    pngs = (folder / f"{stored.stem}.png" for folder in (stored.parent, redrawn))
    old, new = (np.asarray(Image.open(png).convert("L"), float) for png in pngs)
    assert old.shape == new.shape and np.abs(old - new).mean() < 5
