"""What every map has in Python: a copy of the model, the codes of its beats, their packing."""

import copy

import numpy as np
import torch
import traitlets
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.beats import only_beats
from ecgae_lib.expects import instance
from ecgae_lib.models import LectureAutoencoder, LectureVAE
from ecgae_lib.widgets.base import Widget
from ecgae_lib.widgets.thinning import thinned

MODEL = instance(torch.nn.Module, "a model, such as VAE(450)")
MOST_CLASSES = 6  # as many as the page has colours and markers
STEP = 0.002  # mV, the precision of stored beats; the recorder's own is 0.005 mV
FINE = 1 / 2000  # of the range: the same in any other unit
PART = 1024  # beats at a time: fastest, and the lecture's model needs much memory
SHOWN = 0.98  # the fraction of training beats that the map must hold; outliers may lie outside
NEAR = 0.95  # the fraction of training beats that are near another one, by definition


class MapWidget(Widget):
    """A widget about beats, of which one may be picked.

    shown: indices of the beats on the map; of more than 3,000 those that `thinned` chooses.
    """

    _beats = traitlets.Dict().tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)

    def _choose(self, beats, maps, picked):
        """Keep the beats as `_all` and choose which are shown, the picked one always."""
        keep = [n for n in np.ravel(picked) if n in range(len(beats))]
        y = None if beats.y is None else beats.y.numpy()
        self._all = beats
        self.shown, self._counts = thinned(maps, y, keep)

    def _beats_shown(self):
        """The trait `_beats`."""
        return pack_beats(self._all, self.shown) | pack_choice(self.shown, self._counts)

    def _place(self, number):
        """Where among the shown beats one is."""
        return int(np.searchsorted(self.shown, number))

    @traitlets.validate("picked")
    def _existing_beat(self, proposal):
        n, index = len(self._all), proposal.value
        if index is not None and not 0 <= index < n:
            raise traitlets.TraitError(f"picked={index}: expected 0 to {n - 1}")
        if index is not None and index not in self.shown:
            raise traitlets.TraitError(
                f"picked={index}: this beat is not among the {len(self.shown)} of {n} on the map: "
                "choose one of `shown`, or give picked when you make the widget"
            )
        return index


def snapshot(model):
    """A copy of the model that no training changes, in evaluation mode, on the CPU."""
    MODEL("model", model)
    copied = copy.deepcopy(model).cpu().eval().requires_grad_(False)
    if isinstance(copied, LectureAutoencoder | LectureVAE):
        copied.copies = 2 + copied.signal_length % 2  # they draw the same, much faster
    return copied


def check_beats(beats):
    """Return the beats; TypeError or ValueError for what a map cannot show."""
    only_beats("beats", beats)
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
    except (RuntimeError, ValueError) as error:
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
    parts = [model.encode(x) for x in beats.x.split(PART)]
    if isinstance(code, tuple):
        mu, logvar = (torch.cat(rows) for rows in zip(*parts, strict=True))
        return mu.numpy(), torch.exp(0.5 * logvar).numpy()
    return torch.cat(parts).numpy(), None


def decode(model, z):
    """The beats (N, 1, L) that a model draws at z (N, 2)."""
    return torch.cat([model.decode(part) for part in z.split(PART)])


def on_picture(codes, spread):
    """The codes (N, 2) in sides of their map."""
    return codes / np.ptp(extent(codes, spread is not None), axis=1)


def nearness(codes, spread, shown):
    """What "near" means on this map: the unit of each axis (2,), and a distance in these units.

    The distance is the one within which 95 % of all training beats, and all that are left out,
    have another one that is shown.
    """
    scale = np.ones(2)
    if spread is None:
        scale = codes.std(axis=0).astype(float)
        scale = np.maximum(scale, 1e-3 * scale.max()) + 1e-12  # an axis may have collapsed
    neighbours = NearestNeighbors(n_neighbors=1).fit(codes[shown] / scale)
    apart, _ = neighbours.kneighbors()  # of each beat to its nearest fellow, not to itself
    others = np.delete(codes, shown, axis=0) / scale
    if not len(others):
        return scale, float(np.quantile(apart, NEAR))
    left_out, _ = neighbours.kneighbors(others)
    apart = np.concatenate([apart, left_out])
    return scale, max(float(np.quantile(apart, NEAR)), float(left_out.max()))


def describe_map(codes, spread, shown):
    """The trait `_map`: codes and spread as bytes of float32, extent and `nearness` of the map."""
    scale, reach = nearness(codes, spread, shown)
    return dict(
        codes=codes[shown].astype("<f4").tobytes(),
        spread=None if spread is None else spread[shown].astype("<f4").tobytes(),
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


def is_ecg(beats):
    """Whether R, QRS and T can be measured on the beats."""
    return beats.unit == "mV" and beats.origin == "R peak"


def pack_beats(beats, shown):
    """Signals and labels of the shown beats; times, units and range of all."""
    low, high = float(beats.x.min()), float(beats.x.max())
    return dict(
        labels=pack_labels(beats, shown),
        class_names=list(beats.class_names) if beats.y is not None else ["beats"],
        ms=beats.ms.tolist(),
        range=[low - 0.1 * (high - low), high + 0.1 * (high - low)],
        unit=beats.unit,
        origin=beats.origin,
        ecg=is_ecg(beats),
        source=beats.source,
        **pack_rows(beats.x[shown, 0].numpy(), precision(beats)),
    )


def pack_labels(beats, shown):
    """Labels of the shown beats as bytes, or None."""
    return None if beats.y is None else beats.y[shown].numpy().astype("u1").tobytes()


def pack_choice(shown, counts):
    """Where not all beats are shown: which they are, and how many each stands for."""
    if len(shown) == counts.sum():
        return {}
    return dict(numbers=shown.astype("<i4").tobytes(), weights=counts.astype("<i4").tobytes())


def precision(beats):
    """What the page may round the beats' values to."""
    return STEP if beats.unit == "mV" else FINE * (float(np.ptp(beats.x.numpy())) or 1.0)


def pack_rows(x, step):
    """Signals (N, L) as whole steps, differences along time (they pack)."""
    step = max(step, float(abs(x).max()) / 16_000)  # differences must fit into 16 bits
    levels = np.round(x.astype(float) / step)
    return dict(levels=np.diff(levels, axis=1, prepend=0).astype("<i2").tobytes(), step=step)
