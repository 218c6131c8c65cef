"""From a long signal to Beats, block by block, so that a day of ECG fits into little memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ecgae_lib.beats import AFTER, BEFORE, SIGNAL_LENGTH, Beats, bandpass, windows
from ecgae_lib.loaders.detector import CELL, detect, snap_to_peak
from ecgae_lib.loaders.validation import (
    check_heights,
    check_positions,
    check_signal,
    check_voltages,
)

BLOCK = 300  # cells of the detector, ten minutes, that are read at once
MARGIN = 20  # cells read on each side of a block, in which filter and detector settle
TO_MILLIVOLTS = {"mV": 1.0, "uV": 1e-3, "\u00b5V": 1e-3, "\u03bcV": 1e-3, "V": 1e3, "": 1.0}


def from_signal(
    ecg, fs, r=None, y=None, *, class_names=None, patient=None, source="own signal",
    unit="mV", signal_length=SIGNAL_LENGTH,
):  # fmt: skip
    """Beats of one lead: band-passed 0.5-40 Hz, cut 0.25 s before to 0.45 s after each R peak.

    ecg: (T,) voltages in `unit`: "mV"; "uV" or "V", which become mV; "" for none.
    fs: sampling rate in Hz, 50 to 10,000.
    r: (N,) int, positions of the R peaks in samples, each moved to the peak within 60 ms;
    None: a detector finds them.
    y: (N,) class of each position, an index into class_names or a name; None: no classes.
    class_names: None takes the names that occur in y, sorted.
    patient: whose heart it is, one name for all beats.
    Returns Beats, x (M, 1, signal_length), t in s after the first sample.  A window over an
    edge of the signal is left out.  Where a QRS mostly points down, R is its lowest point.
    Raises TypeError or ValueError where these do not fit together, where ecg holds NaN, where
    its peaks are no voltages of a heart in that unit, and where there is no beat.
    """
    ecg = check_signal(ecg)
    recording = Recording(lambda start, stop: ecg[start:stop], len(ecg), fs, unit)
    return beats_of(
        recording, r, y, class_names, patient=patient, source=source, signal_length=signal_length
    )


@dataclass(frozen=True)
class Recording:
    """One lead that can be read in pieces: read(start, stop) gives (stop - start,) in `unit`.

    length: in samples.  fs: in Hz.  first: which sample of a longer record this one begins with.
    """

    read: Callable
    length: int
    fs: float
    unit: str
    first: int = 0

    def blocks(self):
        """Block after block, in mV, band-passed.  Raises ValueError for NaN, saying where."""
        cell = round(CELL * self.fs)
        for start in range(0, self.length, BLOCK * cell):
            stop = min(start + BLOCK * cell, self.length)
            first, last = max(start - MARGIN * cell, 0), min(stop + MARGIN * cell, self.length)
            ecg = np.asarray(self.read(first, last), dtype=float)
            check_voltages(ecg, self.first + first, self.fs)
            ecg = bandpass(ecg * TO_MILLIVOLTS[self.unit], self.fs, high=min(40, 0.4 * self.fs))
            yield Block(ecg, first, start, stop)


@dataclass(frozen=True)
class Block:
    """Samples `start` to `stop` of a recording, with a margin on each side.

    ecg: (M,) band-passed, in mV; its first sample is sample `first` of the recording.
    """

    ecg: np.ndarray
    first: int
    start: int
    stop: int

    def holds(self, r):
        """Which of the positions lie in this block, and in no other, (N,) bool."""
        return (r >= self.start) & (r < self.stop)


def beats_of(recording, r, y, class_names, *, patient, source, signal_length):
    """Find the peaks or take those given, move each to its exact place, cut the windows."""
    check_positions(recording, r, y, class_names, TO_MILLIVOLTS, signal_length)
    fs = recording.fs
    y, class_names = indices(y, class_names)
    found = find(recording) if r is None else np.asarray(r)
    r, height = snap(recording, found, np.zeros(len(found), int) if y is None else y)
    check_heights(recording, height)
    order = np.unique(r, return_index=True)[1] if y is None else np.argsort(r, kind="stable")
    x, kept = cut(recording, r[order], signal_length)
    kept = order[kept]
    return Beats(
        x=torch.from_numpy(x),
        y=None if y is None else torch.from_numpy(y[kept]),
        class_names=class_names,
        t=(recording.first + r[kept]) / fs,
        fs=signal_length / (round((BEFORE + AFTER) * fs) / fs),
        source=source,
        patient=None if patient is None else np.full(len(x), str(patient)),
        unit="mV" if recording.unit else "",
        before=round(BEFORE * fs) / fs,
    )


def indices(y, class_names):
    """Classes as indices into class_names.  Returns int64 (N,), or None, and the names."""
    if y is None:
        return None, ()
    y = np.asarray(y)
    if y.dtype.kind != "U":
        return y.astype(np.int64), tuple(class_names)
    names = tuple(class_names or np.unique(y).tolist())
    return np.array([names.index(name) for name in y], dtype=np.int64), names


def find(recording):
    """The detector's positions, block by block, (N,)."""
    found = [np.zeros(0, dtype=int)]
    for block in recording.blocks():
        r = block.first + detect(block.ecg, recording.fs)
        found.append(r[block.holds(r)])
    return np.concatenate(found)


def snap(recording, r, y):
    """Each position moved to the peak near it, (N,), and how high that is, (N,) in mV.

    A class whose beats mostly swing further down than up is aligned at its lowest points, any
    other at its highest: one class has one sign, so that its beats lie on each other.
    """
    peaks, heights = np.empty((2, len(r)), dtype=int), np.empty((2, len(r)))
    for block in recording.blocks():
        mine = block.holds(r)
        for way, sign in enumerate((1, -1)):
            near, height = snap_to_peak(sign * block.ecg, r[mine] - block.first, recording.fs)
            peaks[way, mine], heights[way, mine] = block.first + near, height
    way = np.zeros(len(r), dtype=int)
    for label in np.unique(y):
        up, down = np.median(heights[:, y == label], axis=1)
        way[y == label] = down > up
    beat = np.arange(len(r))
    return peaks[way, beat], heights[way, beat]


def cut(recording, r, signal_length):
    """Windows of the sorted positions, float32 (M, 1, signal_length), and which have one, (N,).

    Raises ValueError if none has.
    """
    x = np.empty((len(r), 1, signal_length), dtype=np.float32)
    kept = np.zeros(len(r), dtype=bool)
    for block in recording.blocks():
        mine = np.flatnonzero(block.holds(r))
        if len(mine):
            cuts, inside = windows(block.ecg, r[mine] - block.first, recording.fs, signal_length)
            x[mine[inside], 0], kept[mine[inside]] = cuts, True
    if not kept.any():
        raise ValueError(
            f"beats: {len(r)}, all so near to an edge that the window from {BEFORE} s before to "
            f"{AFTER} s after the R peak does not fit in: give a longer signal"
        )
    inside = np.flatnonzero(kept)  # without a gap, for only the first and the last can lie outside
    return x[inside[0] : inside[-1] + 1], kept
