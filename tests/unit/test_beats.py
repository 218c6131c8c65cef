"""Beats and what makes them: the record, the synthetic generator, windows and the split."""

import socket

import numpy as np
import pytest
import sleepecg
import torch
from hypothesis import given
from hypothesis import strategies as st

from ecgae_lib.beats import (
    WIDE_QRS,
    Beats,
    bandpass,
    join,
    qrs_width,
    r_peaks,
    record_208,
    split,
    windows,
)
from ecgae_lib.generator import Factors, synthetic

FS = 360  # Hz, the record's


@pytest.fixture(scope="module")
def beats():
    return record_208()


def make(**changes):
    """Three small valid beats, but for the changes."""
    valid = dict(
        x=torch.arange(12.0).reshape(3, 1, 4),
        y=torch.tensor([0, 1, 1]),
        class_names=("a", "b"),
        t=np.array([0.0, 1.0, 2.0]),
        fs=100.0,
        source="a test",
    )
    return Beats(**(valid | changes))


def x_with(value):
    return torch.zeros(3, 1, 4).index_fill(0, torch.tensor(1), value)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (dict(x=x_with(torch.nan)), ValueError, r"1 of 3 beats hold NaN.*beat 1\b"),
        (dict(x=x_with(-torch.inf)), ValueError, r"1 of 3 beats hold NaN or infinity"),
        (dict(patient=np.array(["a"])), ValueError, r"patient has shape \(1,\) for 3"),
        (dict(x=torch.zeros(0, 1, 4), y=None, t=np.zeros(0)), ValueError, r"\(0, 1, 4\).*each"),
        (dict(x=torch.zeros(3, 1, 0)), ValueError, r"\(3, 1, 0\).*each axis of 1"),
        (dict(x=torch.zeros(3, 4)), ValueError, r"\(3, 4\): expected .*\(N, 1, L\)"),
        (dict(x=torch.zeros(3, 2, 4)), ValueError, r"\(3, 2, 4\).*\(N, 1, L\)"),
        (dict(x=torch.zeros(3, 1, 4).double()), TypeError, "x is torch.float64.*float32"),
        (dict(x=torch.zeros(3, 1, 4).long()), TypeError, "x is torch.int64: .*float tensor"),
        (dict(x=np.zeros((3, 1, 4), np.float32)), TypeError, "x is ndarray: .*float tensor"),
        (dict(y=torch.zeros(3)), TypeError, "y is torch.float32.*int64"),
        (dict(y=np.zeros(3, int)), TypeError, "y is int64.*torch.int64"),
        (dict(y=torch.tensor([0, 1])), ValueError, r"y has shape \(2,\) for 3 beats"),
        (dict(y=torch.tensor([[0], [1], [1]])), ValueError, r"y has shape \(3, 1\) for 3 beats"),
        (dict(y=torch.tensor([0, 1, 2])), ValueError, "from 0 to 2.*class_names"),
        (dict(y=torch.tensor([0, -1, 1])), ValueError, "from -1 to 1.*class_names"),
        (dict(t=np.array([0.0, 1.0])), ValueError, r"t has shape \(2,\) for 3 beats"),
        (dict(t=np.array([0.0, np.nan, 2.0])), TypeError, "finite R-peak time"),
        (dict(t=np.array([0, 360, 720])), TypeError, "t is int64.*R-peak times in s"),
        (dict(t=[0.0, 1.0, 2.0]), TypeError, "t is list.*np.array"),
        (dict(fs=0), ValueError, "fs=0: expected more than 0"),
        (dict(fs=float("inf")), ValueError, "fs=inf"),
        (dict(fs=float("nan")), ValueError, "fs=nan"),
    ],
)
def test_beats_say_what_is_wrong(changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)


@pytest.mark.parametrize(
    "index",
    [slice(1, None), [1, 2], np.array([1, 2]), torch.tensor([1, 2]),
     np.array([False, True, True]), torch.tensor([False, True, True]), [False, True, True]],
)  # fmt: skip
def test_every_way_to_choose_the_last_two_beats(index):
    whole, chosen = make(), make()[index]
    assert len(chosen) == 2 and chosen.class_names == ("a", "b")
    assert torch.equal(chosen.x, whole.x[1:]) and torch.equal(chosen.y, whole.y[1:])
    assert chosen.t.tolist() == [1.0, 2.0] and (chosen.fs, chosen.source) == (100.0, "a test")


