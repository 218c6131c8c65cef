"""What may be wrong with a signal, said before anything is computed with it."""

from contextlib import contextmanager

import numpy as np

from ecgae_lib.beats import AFTER, BEFORE
from ecgae_lib.expects import array, instance, real, whole

ECG_RATE = real(50, 10_000)  # Hz: below, a QRS is not seen; above, nobody records a heart
TEXT = instance(str, "a text")
NAME = instance((str, int), "a name or a number")
HEIGHTS = (0.01, 20)  # mV: the median peak of a heart, with a wide margin


@contextmanager
def readable(name):
    """Whatever a damaged file makes a library raise from deep inside becomes one ValueError."""
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"{name} cannot be read, it is damaged or something else than its name says: "
            f"{type(error).__name__}: {error}"
        ) from None


def check_signal(ecg):
    """One lead as an array (T,).  Raises TypeError or ValueError for anything else."""
    try:
        ecg = np.asarray(ecg)
    except ValueError as error:  # rows of different lengths
        raise TypeError(f"ecg is no array, {error}: give an array of numbers") from None
    if ecg.dtype.kind not in "fiu":
        raise TypeError(f"ecg holds {ecg.dtype}: give an array of numbers, voltages of one lead")
    if ecg.ndim != 1:
        raise ValueError(
            f"ecg has shape {ecg.shape}: expected one lead, (T,), for example ecg[:, 0]"
        )
    return ecg


def check_voltages(ecg, first, fs):
    """Raise ValueError if some of ecg (T,) is NaN or infinite; sample `first` is its first."""
    bad = np.flatnonzero(~np.isfinite(ecg))
    if len(bad):
        end = bad[0] + np.argmin(np.r_[~np.isfinite(ecg[bad[0] :]), False])
        raise ValueError(
            f"the signal is invalid (NaN) from {(first + bad[0]) / fs:.3f} s to "
            f"{(first + end) / fs:.3f} s: read the parts before and after it, or repair it"
        )


def check_positions(recording, r, y, class_names, units, signal_length):
    """Raise TypeError or ValueError unless signal, positions and classes fit together."""
    ECG_RATE("fs", recording.fs)
    if recording.unit not in units:
        raise ValueError(
            f"the unit is {recording.unit!r}: expected mV, uV or V, spelt so. Steps of a converter "
            "are no voltage: take away its zero and divide by its gain first"
        )
    seconds = recording.length / recording.fs
    if seconds < BEFORE + AFTER:
        raise ValueError(f"the signal lasts {seconds:.2f} s: one beat needs {BEFORE + AFTER} s")
    whole(2)("signal_length", signal_length)
    if r is not None:
        check_inside(r, recording.length)
    if y is not None:
        check_y(y, r, class_names)


def check_inside(r, length):
    """Raise TypeError or ValueError unless all of r are whole samples of a signal."""
    r = np.asarray(r)
    if r.size and r.dtype.kind == "f":
        raise TypeError(f"r holds {r.dtype}: give whole samples, np.round(t * fs).astype(int)")
    array("N", integers=True)("r", r)
    if r.min() < 0 or r.max() >= length:
        raise ValueError(
            f"r runs from {r.min()} to {r.max()}, but the signal has samples 0 to {length - 1}"
        )


def check_y(y, r, class_names):
    """Raise TypeError or ValueError unless y gives each position a class that has a name."""
    y = np.asarray(y)
    if r is None or y.shape != np.shape(r):
        raise ValueError(
            f"y has shape {y.shape}, r {np.shape(r)}: give one class per position, and both or none"
        )
    if y.dtype.kind not in "iuU":
        raise TypeError(f"y holds {y.dtype}: expected indices into class_names, or names")
    if y.dtype.kind != "U" and class_names is None:
        raise ValueError('y holds indices: name the classes, class_names=("N", "V")')
    known = np.unique(y) if class_names is None else class_names
    asked = set(y.tolist()) - set(known if y.dtype.kind == "U" else range(len(known)))
    if asked:
        raise ValueError(f"y holds {sorted(asked)}, but the classes are {tuple(known)}")


def check_heights(recording, height):
    """Raise ValueError if there is no beat, or if the median peak is no voltage of a heart."""
    if not len(height):
        raise ValueError(
            f"no heartbeat found in {recording.length / recording.fs:.1f} s: is it an ECG, at "
            f"{recording.fs} Hz? Say where the beats are with r="
        )
    middle = np.median(height)
    if recording.unit and not HEIGHTS[0] <= middle <= HEIGHTS[1]:
        raise ValueError(
            f"half of the peaks lie above {middle:.3g} mV, a heart's between {HEIGHTS[0]} and "
            f'{HEIGHTS[1]} mV: is unit="{recording.unit}" right? Microvolts are unit="uV"; steps '
            "of a converter become mV by (steps - zero) / gain"
        )
