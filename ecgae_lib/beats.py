"""Heartbeats: a real patient's record, and an honest split."""

from dataclasses import dataclass, replace
from math import ceil, gcd

import numpy as np
import scipy.signal
import sleepecg
import torch

from ecgae_lib.expects import RATE, array, instance, real, takes, tensor, whole

BEFORE, AFTER = 0.25, 0.45  # s before and after the R peak that one window shows
SIGNAL_LENGTH = 450  # samples in one window, as in the lecture
CLASS_NAMES = ("narrow QRS", "wide QRS")
WIDE_QRS = 57.5  # ms at half height: between the two groups, where few beats lie


@dataclass(frozen=True, eq=False)
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
        tensor("N", "1", "L")("x", self.x)
        if self.x.dtype != torch.float32 or self.x.device.type != "cpu":
            where = f"{self.x.dtype} on {self.x.device}"
            raise TypeError(f"x is {where}: expected float32 on the CPU, x.float().cpu()")
        finite_signals("x", self.x)
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
        real()("before", self.before)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        """The beats at `index` (a slice, a boolean mask or a list of positions), as Beats."""
        chosen = np.arange(len(self))[index].copy()  # torch takes no negative strides
        if np.ndim(chosen) == 0:
            raise TypeError(f"beats[{index}] is one beat, expected several: write beats[[{index}]]")
        if not len(chosen):
            raise ValueError(f"none of {len(self)} beats is left: choose some, or split more beats")
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


def finite_signals(name, x, *_):
    """Raise TypeError or ValueError unless it is a float tensor (N, 1, L), finite, not empty."""
    tensor("N", "1", "L")(name, x)
    bad = torch.cat([~p.isfinite().all((1, 2)) for p in x.split(10_000)]).nonzero()  # little memory
    if len(bad):
        raise ValueError(
            f"{len(bad)} of {len(x)} beats hold NaN or infinity (the first: beat {int(bad[0])}): "
            "leave these beats out or repair them"
        )
    return x


def check_millivolts(name, x):
    """Raise ValueError for voltages in mV that no heart has: more than 1 in 100 beyond 20."""
    high = np.quantile(np.abs(x), 0.99)
    if high > 20:
        raise ValueError(
            f"{name} reaches {high:.3g} mV, a heart no more than 20: for microvolts "
            "give x / 1000, for a converter's steps (steps - zero) / gain, or Beats another unit"
        )


def check_labels(y, class_names):
    """Raise TypeError or ValueError unless y (N,) holds int64 indices into names, or is None."""
    series = class_names if isinstance(class_names, tuple | list) else [None]
    if not all(isinstance(name, str) for name in series):
        raise TypeError(f"class_names is {class_names!r}: give a tuple of names, a text each")
    if y is None:
        return
    dtype = getattr(y, "dtype", type(y).__name__)
    if dtype != torch.int64:
        raise TypeError(f"y is {dtype}: give a torch.int64 tensor of class indices, or None")
    if y.min() < 0 or y.max() >= len(class_names):
        span = f"{int(y.min())} to {int(y.max())}"
        raise ValueError(f"y runs from {span}: expected indices of {class_names=}")


only_beats = instance(Beats, "Beats, as synthetic(60)[0]")


@takes(ecg=array("...", "T", shortest=16), fs=RATE, low=real(), high=real())
def bandpass(ecg, fs, low=0.5, high=40.0):
    """Keep what lies between `low` and `high` Hz: no drift, less muscle and mains noise.

    ecg: (..., T) in mV.  Returns the same in mV.  Butterworth of order 2, run forwards and
    backwards so that no wave is shifted in time (scipy.signal.sosfiltfilt).
    """
    sos = scipy.signal.butter(2, [low, high], btype="bandpass", fs=fs, output="sos")
    return scipy.signal.sosfiltfilt(sos, ecg)


