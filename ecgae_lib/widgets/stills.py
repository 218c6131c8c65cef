"""Still pictures of widgets, for where no Python runs: GitHub, nbviewer, paper, a saved run."""

from base64 import b64encode

import matplotlib as mpl
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from ecgae_lib import plots

HOW = "This is a still picture. Run the cell, and it moves under your hand."
DOTS = 95  # pixels in an inch; of a picture in two rows fewer, so that it takes 60 kB at most
STYLE = plots.STYLE | {"font.size": 14, "axes.titlesize": 16}
MOST_LINES = 500  # more of them are drawn as areas
COLOURS = [style["color"] for style in plots.CLASS_STYLES[:3]]


def figure(columns, rows=1):
    """(figure, its Axes (rows, columns)), with the sentence below that says how to wake it."""
    size = (12, 0.6 + 3.8 * rows)
    fig = Figure(figsize=size, dpi=DOTS / rows**0.5, layout="constrained")
    fig.supxlabel(HOW, x=0.01, ha="left", fontsize=14)
    return fig, fig.subplots(rows, columns, squeeze=False)


def outputs(still, alt, texts):
    """What a notebook stores of the figure that `still()` gives, and its metadata; of None nothing.

    alt: a sentence that says what is to be seen.  texts: what else stands in the output.
    """
    with mpl.rc_context(STYLE):
        fig = still()
        if fig is None:
            return {}, {}
        png = b64encode(plots.png_bytes(fig)).decode()
    return {"image/png": png}, {"image/png": dict(alt=f"{alt} {HOW}", texts=texts, still=True)}


def draw_map(ax, codes, extent, beats, z=(), title="Latent map"):
    """Codes (N, 2) of N beats, a mark for each class, and rings at the points z."""
    y, names = (None, ["beats"]) if beats.y is None else (beats.y.numpy(), beats.class_names)
    for name, style, mine in plots.by_class(y, len(codes), names):
        look = dict(color=style["color"], marker=style["marker"], alpha=0.6, linewidths=0)
        if mine.any():
            ax.scatter(*codes[mine].T, s=18, label=name, **look)
    for point in z:
        ax.scatter(*point, s=260, facecolors="none", edgecolors=plots.BLACK, linewidths=4, zorder=3)
    ax.set(xlim=extent[0], ylim=extent[1])
    plots.label(ax, title, x="$z_1$", y="$z_2$")


def draw_beat(ax, beats, lines, title):
    """Beats (L,) in their unit by their names; the first is drawn strong."""
    for n, (name, x) in enumerate(lines.items()):
        look = dict(color=plots.BLACK, linewidth=1.2) if n else dict(color=plots.GREEN, linewidth=3)
        ax.plot(beats.ms, x, label=name, **look)
    plots.label(ax, title, x=f"time after {beats.origin} [ms]", y=f"[{beats.unit}]")


def draw_normals(ax, mu, sigma, title):
    """The densities of N(0, 1) and N(mu, sigma^2)."""
    t = np.linspace(-6, 6, 601)
    for name, m, s, color in (("p = N(0, 1)", 0, 1, plots.BLACK), ("q", mu, sigma, plots.GREEN)):
        density = np.exp(-((t - m) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi))
        ax.plot(t, density, color=color, label=name)
        ax.fill_between(t, density, color=color, alpha=0.15, linewidth=0)
    plots.label(ax, title, x="z", y="density")


def draw_convolution(ax, centres, touched, samples, names, title):
    """Which samples of the finer side each sample of the other side touches.

    centres: (n,), where those stand.  touched: (n, kernel_size).  samples: of the finer side.
    names: of the finer side and of the other one.
    """
    there = (touched >= 0) & (touched < samples)
    if there.sum() <= MOST_LINES:
        ends = [[(x, 1), (t, 0)] for x, row in zip(centres, touched, strict=True) for t in row]
        lines = [line for line, is_there in zip(ends, there.ravel(), strict=True) if is_there]
        ax.add_collection(LineCollection(lines, colors=COLOURS, linewidths=1.5))
    else:
        spans = touched[:, [0, -1]].clip(0, samples - 1)
        areas = [[(x, 1), (a, 0), (b, 0)] for x, (a, b) in zip(centres, spans, strict=True)]
        ax.add_collection(PolyCollection(areas, facecolors=COLOURS, antialiased=False))
    for y, places in enumerate((np.arange(samples), centres)):
        ax.plot(places, np.full(len(places), y), "s" if len(places) < 60 else "-", color="black")
    ax.set_yticks([0, 1], names)
    ax.margins(y=0.15)
    plots.label(ax, title, x="sample", y="")
