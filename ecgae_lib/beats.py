"""Heartbeats: a real patient's record, and an honest split."""

from dataclasses import dataclass, replace
from math import ceil, gcd

import numpy as np
import sleepecg
import torch
from scipy import signal

from ecgae_lib.expects import RATE, array, one_of, real, takes, whole
from ecgae_lib.voltages import (
    check_band,
    check_inside,
    check_labels,
    check_millivolts,
    check_signals,
)

__all__ = [  # `from ecgae_lib.beats import *` brings none of scipy, of which one part is `signal`
    "AFTER", "BEFORE", "CLASS_NAMES", "SIGNAL_LENGTH", "Beats", "bandpass", "join", "qrs_width",
    "r_peaks", "record_208", "split", "split_by_patient", "split_by_time", "windows",
]  # fmt: skip
BEFORE, AFTER = 0.25, 0.45  # s before and after the R peak that one window shows
SIGNAL_LENGTH = 450  # samples in one window, as in the lecture
CLASS_NAMES = ("narrow QRS", "wide QRS")
WIDE_QRS = 57.5  # ms at half height: between the two groups, where few beats lie


@dataclass(frozen=True, eq=False, repr=False)
class Beats:
    """Heartbeats of equal length, with what is known about them.

    x: float32 (N, 1, L), voltage in `unit`.
    y: int64 (N,), index into `class_names`, or None.
    t: float64 (N,), time of each beat's `origin` in s.
    fs: effective sampling rate in Hz.
    source: where the beats come from.
    patient: str (N,), whose heart each beat is of, or None.
    unit: of x, such as "mV", or "" for signals without one.
    origin: what lies at t = 0 of each window, `before` s after its first sample.
    Raises TypeError or ValueError where these do not fit together.
    """

    x: torch.Tensor
    y: torch.Tensor | None
    class_names: tuple[str, ...]
    t: np.ndarray
    fs: float
    source: str
    patient: np.ndarray | None = None
    unit: str = "mV"
    origin: str = "R peak"
    before: float = BEFORE

    def __post_init__(self):
        check_signals(self.x)
        if self.x.dtype != torch.float32:
            raise TypeError(f"x is {self.x.dtype}: give x.float(), that is torch.float32")
        for name in ("y", "t", "patient"):
            part = getattr(self, name)
            shape, n = tuple(np.shape(part)), len(self.x)
            if part is not None and shape != (n,):
                raise ValueError(f"{name} has shape {shape} for {n} beats: give one per beat")
        check_labels(self.y, self.class_names)
        if self.unit == "mV":
            check_millivolts("x", self.x[:: 1 + len(self.x) // 1000].numpy())
        if getattr(self.t, "dtype", None) != np.float64 or not np.isfinite(self.t).all():
            kind = getattr(self.t, "dtype", type(self.t).__name__)
            raise TypeError(f"t is {kind}: give np.array(t, dtype=float), finite R-peak times in s")
        real(above=0)("fs", self.fs)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        """The beats at `index` (a slice, a boolean mask or a list of positions), as Beats."""
        chosen = np.arange(len(self))[index].copy()  # torch takes no negative strides
        if np.ndim(chosen) == 0:
            raise TypeError(
                f"beats[{index}] is one beat: write beats[[{index}]] or beats.x[{index}]"
            )
        parts = {name: getattr(self, name) for name in ("x", "y", "t", "patient")}
        parts = {name: part if part is None else part[chosen] for name, part in parts.items()}
        return replace(self, **parts)

    @property
    def ms(self):
        """Time of each sample after the `origin`, (L,) in ms."""
        return beat_times(self.x.shape[-1], self.fs, self.before)

    def __repr__(self):
        names = "no labels"
        if self.y is not None:
            counts = np.bincount(self.y, minlength=len(self.class_names))
            names = ", ".join(f"{n} {c}" for n, c in zip(counts, self.class_names, strict=True))
        x = f"x {tuple(self.x.shape)} {self.unit}".rstrip()
        return f"Beats: {x} at {self.fs:.1f} Hz; {names}; {self.source}"


def only_beats(name, value):
    """Raise TypeError unless it is a Beats; for `takes`."""
    if not isinstance(value, Beats):
        raise TypeError(
            f"{name} is a {type(value).__name__}: expected Beats (`synthetic` returns two things, "
            "the Beats first)"
        )
    return value


@takes(ecg=array("...", "T", shortest=16), fs=RATE, low=real(0.001), high=real(0.001))
def bandpass(ecg, fs, low=0.5, high=40.0):
    """Keep what lies between `low` and `high` Hz: no drift, less muscle and mains noise.

    ecg: (..., T) in mV.  Returns the same in mV.  Butterworth of order 2, run forwards and
    backwards so that no wave is shifted in time (scipy.signal.sosfiltfilt).
    Raises TypeError or ValueError for fewer than 16 samples and for a band that `fs` cannot hold.
    """
    check_band(fs, low, high)
    sos = signal.butter(2, [low, high], btype="bandpass", fs=fs, output="sos")
    return signal.sosfiltfilt(sos, ecg)


@takes(ecg=array("T"), fs=RATE, height=real(), distance=real(0.02))  # s: a sample or more
def r_peaks(ecg, fs, height=0.5, distance=0.25):
    """Local maxima above `height` mV; of two nearer than `distance` s the higher.

    Made for record 208: other patients have lower, inverted or wider beats, and
    `loaders.from_signal` finds those.
    ecg: (T,) band-passed, in mV.  Returns the positions of the peaks, in samples.
    Raises ValueError for an ecg that cannot be in mV.
    """
    check_millivolts("ecg", ecg)
    peaks, _ = signal.find_peaks(ecg, height=height, distance=round(distance * fs))
    return peaks


@takes(ecg=array("T"), r=array("N", integers=True), fs=RATE)
def qrs_width(ecg, r, fs):
    """How long each R wave stays above half of its height over its foot, in ms.

    ecg: (T,) band-passed, in mV.  r: (N,) R peaks in samples.  Foot: scipy.signal.peak_prominences.
    Raises ValueError for peaks that are not in the ecg.
    """
    check_inside(r, len(ecg))
    widths, *_ = signal.peak_widths(ecg, r, rel_height=0.5)
    return 1000 * widths / fs


@takes(ecg=array("T"), r=array("N", integers=True), fs=RATE, signal_length=whole(1, 100_000))
def windows(ecg, r, fs, signal_length=SIGNAL_LENGTH):
    """Cut one window around each R peak and resample it to `signal_length` samples.

    ecg: (T,) in mV.  r: (N,) R peaks in samples.  Returns the windows (M, signal_length) in mV
    and which of the N peaks they belong to, (N,) bool: a window over the record's edge is left out.
    """
    before, length = round(BEFORE * fs), round((BEFORE + AFTER) * fs)
    common = gcd(signal_length, length)
    up, down = signal_length // common, length // common
    margin = down * ceil(10 * max(1, down / up) / down)  # what the resampling filter looks at
    start = r - before - margin
    inside = (start >= 0) & (start + length + 2 * margin <= len(ecg))
    cut = ecg[start[inside, None] + np.arange(length + 2 * margin)]
    x = signal.resample_poly(cut, up, down, axis=1)
    extra = margin * up // down
    return x[:, extra : extra + signal_length], inside


def record_208():
    """Five minutes of a real ECG: record 208 of the MIT-BIH Arrhythmia Database, lead MLII.

    Returns Beats, x (499, 1, 450) in mV, 0.7 s around each R peak; two classes by QRS width.
    The record (360 Hz) comes with the package sleepecg, so nothing is downloaded.
    Source: Moody & Mark 2001, doi:10.1109/51.932724; Goldberger et al. 2000,
    doi:10.1161/01.CIR.101.23.e215.
    """
    ecg, fs = sleepecg.get_toy_ecg()
    ecg = bandpass(ecg, fs)
    r = r_peaks(ecg, fs)
    x, inside = windows(ecg, r, fs)
    y = qrs_width(ecg, r, fs)[inside] > WIDE_QRS
    return Beats(
        x=torch.tensor(x[:, None], dtype=torch.float32),
        y=torch.tensor(y, dtype=torch.int64),
        class_names=CLASS_NAMES,
        t=r[inside] / fs,
        fs=SIGNAL_LENGTH / (BEFORE + AFTER),
        source="MIT-BIH record 208, lead MLII, 5 minutes",
    )


@takes(beats=only_beats, test_fraction=real(above=0))
def split_by_time(beats, test_fraction=0.2):
    """Train on the first part of the time, test on the last `test_fraction` of it.

    Between the two lies a gap of one window, so that no raw sample is in both parts, not even
    through the filter that resamples.  (Only the band-pass, run over the whole record before,
    mixes a trace.)  Returns train, test (Beats); beats in the gap are left out.
    Raises ValueError if a part would be empty.
    """
    check_split(beats, test_fraction)
    window = beats.x.shape[-1] / beats.fs  # s
    first, last = beats.t.min(), beats.t.max()
    in_test = beats.t >= last - test_fraction * (last - first)
    in_train = beats.t < beats.t[in_test].min() - 2 * window
    return beats[in_train], beats[in_test]


@takes(beats=only_beats, test_fraction=real(above=0), seed=whole(0))
def split_by_patient(beats, test_fraction=0.2, seed=0):
    """Train on some patients, test on others: `test_fraction` of them, at least one, by lot.

    Returns train, test (Beats).  Raises ValueError unless beats know two patients or more.
    """
    check_patients(beats, test_fraction)
    patients = np.unique(beats.patient)
    n_test = min(max(1, round(test_fraction * len(patients))), len(patients) - 1)
    chosen = np.random.default_rng(seed).choice(patients, n_test, replace=False)
    in_test = np.isin(beats.patient, chosen)
    return beats[~in_test], beats[in_test]


@takes(by=one_of("time", "patient"))
def split(beats, test_fraction=0.2, by="time"):
    """`split_by_time` or, with by="patient", `split_by_patient`.  Returns train, test (Beats)."""
    return {"time": split_by_time, "patient": split_by_patient}[by](beats, test_fraction)


def join(parts):
    """All beats of several Beats as one.  Raises ValueError for none, or where they are not alike.

    Beats that know no patient take their `source` as one.
    """
    parts = list(parts) if hasattr(parts, "__iter__") else [parts]
    check_alike(parts)
    first = parts[0]
    patients = [np.full(len(p), p.source) if p.patient is None else p.patient for p in parts]
    return replace(
        first,
        x=torch.cat([p.x for p in parts]),
        y=None if first.y is None else torch.cat([p.y for p in parts]),
        t=np.concatenate([p.t for p in parts]),
        patient=np.concatenate(patients),
        source=", ".join(dict.fromkeys(p.source for p in parts)),
    )


def check_split(beats, test_fraction):
    """Raise ValueError if one of the parts would be empty."""
    window, t = beats.x.shape[-1] / beats.fs, beats.t
    in_test = t >= t.max() - test_fraction * np.ptp(t)
    if not 0 < test_fraction < 1 or t.min() >= t[in_test].min() - 2 * window:
        raise ValueError(
            f"test_fraction={test_fraction} leaves no beats to train or none to test on: give a "
            "fraction between 0 and 1, and beats that span more than a few seconds"
        )


def check_patients(beats, test_fraction):
    """Raise ValueError unless there are patients on both sides."""
    known = 0 if beats.patient is None else len(np.unique(beats.patient))
    if known < 2 or not 0 < test_fraction < 1:
        raise ValueError(
            f"patients known: {known}, test_fraction={test_fraction}: give beats of two patients "
            "or more (loaders.from_wfdb, beats.join) and a fraction between 0 and 1"
        )


def check_alike(parts):
    """Raise ValueError unless the Beats have the same length, rate, unit, origin and classes."""
    if not parts:
        raise ValueError("no beats to join: give at least one Beats")
    for part in parts:
        only_beats("a part", part)
    for name in ("fs", "unit", "origin", "before", "class_names"):
        values = list(dict.fromkeys(getattr(part, name) for part in parts))
        if len(values) > 1:
            raise ValueError(f"{name} differs, {values[0]} and {values[1]}: join beats that agree")
    shapes = {(part.x.shape[1:], part.y is None) for part in parts}
    if len(shapes) > 1:
        raise ValueError("the beats differ in length, or only some have labels")


@takes(signal_length=whole(1), fs=real(above=0), before=real())
def beat_times(signal_length, fs, before=BEFORE):
    """Time of each sample after the R peak, in ms.  Returns (signal_length,)."""
    return 1000 * (np.arange(signal_length) / fs - before)
