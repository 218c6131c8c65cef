"""The models and widgets that the tests in a browser show, and what torch says of them."""

import copy
from functools import cache

import torch

from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder
from ecgae_lib.training import fit
from ecgae_lib.widgets import (
    BetaExplorer,
    ComparePads,
    KLExplorer,
    LatentPad,
    LengthExplorer,
    TrainingFilm,
)
from tests.unit.maps import BEATS, build, encoded

BETAS = (0.1, 0.01, 0.001, 1e-5)
LAST = 12  # epoch of the film


@cache
def trained_vae(beta=0.001):
    model = build(VAE)
    fit(model, BEATS.x, epochs=20, loss=beta_loss(beta), batch_size=16)
    return model.eval()


@cache
def pad():
    return LatentPad(build(VAE), BEATS)


@cache
def compared():
    """The models of the compared pads."""
    lecture, plain = build(LectureAutoencoder, copies=2), build(Autoencoder)
    for model, epochs in ((lecture, 3), (plain, 10)):
        fit(model, BEATS.x, epochs=epochs)
    return {f"<{type(m).__name__}>": m.eval() for m in (lecture, plain, build(VAE))}


@cache
def pads():
    return ComparePads(compared(), BEATS)


@cache
def sweep():
    return {beta: trained_vae(beta) for beta in BETAS}


@cache
def betas():
    return BetaExplorer(sweep(), BEATS, picked=5)


@cache
def filmed():
    """A film, and copies of the model at the same moments."""
    model = build(Autoencoder)
    film, models = TrainingFilm(model, BEATS), [copy.deepcopy(model)]

    def on_epoch(model):
        film.add(model)
        models.append(copy.deepcopy(model).eval())

    fit(model, BEATS.x, epochs=LAST, on_epoch=on_epoch)
    return film, models


@cache
def film():
    return filmed()[0]


@cache
def lengths():
    return LengthExplorer(length=10, kernel_size=3, stride=2, padding=1)


@cache
def cloud():
    return KLExplorer(mu=1, sigma=0.8)


@torch.no_grad()
def said(model, beat=None):
    """Codes (N, 2) and reconstructions (N, L) of all beats, or of one, by torch."""
    z, _ = encoded(model, BEATS.x if beat is None else BEATS.x[[beat]])
    return z, model.decode(torch.tensor(z))[:, 0].numpy()
