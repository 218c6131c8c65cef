"""Pictures that read from the back row.  They draw arrays; they know nothing of models.

Every `draw_...` function draws into a matplotlib Axes and labels it; `show` displays a figure
with its alt text.  Colours: Okabe & Ito 2008, which colour-blind readers can tell apart too.
"""

import itertools
from base64 import b64encode
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from PIL import Image

from ecgae_lib.expects import RATE, array, instance, optional, real, takes

ROW, LABELS = array("...", "L"), optional(array("N", integers=True))
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
MEAN = dict(linewidth=4, zorder=3, path_effects=[withStroke(linewidth=9, foreground="white")])
CLASS_STYLES = (
    dict(color=BLUE, marker="o", linestyle="-"),
    dict(color=VERMILLION, marker="^", linestyle="--"),
    dict(color=GREEN, marker="s", linestyle="-."),
    dict(color=PURPLE, marker="D", linestyle=":"),
    dict(color=ORANGE, marker="v", linestyle=(0, (5, 1))),
    dict(color=SKY, marker="P", linestyle=(0, (1, 1))),
)
STYLE = {
    "figure.figsize": (12, 4.5),
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 16,
    "axes.titlesize": 18,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2.5,
    "path.simplify": False,  # or tiny differences of the data change the number of points
    "legend.frameon": False,
    "svg.hashsalt": "ecgae",
    "svg.fonttype": "none",
}


def set_style():
    """Large letters, strong lines, no frames: for the projector."""
    plt.rcParams.update(STYLE)


def show(fig, alt):
    """Display `fig` with `alt`, one sentence that says what is to be seen, and close it.

    As plain text, for notebook checks: the sentence and the facts.  As metadata: what is written.
    """
    holders = fig.findobj(lambda part: hasattr(part, "texts"))  # panels and legends
    of_png = {"alt": alt, "texts": [t.get_text() for part in holders for t in part.texts]}
    data = {"image/png": b64encode(png_bytes(fig)).decode(), "text/plain": f"{alt}\n{facts(fig)}"}
    plt.close(fig)
    display(data, metadata={"image/png": of_png}, raw=True)


def png_bytes(fig):
    """The figure as a PNG of 256 colours, a third of the usual size."""
    canvas, file = FigureCanvasAgg(fig), BytesIO()
    canvas.draw()
    full = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    full.quantize(256).save(file, format="png", optimize=True)
    return file.getvalue()


def facts(fig):
    """One line per panel: title, axis labels, numbers of lines, points and bars."""
    return "\n".join(panel_facts(ax) for ax in fig.axes if ax.get_label() != "<colorbar>")


def panel_facts(ax):
    """What one panel holds: its title, its axes, how many lines, points and bars."""
    title = (ax.get_title(loc="left") or ax.get_title()).replace("\n", " ")
    points = sum(len(dots.get_offsets()) for dots in ax.collections)
    counts = f"{len(ax.lines)} lines, {points} points, {len(ax.patches)} bars"
    return f"[{title}] x: {ax.get_xlabel()}, y: {ax.get_ylabel()}; {counts}"


def label(ax, title, x="time after R peak [ms]", y="voltage [mV]"):
    """Put the message into the title, quantity and unit on the axes, a legend if there is any."""
    ax.set(xlabel=x, ylabel=y)
    ax.set_title(title, loc="left")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()


@takes(ecg=array("T"), fs=RATE, start=real(0), stop=real(above=0), r=LABELS)
def draw_ecg(ax, ecg, fs, start=0, stop=10, r=None, title="ECG"):
    """The seconds `start` to `stop` of an ECG in mV, a triangle on each R peak (in samples)."""
    part = np.arange(round(start * fs), min(round(stop * fs), len(ecg)))
    if not len(part):
        raise ValueError(f"{start=}, {stop=}: expected start < stop, in s, and before the end")
    ax.plot(part / fs, ecg[part], color=BLACK, linewidth=1.5)
    if r is not None:
        r = r[(r >= part[0]) & (r <= part[-1])]
        ax.plot(r / fs, ecg[r] + 0.1, "v", color=VERMILLION, markersize=10)
    label(ax, title, x="time [s]")