@takes(ecg=array("T"), fs=RATE, height=real(), distance=real(above=0))
def r_peaks(ecg, fs, height=0.5, distance=0.25):
    """Local maxima above `height` mV; of two nearer than `distance` s the higher.

    Made for record 208: other patients have lower, inverted or wider beats, and
    `loaders.from_signal` finds those.
    ecg: (T,) band-passed, in mV.  Returns the positions of the peaks, in samples.
    Raises ValueError for an ecg that cannot be in mV.
    """
    check_millivolts("ecg", ecg)
    peaks, _ = scipy.signal.find_peaks(ecg, height, distance=round(distance * fs))
    return peaks


@takes(ecg=array("T"), r=array("N", integers=True), fs=RATE)
def qrs_width(ecg, r, fs):
    """How long each R wave stays above half of its height over its foot, in ms.

    ecg: (T,) band-passed, in mV.  r: (N,) R peaks in samples.  Foot: scipy.signal.peak_prominences.
    """
    widths, *_ = scipy.signal.peak_widths(ecg, r, rel_height=0.5)
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
    x = scipy.signal.resample_poly(cut, up, down, axis=1)
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


@takes(beats=only_beats, test_fraction=real(0.001, 0.999))
def split_by_time(beats, test_fraction=0.2):
    """Train on the first part of the time, test on the last `test_fraction` of it.

    Between the two lies a gap of one window, so that no raw sample is in both parts, not even
    through the filter that resamples.  (Only the band-pass, run over the whole record before,
    mixes a trace.)  Returns train, test (Beats); beats in the gap are left out.
    Raises ValueError if a part would be empty.
    """
    window = beats.x.shape[-1] / beats.fs  # s
    first, last = beats.t.min(), beats.t.max()
    in_test = beats.t >= last - test_fraction * (last - first)
    in_train = beats.t < beats.t[in_test].min() - 2 * window
    return beats[in_train], beats[in_test]


@takes(beats=only_beats, test_fraction=real(0.001, 0.999), seed=whole(0))
def split_by_patient(beats, test_fraction=0.2, seed=0):
    """Train on some patients, test on others: `test_fraction` of them, at least one, by lot.

    Returns train, test (Beats).  Raises ValueError unless beats know two patients or more.
    """
    patients = np.unique([] if beats.patient is None else beats.patient)
    if len(patients) < 2:
        raise ValueError(
            f"patients known: {len(patients)}, expected two or more: give a list of records to "
            "loaders.from_wfdb, or join the Beats of several patients"
        )
    n_test = min(max(1, round(test_fraction * len(patients))), len(patients) - 1)
    chosen = np.random.default_rng(seed).choice(patients, n_test, replace=False)
    in_test = np.isin(beats.patient, chosen)
    return beats[~in_test], beats[in_test]


def split(beats, test_fraction=0.2, by="time"):
    """`split_by_time` or, with by="patient", `split_by_patient`.  Returns train, test (Beats)."""
    ways = {"time": split_by_time, "patient": split_by_patient}
    if by not in ways:
        raise ValueError(f"{by=}: expected one of {', '.join(ways)}")
    return ways[by](beats, test_fraction)


@takes(parts=instance((list, tuple), "a list of Beats"))
def join(parts):
    """All beats of several Beats as one.  Raises ValueError for none, or where they are not alike.

    Beats that know no patient take their `source` as one.
    """
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


def check_alike(parts):
    """Raise ValueError unless the Beats have the same length, rate, unit, origin and classes."""
    if not parts:
        raise ValueError("no beats to join: give at least one Beats")
    for part in parts:
        only_beats("a part", part)
    forms = [vars(p) | dict(length=p.x.shape[-1], labels=p.y is not None) for p in parts]
    for name in ("fs", "unit", "origin", "before", "class_names", "length", "labels"):
        values = list(dict.fromkeys(form[name] for form in forms))
        if len(values) > 1:
            raise ValueError(f"{name} differs, {values[0]} and {values[1]}: join beats that agree")


@takes(signal_length=whole(1), fs=real(above=0), before=real())
def beat_times(signal_length, fs, before=BEFORE):
    """Time of each sample after the R peak, in ms.  Returns (signal_length,)."""
    return 1000 * (np.arange(signal_length) / fs - before)
