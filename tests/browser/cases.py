"""The six widgets, and how each keeps the promises that all of them make.

A widget without a handle keeps the promises of the hand with its slider and with a tap.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from ecgae_lib.widgets.base import Widget
from tests.browser.made import LAST, betas, cloud, film, filmed, lengths, pad, pads, said, sweep
from tests.unit.maps import BEATS

MOVE = "same relative move"


@dataclass(frozen=True)
class Case:
    """What one widget has for each promise.

    make: the widget.  start: its traits before a hand comes.
    hand: what takes the keys; number: which of several.  keys: traits after each key, in a row.
    way: where in the window a hand goes down and through which places it moves; leaves: the traits
    after that.  holds: whether a handle is dragged, otherwise something is tapped.
    scrolls: over what, besides titles, a finger that moves up and down scrolls the page.
    says: traits, and the words that are spoken then.
    together: parts that a phone shows at the same time.
    shows: what Python says is drawn: texts or lines by their selectors.
    states: traits that look most different, with the longest words.
    plays: the button that plays, and traits after each press where motion is not wanted, from the
    beginning.
    """

    make: Callable[[], Widget]
    hand: str
    keys: dict
    way: Callable
    leaves: dict
    says: tuple
    shows: Callable
    states: tuple
    start: dict = field(default_factory=dict)
    number: int = 0
    holds: bool = True
    scrolls: str | None = None
    plays: tuple | None = None
    together: tuple = ((".ecgae-latent-map", ".ecgae-beat-plot"),)  # on the smallest screen
    kept: str = "svg.ecgae-axes, .ecgae-controls"  # does not jump

    def check_shown(self, page):
        """The page draws what Python says."""
        for selector, expected in self.shows(page.widget).items():
            if isinstance(expected, str):
                assert expected in page.text(selector) if expected else not page.text(selector)
                continue
            for n, x in enumerate(expected):
                drawn = page.line(selector, n)
                np.testing.assert_allclose(drawn, x, rtol=0, atol=1.1e-3)
                assert drawn @ x == pytest.approx(x @ x, rel=2e-3)  # of a low beat too


def film_shows(film):
    n = LAST if film.epoch is None else film.epoch
    return {
        "[data-line=decoded]": [said(filmed()[1][n], film.picked)[1][0]],
        "[data-line=picked]": [BEATS.x[film.picked, 0].numpy()],
        ".ecgae-now": f"epoch {n}" if n else "before training",
        ".ecgae-facts": f"all beats {film.errors[n]:.4f} mV²",
    }


def betas_show(explorer):
    rate, distortion = explorer.rates[explorer.beta], explorer.distortions[explorer.beta]
    x_hat = said(sweep()[explorer.beta], explorer.picked)[1]
    return {
        "[data-line=decoded]": [x_hat[0]],
        "[data-line=picked]": [BEATS.x[explorer.picked, 0].numpy()],
        ".ecgae-facts": f"rate {rate:.2f} natsdistortion {distortion:.4f} mV²",
    }


LECTURE = dict(kind="conv_transpose", length=225, kernel_size=225, stride=225, padding=0)
COLUMNS = [f".ecgae-column:nth-child({n})" for n in (1, 2, 3)]
REFUSED = dict(length=2, kernel_size=5, padding=0)
CASES = {
    "latent pad": Case(
        make=pad,
        start=dict(z=(0, 0), a=(0, 0), b=(2, 1)),
        hand=".ecgae-handle",
        keys={
            "ArrowRight": dict(z=(0.064, 0)),
            "ArrowUp": dict(z=(0.064, 0.064)),
            "Shift+ArrowLeft": dict(z=(-0.576, 0.064)),
            "Shift+ArrowDown": dict(z=(-0.576, -0.576)),
            "Home": dict(z=(0, 0)),
        },
        way=lambda page: [page.window("map", z) for z in [(0, 0), (0.5, 0.2), (1.2, -1)]],
        leaves=dict(z=(1.2, -1)),
        scrolls=".ecgae-prior text",  # on the map, beside the handle
        says=(dict(z=(1, -0.5)), "z (1.00, \u22120.50)"),
        shows=lambda pad: {"[data-line=decoded]": [pad.decoded]},
        states=(
            dict(z=(0.1, 0)),
            dict(z=(-3.1, -3.1), picked=41, underlay="T wave"),
            dict(z=(2.5, 3), underlay="beats"),
        ),
        plays=("play from A to B", [dict(z=(0.2, 0.1)), dict(z=(0.4, 0.2))]),
    ),
    "compare pads": Case(
        together=tuple((f"{n} .ecgae-latent-map", f"{n} .ecgae-beat-plot") for n in COLUMNS),
        make=pads,
        start=dict(mode=MOVE, z=[(0, 0)] * 3),
        hand=".ecgae-handle",
        number=2,
        keys={
            "ArrowRight": {"z[2]": (0.064, 0)},
            "Shift+ArrowUp": {"z[2]": (0.064, 0.64)},
            "ArrowDown": {"z[2]": (0.064, 0.576)},
            "Home": {"z[2]": (0, 0)},
        },
        way=lambda page: [page.window("columns[2].map", z) for z in [(0, 0), (0.3, 0), (0.64, 1)]],
        leaves={"z[2]": (0.64, 1)},
        scrolls=".ecgae-latent-map",
        says=(dict(mode="same beat", picked=11), "beat 11; <LectureAutoencoder>: error"),
        shows=lambda pads: {"[data-line=decoded]": list(pads.decoded.values())},
        states=(
            dict(mode="same beat", picked=59),
            dict(mode=MOVE, z=[(-0.05, 0.1), (0.1, 0.2), (-3.1, 3.1)]),
        ),
    ),
    "beta explorer": Case(
        make=betas,
        start=dict(beta=0.1),
        hand=".ecgae-slider input",
        keys={
            "ArrowRight": dict(beta=0.01),
            "ArrowLeft": dict(beta=0.1),
            "Shift+ArrowRight": dict(beta=1e-5),
            "Home": dict(beta=0.1),
        },
        way=lambda page: [
            page.window("curve", (page.widget.rates[0.001], 1000 * page.widget.distortions[0.001]))
        ],
        leaves=dict(beta=0.001),
        holds=False,
        scrolls=".ecgae-latent-map",
        says=(dict(beta=0.001), "β = 0.001; rate "),
        shows=betas_show,
        states=(dict(beta=0.1, picked=5), dict(beta=1e-5, picked=59)),
    ),
    "training film": Case(
        make=film,
        hand=".ecgae-slider input",
        keys={
            "ArrowLeft": dict(epoch=LAST - 1),
            "Shift+ArrowLeft": dict(epoch=LAST - 11),
            "ArrowRight": dict(epoch=LAST - 10),
            "Home": dict(epoch=0),
        },
        way=lambda page: [page.window("curve", (3, 1000 * page.widget.errors[3]))],
        leaves=dict(epoch=3),
        holds=False,
        scrolls=".ecgae-latent-map",
        says=(dict(epoch=2), "epoch 2; all beats "),
        shows=film_shows,
        states=(dict(epoch=0), dict(epoch=None), dict(epoch=10, colours=False)),
        plays=("play", [dict(epoch=n) for n in (1, 2, 3)]),
    ),
    "length explorer": Case(
        make=lengths,
        together=(("[aria-label=length]", ".ecgae-picture-place"),),
        hand="input[type=range][aria-label=length]",
        keys={
            "ArrowRight": dict(length=11),
            "Shift+ArrowRight": dict(length=21),
            "ArrowLeft": dict(length=20),
            "Home": dict(length=1),
        },
        way=lambda page: [page.middle("text.ecgae-in-stop", n) for n in (0, 2, 4)],
        leaves=dict(picked=("output", 4)),
        holds=False,
        scrolls=".ecgae-picture-place",
        says=(dict(stride=1), "10 samples become 10."),
        shows=lambda lengths: {
            ".ecgae-result": f"{lengths.length} → {lengths.output_length or 'refused'}",
            ".ecgae-refused": f"torch refuses: {lengths.refused}" if lengths.refused else "",
        },
        states=(
            dict(picked=("output", 2)),
            dict(kind="conv_transpose", length=5, kernel_size=4, stride=3, view="zeros"),
            LECTURE | dict(length=9, stride=5, kernel_size=5),
            REFUSED,
        ),
        kept=".ecgae-picture-place, .ecgae-controls",
    ),
    "KL explorer": Case(
        make=cloud,
        together=((".ecgae-curve-plot", ".ecgae-total", ".ecgae-parts"),),
        hand=".ecgae-handle.ecgae-top",
        keys={
            "ArrowRight": dict(mu=1.05),
            "Shift+ArrowLeft": dict(mu=0.55),
            "ArrowUp": dict(mu=0.6),
            "Home": dict(mu=0),
        },
        way=lambda page: [page.window("curves", (mu, 0.4987)) for mu in (1, 0.5, -1.2)],
        leaves=dict(mu=-1.2, sigma=0.8),
        says=(dict(mu=2, sigma=1), "mu 2.00, sigma 1.00: 2.00 nats, distance 2.00, size 0.00"),
        shows=lambda cloud: {
            ".ecgae-total": f"{cloud.kl:.2f} nats",
            ".ecgae-parts": f"{cloud.distance:.2f}size",
        },
        states=(
            dict(mu=0, sigma=3),
            dict(mu=-4.56, sigma=0.05, eps=[-1.11]),
            dict(mu=5, sigma=1, eps=[0.3, -1]),
        ),
        kept="svg.ecgae-axes, .ecgae-controls, .ecgae-stack, .ecgae-draw-plot",
    ),
}
