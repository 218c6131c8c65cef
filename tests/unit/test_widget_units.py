"""Widgets over signals that are no ECG in millivolts: what Python holds and refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import traitlets

from ecgae_lib.models import Autoencoder
from ecgae_lib.widgets import BetaExplorer, ComparePads, LatentPad, TrainingFilm
from tests.unit.maps import BEATS, build, state_of, voltages

MEASURED = ("R amplitude", "QRS width", "T wave")
SCORED = replace(BEATS, unit="", origin="start of the series", before=0.0)
MODEL = build()


@pytest.mark.parametrize("changed", [dict(unit=""), dict(unit="V"), dict(origin="start")])
def test_only_an_ecg_in_millivolts_around_r_peaks_has_waves_to_measure(changed):
    beats = replace(BEATS, **changed)
    pad = LatentPad(MODEL, beats)
    for name in MEASURED:
        words = rf'underlay="{name}".*unit of these beats is "{beats.unit}".*"{beats.origin}"'
        with pytest.raises(traitlets.TraitError, match=words):
            pad.underlay = name
        with pytest.raises(traitlets.TraitError, match=words):
            LatentPad(MODEL, beats, underlay=name)
        assert LatentPad(MODEL, BEATS, underlay=name).underlay == name
    assert pad.underlay == "density"
    pad.underlay = "beats"
    assert state_of(pad)["_beats"]["ecg"] is False


@pytest.mark.parametrize("factor", [1e-3, 1, 1e5])
def test_another_unit_is_held_to_a_fraction_of_the_range(factor):
    beats = replace(SCORED, x=factor * BEATS.x)
    held = state_of(LatentPad(MODEL, beats))["_beats"]
    x = beats.x[:, 0].numpy()
    assert abs(voltages(held) - x).max() <= 1 / 3900 * np.ptp(x)
    model = build(Autoencoder)
    film = TrainingFilm(model, beats)
    with torch.no_grad():
        drawn = model(beats.x[film.followed])[0].abs().max().item()
    allowed = max(np.ptp(x) / 2000, drawn / 16_000)  # or it would not fit into 16 bits
    assert state_of(film)["_film"]["drawn"]["step"] == pytest.approx(allowed)


def test_every_map_tells_its_page_the_unit_and_the_origin():
    made = [
        LatentPad(MODEL, SCORED),
        ComparePads({"a": MODEL, "b": MODEL}, SCORED),
        BetaExplorer({1: MODEL, 2: MODEL}, SCORED),
        TrainingFilm(MODEL, SCORED),
    ]
    for widget in made:
        beats = state_of(widget)["_beats"]
        assert (beats["unit"], beats["origin"]) == ("", "start of the series")
        assert beats["ms"][0] == 0 and not beats["ecg"]
