"""From a long signal to Beats, block by block, so that a day of ECG fits into little memory."""

from dataclasses import dataclass

import numpy as np
import torch

from ecgae_lib.beats import AFTER, BEFORE, SIGNAL_LENGTH, Beats, bandpass, windows
from ecgae_lib.loaders.detector import detect, extremes

BLOCK = 2**18  # samples that are read at once: twelve minutes at 360 Hz
MARGIN = 30  # s read on each side of a block, in which filter and detector settle
TO_MILLIVOLTS = {"mV": 1.0, "uV": 1e-3, "µV": 1e-3, "V": 1e3}


def from_signal(
    ecg, fs, r=None, y=None, *, class_names=None, patient=None, source="own signal",
    unit="mV", signal_length=SIGNAL_LENGTH,
):  # fmt: skip
    """Beats of one lead: band-passed 0.5-40 Hz, cut 0.25 s before to 0.45 s after each R peak.

    ecg: (T,) voltages in `unit`: "mV", or "uV" and "V", which become mV.
    fs: sampling rate in Hz.
    r: (N,) positions in samples, each moved to the peak near it; None: a detector finds them.
    y: (N,) class of each position, an index into class_names or a name; None: no classes.
    class_names: None takes the names that occur in y, sorted.
    patient: whose heart it is, one name for all beats.
    Returns Beats, x (M, 1, signal_length) in mV, t in s after the first sample.  A window over
    an edge of the signal is left out.
    """
    ecg = np.asarray(ecg)
    recording = Recording(lambda start, stop: ecg[start:stop], len(ecg), fs, unit)
    return beats_of(
        recording, r, y, class_names, patient=patient, source=source, signal_length=signal_length
    )


@dataclass(frozen=True)
class Recording:
    """One lead that can be read in pieces: read(start, stop) gives samples in `unit`."""

    read: callable
    length: int  # samples
    fs: float  # Hz
    unit: str
    start: int = 0  # first sample, where only a part of a record is read

    def blocks(self):
        """Piece after piece, in mV, band-passed."""
        margin = round(MARGIN * self.fs)
        for start in range(0, self.length, BLOCK):
            stop = min(start + BLOCK, self.length)
            first, last = max(start - margin, 0), min(stop + margin, self.length)
            piece = np.asarray(self.read(first, last), dtype=float) * TO_MILLIVOLTS[self.unit]
            yield Block(bandpass(piece, self.fs), first, start, stop)


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
        """Which of the positions lie in this block and no other."""
        return (r >= self.start) & (r < self.stop)


def beats_of(recording, r, y, class_names, *, patient, source, signal_length):
    """Find or take the peaks, move each to its exact place, cut the windows."""
    fs = recording.fs
    if r is None:
        r = find(recording)
    r = np.asarray(r)
    y, class_names = indices(y, class_names)
    r = snap(recording, r, np.zeros(len(r), dtype=int) if y is None else y)
    x, kept = cut(recording, r, signal_length)
    return Beats(
        x=torch.from_numpy(x),
        y=None if y is None else torch.from_numpy(y[kept]),
        class_names=class_names,
        t=(recording.start + r[kept]) / fs,
        fs=signal_length / (round((BEFORE + AFTER) * fs) / fs),
        source=source,
        patient=None if patient is None else np.full(len(x), patient),
        before=round(BEFORE * fs) / fs,
    )


def indices(y, class_names):
    """Classes as indices into class_names.  Returns int64 (N,) or None, and the names."""
    if y is None:
        return None, ()
    y = np.asarray(y)
    if y.dtype.kind in "US":
        names = class_names or tuple(np.unique(y))
        y = np.array([names.index(name) for name in y])
    else:
        names = class_names
    return y.astype(np.int64), tuple(names)


def find(recording):
    """The detector's peaks, block by block."""
    found = []
    for block in recording.blocks():
        r = block.first + detect(block.ecg, recording.fs)
        found.append(r[block.holds(r)])
    return np.unique(np.concatenate(found))


def snap(recording, r, y):
    """Move each position to the peak near it: up in one class, down in another, never both.

    A class whose beats swing further down than up is aligned at its lowest points.
    """
    where, swing = np.empty((2, len(r)), dtype=int), np.empty((2, len(r)))
    for block in recording.blocks():
        mine = block.holds(r)
        near, swing[:, mine] = extremes(block.ecg, r[mine] - block.first, recording.fs)
        where[:, mine] = block.first + near
    snapped = np.empty_like(r)
    for label in np.unique(y):
        of_class = y == label
        down = int(np.subtract(*np.median(swing[:, of_class], axis=1)) < 0)
        snapped[of_class] = where[down, of_class]
    return snapped


def cut(recording, r, signal_length):
    """Windows x, float32 (M, 1, signal_length), and which of the N positions have one, (N,)."""
    x = np.empty((len(r), 1, signal_length), dtype=np.float32)
    kept = np.zeros(len(r), dtype=bool)
    for block in recording.blocks():
        mine = np.flatnonzero(block.holds(r))
        if len(mine):
            cuts, inside = windows(block.ecg, r[mine] - block.first, recording.fs, signal_length)
            x[mine[inside], 0], kept[mine[inside]] = cuts, True
    return (x if kept.all() else x[kept]), kept
