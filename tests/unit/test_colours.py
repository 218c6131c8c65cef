"""The classes' colours are seen on their paper, and told apart with every kind of sight."""

import re
from itertools import combinations

import numpy as np
import pytest

from ecgae_lib.widgets.base import STYLE
from ecgae_lib.widgets.maps import MOST_CLASSES

LIGHT, DARK = (re.search(rf"^{re.escape(s)} {{(.*?)^}}", STYLE, re.M | re.S)[1]
               for s in (".ecgae", '.ecgae[data-theme="dark"]'))  # fmt: skip
# What is left of linear RGB: Machado et al. 2009, doi:10.1109/TVCG.2009.113, severity 1.0
SIGHT = dict(
    normal=np.eye(3),
    protanopia=[
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia=[
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    tritanopia=[
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
)  # fmt: skip
XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])


def linear(theme, name):
    """A colour of the style sheet as linear RGB; sRGB is IEC 61966-2-1."""
    r, g, b = re.search(rf"--{name}: #(..)(..)(..);", theme).groups()
    c = np.array([int(part, 16) for part in (r, g, b)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def cielab(rgb):
    x, y, z = np.cbrt(XYZ @ rgb.clip(0, 1) / XYZ.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_are_seen_and_told_apart_with_every_kind_of_sight(theme):
    colours = [linear(theme, f"c{n}") for n in range(MOST_CLASSES)]
    paper = XYZ[1] @ linear(theme, "paper")
    for y in (XYZ[1] @ c for c in colours):
        assert (max(y, paper) + 0.05) / (min(y, paper) + 0.05) >= 3  # WCAG 1.4.11
    for name, sight in SIGHT.items():
        seen = [cielab(np.array(sight) @ c) for c in colours]
        nearest = min(np.linalg.norm(a - b) for a, b in combinations(seen, 2))
        assert nearest > 25, name  # 2 is just noticeable
