"""Small models whose weights can be compared, for the tests of training."""

import copy

import torch
from torch import nn

from ecgae_lib.models import Autoencoder


def new_model(kind=Autoencoder):
    torch.manual_seed(0)
    return kind(50)


def noisy_loss(model, x):
    """A loss that draws random numbers."""
    return {"loss": nn.functional.mse_loss(model(x + torch.randn_like(x))[0], x)}


def weights(model):
    return copy.deepcopy(list(model.state_dict().values()))


def same(a, b):
    return all(torch.equal(v, w) for v, w in zip(a, b, strict=True))
