"""The front door: the pad on the index, small enough that it lives before anybody reads a line."""

from dataclasses import replace

import torch

from ecgae_lib import beats
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE
from ecgae_lib.training import fit
from ecgae_lib.widgets import LatentPad

EVERY = 3  # samples: 214 Hz hold all that a band-pass of 40 Hz has left
FEW = 5  # every fifth beat is on the map


def pad():
    """The pad of the lesson on the latent space, its VAE trained alike, with a third of the samples
    and a fifth of the beats.

    Record 208: what a hand moves are a patient's beats.
    """
    train, _ = beats.split(beats.record_208())
    train = replace(train, x=train.x[..., ::EVERY].contiguous(), fs=train.fs / EVERY)
    torch.manual_seed(0)
    vae = VAE(train.x.shape[-1])
    fit(vae, train.x, beta_loss(0.0005), epochs=40)
    return LatentPad(vae, train[::FEW])
