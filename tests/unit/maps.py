"""What the tests of widgets share: beats, models, and what a page gets."""

import gzip
import json
import re
from base64 import b64decode

import numpy as np
import torch

from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE

BEATS = synthetic(60, seed=1)[0]


def build(model_class=VAE, **settings):
    torch.manual_seed(0)
    return model_class(450, **settings).eval()


@torch.no_grad()
def encoded(model, x=BEATS.x):
    """mu and sigma (None of an autoencoder) as arrays (N, 2), by torch."""
    code = model.encode(x)
    if not isinstance(code, tuple):
        return code.numpy(), None
    return code[0].numpy(), (0.5 * code[1]).exp().numpy()


@torch.no_grad()
def decoded(model, z):
    """The beat (L,) that torch decodes from z (2,)."""
    return model.decode(torch.tensor([[*z]], dtype=torch.float32))[0, 0].numpy()


def shift(model, by=1.0):
    """Other weights."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(by)


def broken(model, name, value=float("nan")):
    model.get_parameter(name).data.view(-1)[0] = value
    return model


def state_of(widget):
    """What a page gets of a widget, its bytes unpacked."""
    (text,) = re.findall(r'json">(.*?)</script>', widget.fragment())

    def unpack(found):
        return gzip.decompress(b64decode(found["gzip"])) if set(found) == {"gzip"} else found

    return json.loads(text, object_hook=unpack)


def points(data):
    """Coordinates (N, 2) of bytes of float32."""
    return np.frombuffer(data, "<f4").reshape(-1, 2)


def voltages(packed):
    """Rows (N, 450) of voltages in mV that came as differences of whole steps."""
    levels = np.frombuffer(packed["levels"], "<i2").reshape(-1, 450).cumsum(axis=1)
    return levels * packed["step"]


def expanded(packed):
    """Numbers that `compact` wrote down."""
    levels, steps = (np.frombuffer(packed[k], t) for k, t in (("levels", "<i2"), ("steps", "<f4")))
    return levels * np.repeat(steps, 64)[: len(levels)]


def check_map(extent, codes, round_prior):
    """A map holds nearly all codes; around a round prior it is a square."""
    (left, right), (bottom, top) = extent
    assert ((codes > [left, bottom]) & (codes < [right, top])).all(axis=1).mean() >= 0.95
    assert not round_prior or -left == right == top == -bottom >= 3
