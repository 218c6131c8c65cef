"""The page decodes what torch decodes: the exported steps, run by node."""

from base64 import b64encode

import numpy as np
import pytest
import torch
from torch import nn

from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.widgets.export import compact, export_decoder
from tests.node.run import in_node, needs_node

pytestmark = needs_node


def text(data):
    return b64encode(data).decode()


@torch.no_grad()
def decoded(model, z, **weights):
    """What node and what torch decode from z (N, 2), as (N, L)."""
    steps, blob = export_decoder(model)
    given = dict(steps=steps, z=z.tolist()) | (weights or dict(weights=text(blob)))
    return np.array(in_node("decode.mjs", given)), model.decode(z).flatten(1).numpy()


MODELS = [
    (Autoencoder, {}), (VAE, {}), (LectureAutoencoder, {}), (LectureAutoencoder, dict(copies=2)),
    (LectureVAE, dict(copies=3)),
]  # fmt: skip


@pytest.mark.parametrize(("model_class", "settings"), MODELS)
def test_the_models_of_the_course(model_class, settings):
    torch.manual_seed(0)
    model, z = model_class(450, **settings).eval(), 3 * torch.randn(8, 2)
    with torch.no_grad():
        for weights in model.parameters():  # so large that every nonlinearity is well used
            weights.mul_(2)
        for buffer in model.buffers():  # a mean beat and a scale of their own
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 2)
    found, x = decoded(model, z)
    assert abs(x).max() > 0.3
    np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("model_class", [VAE, Autoencoder, LectureAutoencoder, LectureVAE])
def test_compact_weights_decode_the_same_beats(model_class):
    torch.manual_seed(0)
    model = model_class(450).eval()
    packed = {name: text(data) for name, data in compact(export_decoder(model)[1]).items()}
    found, x = decoded(model, 2 * torch.randn(8, 2), compact=packed)
    np.testing.assert_allclose(found, x, rtol=0, atol=1e-4)


class Decoder(nn.Module):
    """Any layers as the decoder of a model; `keep`: how many samples are not cropped."""

    def __init__(self, *layers, keep=None):
        super().__init__()
        self.decoder, self.keep = nn.Sequential(*layers), keep

    def decode(self, z):
        x = self.decoder(z)
        return x[:, :, : self.keep] if self.keep else x


def odd_batch_norm(channels):
    layer = nn.BatchNorm1d(channels)
    layer.running_mean.uniform_(-1, 1)
    layer.running_var.uniform_(0.5, 2)
    nn.init.uniform_(layer.weight, 0.5, 2)
    nn.init.uniform_(layer.bias)
    return layer


ZOO = {
    "conv": [
        nn.Linear(2, 36), nn.Unflatten(1, (3, 12)), nn.Tanh(),
        nn.Conv1d(3, 4, kernel_size=4, stride=2, padding=3, dilation=2), nn.Sigmoid(),
        nn.Conv1d(4, 1, kernel_size=2, bias=False),
    ],
    "transposed": [
        nn.Linear(2, 12, bias=False), nn.Unflatten(1, (4, 3)),
        nn.ConvTranspose1d(4, 3, kernel_size=3, stride=4, padding=2, dilation=3), nn.GELU(),
        nn.ConvTranspose1d(3, 1, kernel_size=5, stride=3, output_padding=2, bias=False),
    ],
    "normalised": [
        nn.Linear(2, 8), odd_batch_norm(8), nn.ReLU(), nn.Dropout(0.5), nn.Unflatten(1, (2, 4)),
        odd_batch_norm(2), nn.ConvTranspose1d(2, 1, kernel_size=4, stride=4),
    ],
    "flattened": [
        nn.Linear(2, 8), nn.Unflatten(1, (2, 4)), nn.Conv1d(2, 3, kernel_size=3), nn.GELU(),
        nn.Flatten(), nn.Linear(6, 10), nn.Unflatten(1, (1, 10)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("keep", [None, 7], ids=["whole", "cropped"])
@pytest.mark.parametrize("name", ZOO)
def test_layers_beyond_the_course(name, keep):
    """Also where what is cropped is never computed."""
    found, x = decoded(Decoder(*ZOO[name], keep=keep).eval(), 2 * torch.randn(8, 2))
    np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-5)
