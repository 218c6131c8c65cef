"""Draw every file in figures/, as SVG and PNG.

    python -m tools.figures figures

Everything is computed anew: the same code makes the same picture.
"""

import sys
from functools import cache, partial
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.utils.data import DataLoader

from ecgae_lib import beats, plots
from ecgae_lib.losses import LECTURE_BETA, beta_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.scores import pca_error
from ecgae_lib.training import fit, train_epoch

BEAT = 402  # the beat that notebook 4 reconstructs
PAIR = {"Lecture's autoencoder": LectureAutoencoder, "Repaired autoencoder": Autoencoder}


@cache
def data():
    record = beats.record_208()
    return record, *beats.split(record)


def lecture_loop(model, x, epochs=30):
    """The training of the lecture's VAE in notebook 5: Adam at a constant learning rate."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    constant = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    batches = DataLoader(x, batch_size=32, shuffle=True)
    for _ in range(epochs):
        train_epoch(model, batches, beta_loss(LECTURE_BETA), optimizer, constant)
    model.eval()


RECIPES = {  # how notebooks 4 and 5 build each model, and how they train it
    LectureAutoencoder: (dict(copies=2), partial(fit, epochs=20)),
    Autoencoder: ({}, fit),
    LectureVAE: (dict(copies=2), lecture_loop),
    VAE: ({}, partial(fit, loss=beta_loss(LECTURE_BETA), epochs=50)),
}


@cache
def trained(model_class):
    """A model of notebook 4 or 5, with its seed."""
    _, train, _ = data()
    built, train_model = RECIPES[model_class]
    torch.manual_seed(0)
    model = model_class(450, **built)
    train_model(model, train.x)
    return model.requires_grad_(False)


def test_error(model):
    *_, test = data()
    return float(((model(test.x)[0] - test.x) ** 2).mean())


def walk():
    """A map of heartbeats and what the decoder draws on the way across it."""
    record, *_ = data()
    model = trained(Autoencoder)
    z = model.encode(record.x).numpy()
    ends = [np.median(z[record.y.numpy() == c], axis=0) for c in (0, 1)]
    path = np.linspace(*ends, 7, dtype=np.float32)
    fig, (left, right) = plt.subplots(1, 2, figsize=(14, 6.2))
    plots.draw_embedding(left, z, record.y, record.class_names, "Two numbers, one map")
    left.plot(*path.T, color="black", linewidth=2)
    colors = plt.colormaps["cividis"](np.linspace(0, 0.9, len(path)))
    left.scatter(*path.T, s=160, c=colors, edgecolors="black", linewidths=1.5, zorder=3)
    for step, (x_hat, color) in enumerate(
        zip(model.decode(torch.tensor(path)), colors, strict=True)
    ):
        right.plot(record.ms, x_hat[0] - 0.45 * step, color=color)
    plots.label(right, "A walk on it changes the beat", y="voltage, shifted [mV]")
    return fig


def periodic_decoder():
    """What the lecture's decoder makes before it is cropped, beside a real beat."""
    record, *_ = data()
    model = trained(LectureAutoencoder)
    code = model.decoder_fc(model.encode(record.x[BEAT : BEAT + 1])).unsqueeze(-1)
    long = model.decoder(code.repeat(1, 1, 225))[0, 0]  # (50625,)
    fig, ax = plt.subplots(figsize=(14, 5))
    ax.plot(long[: 5 * 225], color=plots.VERMILLION, label="decoder's output, 1,125 of 50,625")
    ax.plot(record.x[BEAT, 0], color=plots.BLACK, label="the beat it should draw")
    ax.axvspan(0, 450, color=plots.SKY, alpha=0.25, linewidth=0)
    ax.text(215, 1.2, "the crop: 450 samples", fontsize=16)
    title = "225 copies in, a wave train out: the period is 225 samples"
    plots.label(ax, title, x="output sample [number]")
    return fig


def embedding():
    record, *_ = data()
    fig, axes = plt.subplots(1, 2, figsize=(14, 6))
    for ax, (name, kind) in zip(axes, PAIR.items(), strict=True):
        z = trained(kind).encode(record.x)
        plots.draw_embedding(ax, z, record.y, record.class_names, f"{name}: the map")
    return fig


def reconstruction():
    record, *_ = data()
    fig, axes = plt.subplots(1, 2, figsize=(14, 5), sharey=True)
    for ax, (name, kind) in zip(axes, PAIR.items(), strict=True):
        x_hat, _ = trained(kind)(record.x[BEAT : BEAT + 1])
        plots.draw_reconstruction(ax, record.ms, record.x[BEAT], x_hat, name)
    return fig


def baselines():
    _, train, test = data()
    parts = train.x[:, 0].numpy(), test.x[:, 0].numpy()
    errors = {
        "lecture's autoencoder": test_error(trained(LectureAutoencoder)),
        "mean beat": pca_error(0, *parts),
        "PCA, 2 numbers": pca_error(2, *parts),
        "repaired autoencoder": test_error(trained(Autoencoder)),
    }
    fig, ax = plt.subplots(figsize=(14, 4))
    plots.draw_errors(ax, errors, "Two numbers per beat: what error is left", digits=3)
    return fig


def generated_signals():
    """Three signals from the three points that the lecture drew from N(0, I)."""
    record, *_ = data()
    z_new = torch.tensor([[1.8041, 0.3315], [-0.0710, -0.5541], [-2.1782, 0.3675]])
    fig, axes = plt.subplots(3, 2, figsize=(14, 9), sharex=True, sharey=True)
    for column, (name, kind) in enumerate({"Lecture's": LectureVAE, "Repaired": VAE}.items()):
        for i, (ax, x_hat) in enumerate(
            zip(axes[:, column], trained(kind).decode(z_new), strict=True)
        ):
            ax.plot(record.ms, x_hat[0], color=plots.BLUE)
            plots.label(ax, f"{name} VAE: generated signal {i + 1}")
            ax.label_outer()
    return fig


FIGURES = [walk, periodic_decoder, embedding, reconstruction, baselines, generated_signals]


def draw_all(folder):
    matplotlib.use("Agg")
    torch.set_num_threads(1)
    plots.set_style()
    for draw in FIGURES:
        name, fig = draw.__name__.replace("_", "-"), draw()
        fig.savefig(folder / f"{name}.svg", metadata={"Date": None})
        (folder / f"{name}.png").write_bytes(plots.png_bytes(fig))
        plt.close(fig)


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]))
