"""The models and widgets that the tests in a browser show, and what torch says of them."""

import copy
from functools import cache

import torch

from ecgae_lib.generator import synthetic
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

torch.set_num_threads(1)
BETAS = (0.1, 0.01, 0.001, 1e-5)
LAST = 12  # epoch of the film


@cache
def beats():
    return synthetic(60, seed=1)[0]


def fresh(model_class, **settings):
    torch.manual_seed(0)
    return model_class(450, **settings).eval()


@cache
def trained_vae(beta=0.001):
    model = fresh(VAE)
    fit(model, beats().x, epochs=20, loss=beta_loss(beta), batch_size=16)
    return model.eval()


@cache
def pad():
    return LatentPad(fresh(VAE), beats())


@cache
def compared():
    """The models of the compared pads."""
    lecture, plain = fresh(LectureAutoencoder, copies=2), fresh(Autoencoder)
    for model, epochs in ((lecture, 3), (plain, 10)):
        fit(model, beats().x, epochs=epochs)
    return {f"<{type(m).__name__}>": m.eval() for m in (lecture, plain, fresh(VAE))}


@cache
def pads():
    return ComparePads(compared(), beats())


@cache
def sweep():
    return {beta: trained_vae(beta) for beta in BETAS}


@cache
def betas():
    return BetaExplorer(sweep(), beats(), picked=5)


@cache
def filmed():
    """A film, and copies of the model at the same moments."""
    model = fresh(Autoencoder)
    film, models = TrainingFilm(model, beats()), [copy.deepcopy(model)]

    def on_epoch(model):
        film.add(model)
        models.append(copy.deepcopy(model).eval())

    fit(model, beats().x, epochs=LAST, on_epoch=on_epoch)
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
    z = model.encode(beats().x if beat is None else beats().x[[beat]])
    z = z[0] if isinstance(z, tuple) else z
    return z.numpy(), model.decode(z)[:, 0].numpy()


@torch.no_grad()
def decoded(model, z):
    """The beat (L,) that torch decodes from z (2,)."""
    return model.decode(torch.tensor([[*z]], dtype=torch.float32))[0, 0].numpy()


@torch.no_grad()
def posterior(model):
    """mu and sigma of all beats, (N, 2) each, by torch; no sigma of an autoencoder."""
    code = model.encode(beats().x)
    if not isinstance(code, tuple):
        return code.numpy(), None
    return code[0].numpy(), (0.5 * code[1]).exp().numpy()