def test_beats_without_labels():
    assert make(y=None)[:2].y is None
    assert repr(make(y=None)) == "Beats: x (3, 1, 4) mV at 100.0 Hz; no labels; a test"
    assert repr(make()) == "Beats: x (3, 1, 4) mV at 100.0 Hz; 1 a, 2 b; a test"


@pytest.mark.parametrize("index", [1, -1, np.int64(2)])
def test_one_beat_or_none_is_not_beats_and_the_message_shows_how(index):
    with pytest.raises(TypeError, match=rf"write beats\[\[{index}\]\]"):
        make()[index]
    assert len(make()[[index]]) == 1
    with pytest.raises(ValueError, match="none of 3 beats is left"):
        make()[:0]


def test_record_208_is_what_its_docstring_says(beats):
    assert beats.x.shape == (499, 1, 450) and beats.y.bincount().tolist() == [385, 114]
    assert beats.class_names == ("narrow QRS", "wide QRS")
    assert (np.diff(beats.t) >= 0.25).all() and beats.t[0] > 0 and beats.t[-1] < 300
    assert beats.x.abs().max() < 5  # mV, not microvolts or bits of the converter
    assert beats.ms[0] == -250 and np.allclose(np.diff(beats.ms), 1000 * 0.7 / 450)


def test_record_208_twice_and_without_a_network(beats, monkeypatch):
    monkeypatch.delattr(socket, "socket")
    again = record_208()
    assert torch.equal(again.x, beats.x) and torch.equal(again.y, beats.y)
    assert np.array_equal(again.t, beats.t)


def test_the_r_peak_is_at_0_ms(beats):
    near = np.abs(beats.ms) < 10
    peak, peak_near = (beats.ms[m][beats.x[:, 0, m].argmax(dim=1)] for m in (near | True, near))
    assert np.mean(np.abs(peak) < 10) > 0.98 and np.abs(peak_near).max() < 3


def width_at_half_height(x, ms):
    """How many ms around 0 a beat (L,) stays above half its value there."""
    zero = np.abs(ms).argmin()
    below = np.flatnonzero(np.r_[True, x <= x[zero] / 2, True]) - 1
    return (below[below > zero][0] - below[below < zero][-1] - 1) * (ms[1] - ms[0])


def test_the_classes_are_narrow_and_wide(beats):
    """By another measure: above half of the height, in the window, sample by sample."""
    widths = np.array([width_at_half_height(x, beats.ms) for x in beats.x[:, 0].numpy()])
    wide = beats.y.numpy() == 1
    assert np.median(widths[~wide]) < 45 and np.median(widths[wide]) > 70
    assert np.mean((widths > WIDE_QRS) == wide) > 0.95


def test_the_wide_beats_that_a_detector_misses_are_found(beats):
    ecg, fs = sleepecg.get_toy_ecg()
    detected = sleepecg.detect_heartbeats(ecg, fs) / fs
    missed = np.array([np.abs(detected - t).min() > 0.15 for t in beats.t])
    assert (beats.y.numpy()[missed] == 1).sum() >= 20
    long = np.diff(beats.t) > 2 * np.median(np.diff(beats.t))
    assert long.sum() <= 3  # where the electrode lost contact; no lone beat is missing elsewhere


RAW = 90, 162 + 10  # samples before and after R that a window is made of, the filter's reach with
GAP = 2 * 0.7  # s


@given(
    intervals=st.lists(st.floats(0.1, 3), min_size=1, max_size=60),
    test_fraction=st.floats(0.01, 0.99),
)
def test_split_keeps_time_apart(intervals, test_fraction):
    t = np.cumsum(intervals)
    n = len(t)
    x = torch.arange(n * 450.0).reshape(n, 1, 450)
    beats = Beats(x, None, (), t, 450 / 0.7, "random", unit="")
    begin = t[t >= t[-1] - test_fraction * (t[-1] - t[0])][0]
    if t[0] >= begin - GAP:
        with pytest.raises(ValueError, match="beats is left"):
            split(beats, test_fraction)
        return
    train, test = split(beats, test_fraction)
    assert np.array_equal(test.t, t[t >= begin])
    assert np.array_equal(train.t, t[t < begin - GAP])  # nothing is lost but the gap
    assert torch.equal(torch.cat([train.x, test.x]), beats.x[(t < begin - GAP) | (t >= begin)])
    last_of_train = np.round(train.t[-1] * FS) + RAW[1]
    assert last_of_train < np.round(test.t[0] * FS) - RAW[0] - 10


