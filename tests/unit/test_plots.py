"""The pictures say what they show."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from ecgae_lib import plots

MS = np.linspace(-250, 450, 450)
NAMES = ("narrow QRS", "wide QRS")


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def draw_everything(ax):
    x, y = np.random.default_rng(0).normal(size=(6, 1, 450)), np.array([0, 0, 0, 1, 1, 1])
    yield "s", plots.draw_ecg(ax, np.sin(np.arange(5000)), 360, r=np.array([10, 400]))
    yield "ms", plots.draw_beats(ax, MS, x, y, NAMES)
    yield "no unit", plots.draw_embedding(ax, x[:, 0, :2], y, NAMES)
    yield "ms", plots.draw_reconstruction(ax, MS, x[0], x[1])
    yield "epoch", plots.draw_losses(ax, {"model": [0.3, 0.2, 0.1]})
    yield "mV²", plots.draw_errors(ax, {"mean beat": 0.065, "PCA": 0.0084})


def test_every_drawing_has_a_title_and_units(ax):
    for unit, _ in draw_everything(ax):
        assert ax.get_title(loc="left") and unit in ax.get_xlabel()
        assert "[" in ax.get_ylabel() or "[mV²]" in ax.get_xlabel()


def test_classes_differ_in_more_than_colour(ax):
    for key in ("color", "marker", "linestyle"):
        assert len({style[key] for style in plots.CLASS_STYLES}) == len(plots.CLASS_STYLES)


def test_means_are_those_of_the_classes(ax):
    x = np.repeat([1.0, 2.0, 6.0], 450).reshape(3, 1, 450)
    plots.draw_beats(ax, MS, x, np.array([0, 1, 1]), NAMES)
    thick = [line.get_ydata() for line in ax.lines if line.get_linewidth() == 4]
    assert [line.mean() for line in thick] == [1.0, 4.0]


def test_errors_are_sorted_and_written_out(ax):
    plots.draw_errors(ax, {"a": 0.5, "b": 0.25}, digits=2)
    assert [t.get_text().strip() for t in ax.texts] == ["0.50", "0.25"]


def test_show_states_the_alt_text_and_the_facts(ax, monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **more: shown.append((data, more)))
    plots.draw_reconstruction(ax, MS, MS, MS, "A title")
    ax.annotate("0.0084 mV²", (0, 0))
    plots.show(ax.figure, "A line, drawn twice.")
    data, more = shown[0]
    written = ["original", "reconstruction", "0.0084 mV²"]  # legend and annotation, no ticks
    assert more["metadata"]["image/png"] == {"alt": "A line, drawn twice.", "texts": written}
    assert data["text/plain"].splitlines() == [
        "A line, drawn twice.",
        "[A title] x: time after R peak [ms], y: voltage [mV]; 2 lines, 0 points, 0 bars",
    ]
    assert not plt.fignum_exists(ax.figure.number)


def test_png_is_small_and_keeps_its_size(ax):
    plots.draw_losses(ax, {"model": [0.3, 0.2, 0.1]})
    full = io.BytesIO()
    ax.figure.savefig(full, format="png")
    small = plots.png_bytes(ax.figure)
    assert len(small) < len(full.getvalue())
    assert Image.open(io.BytesIO(small)).size == Image.open(full).size


def test_reconstruction_draws_both_signals(ax):
    plots.draw_reconstruction(ax, MS, MS, MS + 1)
    original, reconstruction = (line.get_ydata() for line in ax.lines)
    assert np.array_equal(original, MS) and np.array_equal(reconstruction, MS + 1)


def test_embedding_puts_every_beat_into_its_class(ax):
    z, y = np.arange(8.0).reshape(4, 2), np.array([1, 0, 1, 0])
    plots.draw_embedding(ax, z, y, NAMES)
    for c, (dots, name) in enumerate(zip(ax.collections, NAMES, strict=True)):
        assert dots.get_label() == name
        assert np.array_equal(dots.get_offsets(), z[y == c])


def test_ecg_keeps_time_and_marks_the_peaks_in_sight(ax):
    ecg = np.arange(3600.0)
    plots.draw_ecg(ax, ecg, 360, 2, 4, r=np.array([10, 800, 3000]))
    line, peaks = ax.lines
    assert np.allclose(line.get_xdata() * 360, np.arange(720, 1440))
    assert np.array_equal(line.get_ydata(), ecg[720:1440])
    assert np.allclose(peaks.get_xdata(), [800 / 360])
