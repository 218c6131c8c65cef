"""R peaks of any patient, and the exact peak near a position that is roughly right."""

import numpy as np
from scipy import ndimage, signal

QRS_BAND = (7, 25)  # Hz: where a QRS is strong, and P and T waves, drift and muscles are weak
EVENT, BEAT = 0.097, 0.611  # s that a QRS lasts and a beat: the two averages are this long
SHARE = 0.08  # of the usual energy, by which a QRS exceeds its surroundings
CELL = 2.0  # s: energy is averaged over such cells, each with a beat in it
REFRACTORY = 0.2  # s after a beat, in which no heart beats again
SNAP = 0.06  # s: the exact peak lies within this distance of a position


def detect(ecg, fs):
    """Where the heart beats: where a short average of the QRS energy exceeds a long one.

    Energy has no sign, so an inverted lead gives the same beats.  By how much it must exceed is a
    share of what is usual here, the upper quartile of a minute: so neither the amplitude matters,
    nor an artefact, nor an electrode that was off.
    ecg: (T,) in any unit, of half a second or more.  Returns positions within the QRS, in
    samples, (N,); `snap_to_peak` finds the peaks.
    Source: the two moving averages of Elgendi 2013, doi:10.1371/journal.pone.0073557, who takes
    8-20 Hz and the mean of the record instead of the quartile.
    """
    low, high = QRS_BAND
    band = signal.butter(2, (low, min(high, 0.4 * fs)), "bandpass", fs=fs, output="sos")
    energy = signal.sosfiltfilt(band, ecg)
    energy **= 2
    event, beat = (ndimage.uniform_filter1d(energy, round(s * fs)) for s in (EVENT, BEAT))
    qrs = event > beat + SHARE * usual(energy, round(CELL * fs))
    qrs = ndimage.binary_opening(qrs, np.ones(round(EVENT * fs)))  # what is shorter is no QRS
    return signal.find_peaks(np.where(qrs, event, 0), distance=round(REFRACTORY * fs))[0]


def usual(energy, cell):
    """The upper quartile of the cells of a minute around each sample.  Returns (T,)."""
    cells = ndimage.uniform_filter1d(energy, cell)[cell // 2 :: cell]
    if not len(cells):
        return energy.mean()
    # SciPy's percentile_filter writes beyond fewer than 31 cells (1.15), or errs (1.16.0).
    minutes = np.lib.stride_tricks.sliding_window_view(np.pad(cells, 15, "edge"), 31)
    quartile = np.quantile(minutes, 0.75, axis=1, method="higher")
    return quartile[np.minimum(np.arange(len(energy)) // cell, len(cells) - 1)]


def snap_to_peak(ecg, r, fs):
    """The highest local maximum within `SNAP` of each position; where there is none, r stays.

    ecg: (T,).  r: (N,) in samples.  Returns the positions (N,) and the values of ecg there (N,).
    """
    reach = round(SNAP * fs) + 1
    near = np.clip(r[:, None] + np.arange(-reach, reach + 1), 0, len(ecg) - 1)
    value = ecg[near]
    middle = value[:, 1:-1]
    is_peak = (middle >= value[:, :-2]) & (middle > value[:, 2:])
    best = np.where(is_peak, middle, -np.inf).argmax(axis=1) + 1
    best[~is_peak.any(axis=1)] = reach
    snapped = near[np.arange(len(r)), best]
    return snapped, ecg[snapped]