def test_split_of_the_record(beats):
    train, test = split(beats)
    assert len(train) + len(test) > 490 and 0.17 < len(test) / len(beats) < 0.23
    assert test.t[0] - train.t[-1] > GAP
    assert all(0 < part.y.float().mean() < 1 for part in (train, test))


def test_r_peaks_are_high_and_apart():
    ecg = np.zeros(1000)
    ecg[[100, 150, 400, 700]] = 1, 0.9, 0.4, 2  # 150 is too close, 400 too low
    assert r_peaks(ecg, FS).tolist() == [100, 700]


@pytest.mark.parametrize("sigma", [8, 15, 30, 45])
def test_qrs_width_of_a_gaussian(sigma):
    ms = 1000 * np.arange(-200, 200) / FS
    width = qrs_width(1.7 * np.exp(-0.5 * (ms / sigma) ** 2), np.array([200]), FS)
    assert width == pytest.approx(2 * np.sqrt(2 * np.log(2)) * sigma, rel=0.02)


@pytest.mark.parametrize(
    ("frequency", "fs", "signal_length"),
    [*[(f, FS, 450) for f in (2, 8, 20, 40)],
     *[(5, *rates) for rates in ((360, 252), (500, 350), (1000, 450), (100, 450))]],
)  # fmt: skip
def test_windows_of_a_sine_are_the_sine_between_the_samples(frequency, fs, signal_length):
    r = np.arange(fs, 9 * fs, 97)
    ecg = np.sin(2 * np.pi * frequency * np.arange(10 * fs) / fs)
    x, inside = windows(ecg, r, fs, signal_length)
    t = r[:, None] / fs - 0.25 + np.arange(signal_length) * 0.7 / signal_length
    assert x.shape == (len(r), signal_length) and inside.all()
    assert np.abs(x - np.sin(2 * np.pi * frequency * t)).max() < 0.003


def test_windows_over_the_edge_are_left_out():
    ecg = np.random.default_rng(0).standard_normal(2000)
    r = np.arange(500)
    x, inside = windows(ecg[:500], r, FS)
    assert len(x) == inside.sum() > 200
    assert not inside[:90].any() and not inside[500 - 161 :].any()
    behind, _ = windows(np.r_[ecg[1000:], ecg], r + 1000, FS)  # the same beats, far from an edge
    assert np.allclose(x, behind[inside], atol=1e-12)


@pytest.mark.parametrize(
    ("frequency", "low", "high"), [(0.05, 0, 0.01), (10, 0.99, 1.01), (60, 0, 0.15), (100, 0, 0.01)]
)
def test_bandpass_keeps_the_heart_drops_the_rest_and_shifts_nothing(frequency, low, high):
    wave = bandpass(np.sin(2 * np.pi * frequency * np.arange(60 * FS) / FS), FS)
    assert low <= np.abs(wave[20 * FS : 40 * FS]).max() <= high
    pulse = bandpass(np.exp(-0.5 * ((np.arange(4001) - 2000) / 5) ** 2), FS)
    assert pulse.argmax() == 2000 and np.allclose(pulse, pulse[::-1], atol=1e-6)


def sum_of_gaussians(f, i, ms):
    """Beat i of `synthetic`, written out from its docstring's words in float64."""

    def bell(amplitude, middle, sigma):
        return amplitude * np.exp(-((ms - middle) ** 2) / (2 * sigma**2))

    r, s = f.r_amplitude[i], f.qrs_sigma[i]
    q_s = bell(-0.1 * r, -2.3 * s, 0.8 * s) + bell(-0.2 * r, 2.3 * s, 0.8 * s)
    p_t = bell(f.p_amplitude[i], -160, 20) + bell(f.t_amplitude[i], f.t_time[i], 40)
    return bell(r, 0, s) + q_s + p_t


