"""The latent plane under a finger: drag a point over the map and the heartbeat follows."""

from itertools import combinations

import numpy as np
import torch
import traitlets

from ecgae_lib.widgets import maps, stills
from ecgae_lib.widgets.base import Valued, finite
from ecgae_lib.widgets.export import export_decoder

MEASURED = ("R amplitude", "QRS width", "T wave")  # on an ECG alone
UNDERLAYS = ("density", "none", "beats", *MEASURED)
APART = 0.5  # standard deviations of the codes: nearer to each other A and B show nothing


class LatentPad(maps.MapWidget, Valued):
    """A map of the latent plane with a handle, and beside it the beat that the decoder draws.

    model: with `encode` and `decode`, two latents; a VAE brings posterior ellipses and the prior.
    beats: the Beats it was trained on.
    The model is copied: what training does to it later does not show until `push`.
    z: where the handle is, (z1, z2); set it and the handle moves.  `value` is another name of it,
    for `ipywidgets.interact(f, z=pad)`.
    a, b: the ends of the path; picked: index of the beat looked at, or None.
    underlay: one of "density", "none", "beats"; for an ECG in mV around R peaks also one of
    "R amplitude", "QRS width", "T wave".
    decoded: the beat at z in the beats' unit, computed by torch.
    nearest, extrapolating: the shown training beat nearest to z, and whether even that one is far.
    shown: indices of the beats on the map, of more than 3,000 those that `thinned` chooses.
    Raises TypeError for a decoder that a page cannot evaluate, ValueError for one of other than
    two latents, for weights that are not finite, or for beats of another length.
    """

    script = "latent_pad.js"
    alt = "A map of heartbeats, and the beat that the decoder draws at one point of it."

    _decoder = traitlets.Dict().tag(sync=True)
    _map = traitlets.Dict().tag(sync=True)
    z = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    a = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    b = traitlets.Tuple((0.0, 0.0)).tag(sync=True)
    picked = traitlets.Int(None, allow_none=True).tag(sync=True)
    underlay = traitlets.Enum(UNDERLAYS, "density").tag(sync=True)

    def __init__(self, model, beats, **traits):
        self._all = maps.check_beats(beats)
        content = self._content_of(model, traits.get("picked"))
        super().__init__(_beats=self._beats_shown(), **(content | self._ends | traits))

    def push(self, model):
        """Show the model's present weights: the map, the beat and everything else follow.

        For use while a model trains.  A model that is refused leaves the pad as it was.
        """
        with self.hold_sync():
            content = self._content_of(model, self.picked)
            if len(self.shown) < len(self._all):
                content["_beats"] = self._beats_shown()  # others than before
            for name, value in content.items():
                setattr(self, name, value)

    def _content_of(self, model, picked):
        """Copy the model; return what the page needs of it, as traits."""
        copied, beats = maps.snapshot(model), self._all
        codes, spread = maps.encode(copied, beats)
        steps, blob = export_decoder(copied)
        self._choose(beats, [maps.on_picture(codes, spread)], picked)
        self._snapshot, self._codes = copied, codes[self.shown]
        self._ends = default_path(codes, beats.y)
        return dict(
            _decoder=dict(steps=steps, weights=blob),
            _map=maps.describe_map(codes, spread, self.shown),
        )

    @property
    def decoded(self):
        """The decoder's beat at z, (L,), computed by torch from the copied weights."""
        return self._snapshot.decode(torch.tensor([self.z]))[0, 0].numpy()

    @property
    def nearest(self):
        """(index, distance) of the shown training beat whose code is nearest to z.

        The distance is Euclidean: for a VAE in units of the prior, otherwise each axis in units of
        its standard deviation over the training beats.
        """
        apart = np.linalg.norm((self._codes - self.z) / self._map["scale"], axis=1)
        return int(self.shown[apart.argmin()]), float(apart.min())

    @property
    def extrapolating(self):
        """True where no training beat is near: farther than 95 % of them are from a shown one."""
        return self.nearest[1] > self._map["reach"]

    def still(self):
        fig, [[left, right]] = stills.figure(2)
        beat, _ = self.nearest
        stills.draw_map(left, self._codes, self._map["extent"], self._all[self.shown], [self.z])
        lines = {"decoded": self.decoded, "nearest training beat": self._all.x[beat, 0]}
        stills.draw_beat(right, self._all, lines, "Decoded beat")
        return fig

    def summary(self):
        beats, point = self._all, ", ".join(f"{round(v, 2) + 0.0:.2f}" for v in self.z)
        kinds = 0 if beats.y is None else len(beats.class_names)
        return f"{len(beats)} beats, {kinds} classes, z=({point})"

    @traitlets.validate("underlay")
    def _measurable(self, proposal):
        name, beats = proposal.value, self._all
        if name in MEASURED and not maps.is_ecg(beats):
            raise traitlets.TraitError(
                f'underlay="{name}" is measured on an ECG in mV around R peaks; the unit of these '
                f'beats is "{beats.unit}" and their origin "{beats.origin}": choose "density", '
                '"none" or "beats"'
            )
        return name

    @traitlets.validate("z", "a", "b")
    def _finite_pair(self, proposal):
        value, name, pair = proposal.value, proposal.trait.name, finite(proposal.value)
        if pair.shape != (2,):
            raise traitlets.TraitError(f"{name}={value}: expected two finite numbers, (z1, z2)")
        return tuple(pair.tolist())


def default_path(codes, y):
    """Where the path starts and ends: in the middle of the first two classes that lie apart.

    Without two such classes: the lowest and the highest first coordinate.
    """
    classes = [] if y is None else [codes[y.numpy() == c] for c in y.unique().numpy()]
    middles = [np.median(group, axis=0) for group in classes]
    ends = codes[codes[:, 0].argmin()], codes[codes[:, 0].argmax()]
    scale = codes.std(axis=0) + 1e-12
    apart = (p for p in combinations(middles, 2) if np.hypot(*(p[1] - p[0]) / scale) > APART)
    return {name: end.tolist() for name, end in zip("ab", next(apart, ends), strict=True)}
