"""Several models side by side under one finger."""

import numpy as np
import torch
import traitlets

from ecgae_lib.expects import instance
from ecgae_lib.widgets import maps, stills
from ecgae_lib.widgets.base import Valued, finite
from ecgae_lib.widgets.export import compact, export_decoder

SAME_BEAT, SAME_MOVE = "same beat", "same relative move"
MOST_MODELS = 4  # side by side on a projector


class ComparePads(maps.MapWidget, Valued):
    """Latent maps side by side: drag in one, and the handles of all follow.

        ComparePads({"Autoencoder": model, "VAE": other}, beats)

    models: two to four by their names, each with `encode` and `decode` and two latents.
    beats: the Beats to encode.  All are copied.
    mode: "same beat": the handle jumps to the beat nearest to the finger, and every other handle
    to where its model has put that beat; "same relative move": every handle moves by the same
    fraction of its map, as far as its edge.
    picked: index of the beat chosen in the mode "same beat"; set it and all handles go there.
    z: where the handles are, a pair for each model; set in "same beat", it is left alone until
    something is dragged.
    decoded: the beats at z in the beats' unit by the models' names, computed by torch.
    Raises TypeError or ValueError for what is no dictionary of two to four models, and as LatentPad
    does for a model or beats that cannot be shown.
    """

    script = "compare_pads.js"
    alt = "Maps of the same heartbeats by several models, and below each the beat it draws."

    _models = traitlets.List().tag(sync=True)
    mode = traitlets.Enum((SAME_BEAT, SAME_MOVE), SAME_BEAT).tag(sync=True)
    z = traitlets.Tuple().tag(sync=True)

    def __init__(self, models, beats, **traits):
        maps.check_beats(beats)
        check_models(models)
        self._snapshots = {name: maps.snapshot(model) for name, model in models.items()}
        places = [maps.encode(model, beats) for model in self._snapshots.values()]
        self._choose(beats, [maps.on_picture(*p) for p in places], traits.get("picked", 0))
        self._codes = [codes[self.shown] for codes, _ in places]
        shown = [
            describe(name, model, *place, self.shown)
            for (name, model), place in zip(self._snapshots.items(), places, strict=True)
        ]
        super().__init__(_models=shown, _beats=self._beats_shown(), **traits)
        if not {"z", "value"} & traits.keys():
            self.z = self._codes_of(self.picked)

    @property
    def decoded(self):
        """{name: the beat (L,) that the model decodes at its handle}, computed by torch."""
        return {
            name: model.decode(torch.tensor([z]))[0, 0].numpy()
            for (name, model), z in zip(self._snapshots.items(), self.z, strict=True)
        }

    def still(self):
        fig, axes = stills.figure(len(self._codes), rows=2)
        beats = self._all[self.shown]
        for (name, x), m, codes, z, (above, below) in zip(
            self.decoded.items(), self._models, self._codes, self.z, axes.T, strict=True
        ):
            stills.draw_map(above, codes, m["map"]["extent"], beats, [z], name)
            lines = {"decoded": x, "the picked beat": self._all.x[self.picked, 0]}
            stills.draw_beat(below, self._all, lines, "")
        return fig

    def summary(self):
        return f"{len(self._codes)} models, {len(self._all)} beats, {self.mode}"

    def _codes_of(self, beat):
        return tuple(tuple(codes[self._place(beat)].tolist()) for codes in self._codes)

    @traitlets.observe("picked")
    def _go_to_beat(self, change):
        if self.mode == SAME_BEAT:
            self.z = self._codes_of(change.new)

    @traitlets.validate("z")
    def _finite_pairs(self, proposal):
        pairs = finite(proposal.value)
        if pairs.shape != (len(self._codes), 2):
            raise traitlets.TraitError(
                f"z={proposal.value}: expected {len(self._codes)} pairs of finite numbers"
            )
        return tuple(tuple(pair) for pair in pairs.tolist())


def check_models(models):
    """Raise TypeError or ValueError for what is no dictionary of two to four models."""
    instance(dict, "a dictionary {name: model}")("models", models)
    if not 2 <= len(models) <= MOST_MODELS:
        raise ValueError(f"{len(models)} models: give 2 to {MOST_MODELS}")
    for name in models:
        if not isinstance(name, str) or not name:
            raise TypeError(f"{name!r} names a model: give a text to show above its map")


def describe(name, model, codes, spread, shown):
    """One model as the page needs it: its name, decoder and map."""
    steps, blob = export_decoder(model)
    return dict(
        name=name,
        steps=steps,
        weights=compact(blob),
        map=maps.describe_map(codes, spread, shown),
    )