def test_synthetic_is_its_factors_and_its_noise():
    clean, factors = synthetic(60, seed=3, noise=0)
    exact = np.array([sum_of_gaussians(factors, i, clean.ms) for i in range(60)])
    assert np.abs(clean.x[:, 0].numpy() - exact).max() < 1e-5
    noisy, same = synthetic(60, seed=3, noise=0.1)
    assert np.array_equal(same.r_amplitude, factors.r_amplitude)
    assert (noisy.x - clean.x).std().item() == pytest.approx(0.1, rel=0.02)
    assert abs((noisy.x - clean.x).mean().item()) < 0.003


def test_synthetic_factors():
    beats, factors = synthetic(2000, seed=1)
    assert {len(getattr(factors, name)) for name in Factors.__dataclass_fields__} == {2000}
    wide = factors.wide
    assert np.array_equal(beats.y.numpy() == 1, wide) and abs(wide.mean() - 0.25) < 0.03
    assert (factors.p_amplitude[wide] == 0).all() and (factors.p_amplitude[~wide] > 0).all()
    assert (factors.t_amplitude[wide] < 0).all() and (factors.t_amplitude[~wide] > 0).all()
    width = 2 * np.sqrt(2 * np.log(2)) * factors.qrs_sigma  # ms at half height
    assert np.array_equal(width > WIDE_QRS, wide) and width[wide].min() > width[~wide].max() + 10


def test_synthetic_repeats_with_its_seed():
    (a, _), (b, _), (c, _) = (synthetic(20, seed=seed) for seed in (7, 7, 8))
    assert torch.equal(a.x, b.x) and torch.equal(a.y, b.y) and not torch.equal(a.x, c.x)


@pytest.mark.parametrize("wide_fraction", [0, 1])
def test_synthetic_of_one_class(wide_fraction):
    beats, _ = synthetic(30, wide_fraction=wide_fraction, signal_length=100)
    assert beats.x.shape == (30, 1, 100) and (beats.y == wide_fraction).all()


def test_synthetic_refuses_more_wide_beats_than_all():
    with pytest.raises(ValueError, match=r"wide_fraction=1\.1: expected "):
        synthetic(5, wide_fraction=1.1)


# several patients


def test_joined_beats_are_those_of_the_parts():
    a, b = make(source="Ann"), make(source="Bo", x=-torch.arange(12.0).reshape(3, 1, 4))
    both = join([a, b])
    assert torch.equal(both.x, torch.cat([a.x, b.x])) and both.y.tolist() == [0, 1, 1] * 2
    assert both.patient.tolist() == ["Ann"] * 3 + ["Bo"] * 3 and both.source == "Ann, Bo"
    assert join([both, make(source="Cy")])[[0, 3, 6]].patient.tolist() == ["Ann", "Bo", "Cy"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(fs=99.0), "fs differs, 100.0 and 99.0"),
        (dict(unit=""), "unit differs"),
        (dict(class_names=("b", "a")), "class_names differs"),
        (dict(x=torch.zeros(3, 1, 5)), "length differs, 4 and 5"),
        (dict(y=None), "labels differs"),
    ],
)
def test_unlike_beats_are_not_joined(changes, message):
    with pytest.raises(ValueError, match=message):
        join([make(), make(**changes)])
    with pytest.raises(ValueError, match="no beats to join"):
        join([])


@given(n=st.integers(2, 9), test_fraction=st.floats(0.01, 0.99))
def test_no_patient_is_on_both_sides(n, test_fraction):
    everyone = join([make(source=f"patient {i}") for i in range(n)])
    train, test = split(everyone, test_fraction, by="patient")
    assert set(train.patient) | set(test.patient) == set(everyone.patient)
    assert not set(train.patient) & set(test.patient) and len(train) + len(test) == 3 * n
    assert abs(len(set(test.patient)) - test_fraction * n) <= 1


@pytest.mark.parametrize(
    ("beats", "by", "message"),
    [
        (make(), "patient", "known: 0"),
        (make(patient=np.array(["a"] * 3)), "patient", "known: 1"),
        (make(), "beat", "by='beat'"),
    ],
)
def test_a_split_that_cannot_be(beats, by, message):
    with pytest.raises(ValueError, match=message):
        split(beats, by=by)
