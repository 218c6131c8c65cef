"""What every map has in Python: a copy of the model, the codes of its beats, their packing."""

import copy

import numpy as np
import torch
import traitlets
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.beats import Beats
from ecgae_lib.widgets.base import Widget

MOST_CLASSES = 6  # as many as the page has colours and markers
STEP = 0.002  # mV, the precision of stored beats; the recorder's own is 0.005 mV
SHOWN = 0.98  # the fraction of training beats that the map must hold; outliers may lie outside
NEAR = 0.95  # the fraction of training beats that are near another one, by definition


class MapWidget(Widget):
    """A widget about beats, of which one may be picked.  A subclass keeps them as `_shown`."""

    _beats = traitlets.Dict().tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("picked")
    def _existing_beat(self, proposal):
        n, index = len(self._shown), proposal.value
        if index is not None and not 0 <= index < n:
            raise traitlets.TraitError(f"picked={index}: expected 0 to {n - 1}")
        return index


def snapshot(model):
    """A copy of the model that no training changes, in evaluation mode, on the CPU."""
    return copy.deepcopy(model).cpu().eval().requires_grad_(False)


def check_beats(beats):
    """Return the beats; TypeError or ValueError for what a map cannot show."""
    if not isinstance(beats, Beats):
        raise TypeError(f"beats is {type(beats).__name__}: give the training beats as Beats")
    if beats.y is not None and len(beats.class_names) > MOST_CLASSES:
        raise ValueError(
            f"{len(beats.class_names)} classes: a pad can tell {MOST_CLASSES} apart; join some"
        )
    if len(beats) < 3:
        raise ValueError(f"{len(beats)} beats make no map: give at least 3")
    return beats


def encode(model, beats):
    """Where the model puts the beats: codes (N, 2), and (N, 2) standard deviations or None.

    model: a snapshot.  Raises ValueError unless model and beats have the same length and the model
    two latents.
    """
    length = beats.x.shape[-1]
    try:
        code = model.encode(beats.x[:1])
    except RuntimeError as error:
        raise ValueError(
            f"the model cannot encode beats of {length} samples: give one for that signal_length"
        ) from error
    latent_dim = (code[0] if isinstance(code, tuple) else code).shape[-1]
    if latent_dim != 2:
        raise ValueError(
            f"the model has {latent_dim} latents: a pad is a plane, give a model of two"
        )
    decoded = model.decode(torch.zeros(1, 2)).shape[-1]
    if decoded != length:
        raise ValueError(f"the model decodes {decoded} samples, the beats have {length}")
    code = model.encode(beats.x)
    if isinstance(code, tuple):
        mu, logvar = code
        return mu.numpy(), torch.exp(0.5 * logvar).numpy()
    return code.numpy(), None


def nearness(codes, spread):
    """What "near" means on this map: the unit of each axis (2,), and a distance in these units.

    The distance is the one within which 95 % of the training beats have another one.
    """
    scale = np.ones(2)
    if spread is None:
        scale = codes.std(axis=0).astype(float)
        scale = np.maximum(scale, 1e-3 * scale.max()) + 1e-12  # an axis may have collapsed
    neighbours = NearestNeighbors(n_neighbors=1).fit(codes / scale)
    apart, _ = neighbours.kneighbors()  # of each beat to its nearest fellow, not to itself
    return scale, float(np.quantile(apart, NEAR))


def describe_map(codes, spread, scale, reach):
    """The trait `_map`: codes and spread as bytes of float32, and the extent of both axes."""
    return dict(
        codes=codes.astype("<f4").tobytes(),
        spread=None if spread is None else spread.astype("<f4").tobytes(),
        extent=extent(codes, spread is not None),
        scale=scale.tolist(),
        reach=reach,
    )


def extent(codes, variational):
    """[[left, right], [bottom, top]] of the map: at least 98 % of the codes, with a margin.

    For a VAE a square around the origin, so that the prior is round and stays where it is.
    """
    if variational:
        half = max(3.2, 1.05 * float(np.quantile(abs(codes).max(axis=1), SHOWN)))
        return [[-half, half]] * 2
    low, high = np.quantile(codes.astype(float), [(1 - SHOWN) / 2, (1 + SHOWN) / 2], axis=0)
    margin = 0.15 * (high - low) + 1e-3
    return np.stack([low - margin, high + margin], axis=1).tolist()


def pack_beats(beats):
    """The trait `_beats`: the beats' voltages, labels and times, and the range to show."""
    x = beats.x[:, 0].double().numpy()
    levels, step = pack_rows(x)
    low, high = x.min(), x.max()
    return dict(
        levels=levels,
        labels=None if beats.y is None else beats.y.numpy().astype("u1").tobytes(),
        class_names=list(beats.class_names) if beats.y is not None else ["beats"],
        step=step,
        ms=beats.ms.tolist(),
        mv=[float(low - 0.1 * (high - low)), float(high + 0.1 * (high - low))],
        source=beats.source,
    )


def pack_rows(x):
    """Voltages (N, L) in mV as whole steps, differences along time (they pack): bytes, step."""
    step = max(STEP, float(abs(x).max()) / 16_000)  # differences must fit into 16 bits
    levels = np.round(x.astype(float) / step)
    return np.diff(levels, axis=1, prepend=0).astype("<i2").tobytes(), step
