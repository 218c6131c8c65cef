"""The latent plane under a finger: drag a point over the map and the heartbeat follows."""

import copy

import numpy as np
import torch
import traitlets
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.beats import Beats
from ecgae_lib.widgets.base import Widget
from ecgae_lib.widgets.export import export_decoder

UNDERLAYS = ("density", "none", "beats", "R amplitude", "QRS width", "T wave")
MOST_CLASSES = 6  # as many as the page has colours and markers
STEP = 0.002  # mV, the precision of stored beats; the recorder's own is 0.005 mV
SHOWN = 0.98  # the fraction of training beats that the map must hold; outliers may lie outside
NEAR = 0.95  # the fraction of training beats that are near another one, by definition


class LatentPad(Widget):
    """A map of the latent plane with a handle, and beside it the beat that the decoder draws.

    model: with `encode` and `decode`, two latents; a VAE brings posterior ellipses and the prior.
    beats: the Beats it was trained on.
    The model is copied: what training does to it later does not show until `push`.
    z: where the handle is, (z1, z2); set it and the handle moves.
    a, b: the ends of the path; picked: index of the beat looked at, or None.
    underlay: one of "density", "none", "beats", "R amplitude", "QRS width", "T wave".
    decoded: the beat at z in mV, computed by torch.
    nearest, extrapolating: the training beat nearest to z, and whether even that one is far.
    Raises TypeError for a decoder that a page cannot evaluate, ValueError for one of other than
    two latents, for weights that are not finite, or for beats of another length.
    """

    script = "latent_pad.js"

    _decoder = traitlets.Dict().tag(sync=True)
    _map = traitlets.Dict().tag(sync=True)
    _beats = traitlets.Dict().tag(sync=True)
    z = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    a = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    b = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    picked = traitlets.Int(None, allow_none=True).tag(sync=True)
    underlay = traitlets.Enum(UNDERLAYS, "density").tag(sync=True)

    def __init__(self, model, beats, **traits):
        check_beats(beats)
        self._training_beats = beats
        content = self._content_of(model)
        ends = default_path(self._codes, beats.y)
        super().__init__(**content, _beats=pack_beats(beats), **(ends | traits))

    def push(self, model):
        """Show the model's present weights: the map, the beat and everything else follow.

        For use while a model trains.  A model that is refused leaves the pad as it was.
        """
        with self.hold_sync():
            for name, value in self._content_of(model).items():
                setattr(self, name, value)

    def _content_of(self, model):
        """Copy the model; return what the page needs of it, as traits."""
        snapshot = copy.deepcopy(model).cpu().eval().requires_grad_(False)
        codes, spread = encode(snapshot, self._training_beats)
        steps, blob = export_decoder(snapshot)
        self._snapshot, self._codes = snapshot, codes
        self._scale, self._reach = nearness(codes, spread)
        return dict(
            _decoder=dict(steps=steps, weights=blob),
            _map=describe_map(codes, spread, self._scale, self._reach),
        )

    @property
    def decoded(self):
        """The decoder's beat at z, (L,) in mV, computed by torch from the copied weights."""
        return self._snapshot.decode(torch.tensor([self.z]))[0, 0].numpy()

    @property
    def nearest(self):
        """(index, distance) of the training beat whose code is nearest to z.

        The distance is Euclidean: for a VAE in units of the prior, otherwise each axis in units of
        its standard deviation over the training beats.
        """
        apart = np.linalg.norm((self._codes - self.z) / self._scale, axis=1)
        return int(apart.argmin()), float(apart.min())

    @property
    def extrapolating(self):
        """True where no training beat is near: farther than 95 % of them are from a fellow."""
        return self.nearest[1] > self._reach

    def summary(self):
        beats, point = self._training_beats, ", ".join(f"{round(v, 2) + 0.0:.2f}" for v in self.z)
        kinds = 0 if beats.y is None else len(beats.class_names)
        return f"{len(beats)} beats, {kinds} classes, z=({point})"

    @traitlets.validate("z", "a", "b")
    def _finite_pair(self, proposal):
        value, name = proposal.value, proposal.trait.name
        try:
            pair = tuple(float(v) for v in value)
        except (TypeError, ValueError):
            pair = ()
        if len(pair) != 2 or not np.isfinite(pair).all():
            raise traitlets.TraitError(f"{name}={value}: expected two finite numbers, (z1, z2)")
        return pair

    @traitlets.validate("picked")
    def _existing_beat(self, proposal):
        n, index = len(self._training_beats), proposal.value
        if index is not None and not 0 <= index < n:
            raise traitlets.TraitError(f"picked={index}: expected None or 0 to {n - 1}")
        return index


def check_beats(beats):
    """Raise TypeError or ValueError for what a pad cannot show."""
    if not isinstance(beats, Beats):
        raise TypeError(f"beats is {type(beats).__name__}: give the training beats as Beats")
    if beats.y is not None and len(beats.class_names) > MOST_CLASSES:
        raise ValueError(
            f"{len(beats.class_names)} classes: a pad can tell {MOST_CLASSES} apart; join some"
        )
    if len(beats) < 3:
        raise ValueError(f"{len(beats)} beats make no map: give at least 3")


@torch.no_grad()
def encode(model, beats):
    """Where the model puts the beats: codes (N, 2), and (N, 2) standard deviations or None.

    Raises ValueError unless model and beats have the same length and the model two latents.
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


def default_path(codes, y):
    """Where the path starts and ends: in the middle of the first two classes that have beats.

    Without two classes: the lowest and the highest first coordinate.
    """
    groups = [] if y is None else [codes[y.numpy() == c] for c in y.unique()[:2].numpy()]
    if len(groups) < 2:
        groups = [codes[[codes[:, 0].argmin()]], codes[[codes[:, 0].argmax()]]]
    return {name: np.median(g, axis=0).tolist() for name, g in zip("ab", groups, strict=True)}


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
