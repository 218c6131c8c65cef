"""Patients who never lived, written as real WFDB files: to try loaders and splits on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb

from ecgae_lib.generator import sum_of_waves

FS = 360  # Hz, as in the MIT-BIH Arrhythmia Database
FIRST, LAST = -0.4, 0.7  # s around an R peak where a beat's waves are drawn
IN_V1 = np.array([0.5, 1, -0.6, 0.5, 0.4])  # P, Q, R, S, T in lead V1, as shares of those in MLII


@dataclass(frozen=True)
class Patient:
    """One heart: its waves in lead MLII and its rhythm.

    waves: {"N": of a normal beat, "V": of a ventricular one}, (5, 3) each: amplitude in mV, middle
    and standard deviation in ms of P, Q, R, S and T.
    rr: from beat to beat, in s.  share: of ventricular beats.
    """

    waves: dict
    rr: float
    share: float


def draw_patient(rng):
    """A heart unlike the others, and in one of four even the normal beats are wide.

    (As they are in a bundle branch block.)
    """
    size, block = rng.uniform(0.4, 1.6), rng.random() < 0.25
    waves = {"N": normal_waves(rng, size, block), "V": ventricular_waves(rng, size)}
    return Patient(waves, rr=rng.uniform(0.63, 1.1), share=rng.uniform(0.05, 0.3))


def normal_waves(rng, size, block):
    """P, slim Q, R, S and an upright T; with a block all of QRS wide and T the other way."""
    u, sigma = rng.uniform, rng.uniform(22, 32) if block else rng.uniform(8, 14)
    waves = [
        (size * u(0.05, 0.15), -u(130, 180), u(18, 28)),
        (-size * u(0, 0.25), -2.3 * sigma, 0.8 * sigma),
        (size, 0, sigma),
        (-size * u(0, 0.5), 2.3 * sigma, 0.9 * sigma),
        (size * u(0.1, 0.4) * (-1 if block else 1), u(220, 300), u(30, 55)),
    ]
    return np.array(waves)


def ventricular_waves(rng, size):
    """No P, a broad QRS that points up or, in three of ten patients, down; T the other way."""
    u, sigma = rng.uniform, rng.uniform(25, 40)
    tall = size * u(0.8, 1.6) * rng.choice([1, -1], p=[0.7, 0.3])
    waves = [
        (0, -160, 20),
        (-tall * u(0, 0.6), -u(1.5, 2.5) * sigma, sigma),
        (tall, 0, sigma),
        (-tall * u(0, 0.8), u(1.8, 2.6) * sigma, sigma),
        (-tall * u(0.2, 0.5), u(250, 320), u(40, 60)),
    ]
    return np.array(waves)


def draw_rhythm(patient, rng, seconds):
    """Times of the beats in s and their symbols; a ventricular one comes early, then a pause."""
    n = int(2 * seconds / patient.rr)
    early = rng.random(n) < patient.share
    early[1:] &= ~early[:-1]  # seldom two in a row
    after = np.roll(early, 1)
    wait = patient.rr * np.where(early, 0.7, np.where(after, 1.3, 1))
    t = np.cumsum(wait * (1 + 0.03 * rng.standard_normal(n)))
    inside = t < seconds + FIRST
    return t[inside], np.where(early, "V", "N")[inside]


def draw_waves_of_beats(patient, t, symbols, rng):
    """The waves of every beat, (N, 5, 3): they breathe and drift, and no two are alike."""
    waves, n = np.stack([patient.waves[symbol] for symbol in symbols]), len(t)
    drift = 0.02 * np.cumsum(rng.standard_normal(n))
    size = 1 + 0.08 * np.sin(2 * np.pi * t / 4) + drift + 0.04 * rng.standard_normal(n)
    waves[..., 0] *= size[:, None] * (1 + 0.06 * rng.standard_normal((n, 5)))
    waves[..., 2] *= 1 + 0.05 * rng.standard_normal((n, 1))
    waves[:, 4, 1] *= 1 + 0.03 * rng.standard_normal(n)
    return waves


def draw_ecg(waves, r, length):
    """The beats one after the other, (length,) in mV; where two of them meet they add up."""
    around = np.arange(round(FIRST * FS), round(LAST * FS))
    x = sum_of_waves(waves.transpose(1, 2, 0), len(r), 1000 * around / FS)
    place = r[:, None] + around
    inside = (place >= 0) & (place < length)
    ecg = np.zeros(length)
    np.add.at(ecg, place[inside], x[inside])
    return ecg


def write_patients(folder, n=12, seed=0, seconds=60):
    """Records of n patients who never lived: WFDB files with two leads and annotated beats.

    folder: an existing one.  Leads MLII and V1 in mV at 360 Hz; symbols N (normal) and V
    (ventricular).  Returns the paths that `loaders.from_wfdb` takes: folder/p01, folder/p02, ...
    """
    paths = [Path(folder) / f"p{number + 1:02d}" for number in range(n)]
    for number, path in enumerate(paths):
        write_patient(path, np.random.default_rng([seed, number]), seconds)
    return paths


def write_patient(path, rng, seconds):
    """One record: two leads, on a baseline that breathes, with noise; and its annotations."""
    patient = draw_patient(rng)
    t, symbols = draw_rhythm(patient, rng, seconds)
    r, length = np.round(t * FS).astype(int), round(seconds * FS)
    waves = draw_waves_of_beats(patient, t, symbols, rng)
    in_v1 = waves * np.stack([IN_V1, np.ones(5), np.ones(5)], axis=1)
    leads = np.stack([draw_ecg(w, r, length) for w in (waves, in_v1)], axis=1)
    leads += 0.1 * np.sin(2 * np.pi * np.arange(length) / FS / 4)[:, None]
    leads += 0.02 * rng.standard_normal(leads.shape)
    to, both = dict(write_dir=str(path.parent)), dict(units=["mV"] * 2, fmt=["16"] * 2)
    wfdb.wrsamp(path.name, FS, sig_name=["MLII", "V1"], p_signal=leads, **both, **to)
    wfdb.wrann(path.name, "atr", r, symbol=list(symbols), fs=FS, **to)