def by_class(y, n, class_names):
    """(name, style, which of n beats are of it) for every class; without y all are of the first.

    Raises ValueError for a label that is no class: its beats would be missing from the picture.
    """
    y = np.zeros(n, int) if y is None else y
    if y.shape != (n,) or y.min() < 0 or y.max() >= len(class_names):
        raise ValueError(
            f"y has shape {y.shape} and runs from {y.min()} to {y.max()}: expected one index into "
            f"class_names={class_names} for each of {n} beats"
        )
    styles = itertools.cycle(CLASS_STYLES)
    return [(name, next(styles), y == c) for c, name in enumerate(class_names)]


@takes(ms=array("L"), x=ROW, y=LABELS)
def draw_beats(ax, ms, x, y=None, class_names=("beats",), title="Beats"):
    """Every beat as a thin line, the mean of every class as a thick one on a white rim.

    ms: (L,).  x: (N, 1, L) or (N, L) in mV.  y: (N,) class indices or None.
    """
    x = x.reshape(-1, len(ms))
    for name, style, mine in by_class(y, len(x), class_names):
        if mine.any():
            ax.plot(ms, x[mine].T, color=style["color"], linewidth=0.5, alpha=0.15)
            line = dict(color=style["color"], linestyle=style["linestyle"], **MEAN)
            ax.plot(ms, x[mine].mean(0), **line, label=f"mean of {mine.sum()} {name}")
    label(ax, title)


@takes(z=array("N", "2"), y=LABELS)
def draw_embedding(ax, z, y, class_names, title="Latent space"):
    """One point per beat in the latent plane.  z: (N, 2).  y: (N,) class indices, or None."""
    for name, style, mine in by_class(y, len(z), class_names):
        dots = dict(color=style["color"], marker=style["marker"], s=60, alpha=0.6, linewidths=0)
        ax.scatter(*z[mine].T, **dots, label=name)
    label(ax, title, x="$z_1$ [no unit]", y="$z_2$ [no unit]")


@takes(ms=array("L"), x=ROW, x_hat=ROW)
def draw_reconstruction(ax, ms, x, x_hat, title="Reconstruction", name="reconstruction"):
    """A beat and what a model makes of it.  ms, x, x_hat: L values each, in ms and mV."""
    ax.plot(ms, np.ravel(x), color=BLACK, label="original")
    ax.plot(ms, np.ravel(x_hat), color=VERMILLION, linestyle="--", label=name)
    label(ax, title)


@takes(losses=instance(dict, "a dictionary, {name: losses}"))
def draw_losses(ax, losses, title="Loss", y="mean squared error [mV²]"):
    """Loss curves over the epochs, from 0.  losses: {name: one value per epoch}."""
    for (name, values), style in zip(losses.items(), itertools.cycle(CLASS_STYLES)):
        values = array("epochs")(name, values)
        line = dict(color=style["color"], linestyle=style["linestyle"])
        ax.plot(np.arange(1, len(values) + 1), values, **line, label=name)
    ax.set_ylim(bottom=0)
    label(ax, title, x="epoch", y=y)


@takes(errors=instance(dict, "a dictionary, {name: error}"))
def draw_errors(ax, errors, title="Test error", digits=4):
    """One bar per model, smallest error at the top.  errors: {name: value in mV^2}."""
    errors = {name: real(0)(name, error) for name, error in errors.items()}
    names = sorted(errors, key=errors.get, reverse=True)
    bars = ax.barh(names, [errors[name] for name in names], color=BLUE)
    ax.bar_label(bars, fmt=f" %.{digits}f")
    ax.margins(x=0.15)
    label(ax, title, x="mean squared error on the test beats [mV²]", y="")


@takes(values=array("R", "C"), shade=array("R", "C"))
def draw_table(ax, values, rows, columns, shade):
    """A table of numbers; the more `shade` (0 to 1), the darker the field.

    values, shade: (R, C).  rows, columns: the names.
    """
    ax.imshow(shade, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        color = "white" if shade[row, column] > 0.6 else BLACK
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=color)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
