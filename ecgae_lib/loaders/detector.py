"""R peaks of any patient, and the exact peak near a position that is roughly right."""

import numpy as np
import sleepecg

SNAP = 0.075  # s: the exact peak lies within this distance of a position


def detect(ecg, fs):
    """Where the heart beats, in samples.  ecg: (T,), band-passed or not, in any unit."""
    return np.asarray(sleepecg.detect_heartbeats(ecg, fs), dtype=int)


def extremes(ecg, r, fs):
    """The highest and the lowest sample within `SNAP` of each position.

    Returns where they lie, (2, N), and how far they are from zero, (2, N): up, down.
    """
    reach = round(SNAP * fs)
    near = np.clip(r[:, None] + np.arange(-reach, reach + 1), 0, len(ecg) - 1)
    values = ecg[near]
    best = np.stack([values.argmax(1), values.argmin(1)])
    rows = np.arange(len(r))
    return near[rows, best], np.stack([values.max(1), -values.min(1)])
