"""Heartbeats of which everything is known, for tests of what a latent space finds."""

from dataclasses import dataclass

import numpy as np
import torch

from ecgae_lib.beats import AFTER, BEFORE, CLASS_NAMES, SIGNAL_LENGTH, Beats, beat_times
from ecgae_lib.expects import real, takes, whole


@dataclass(frozen=True)
class Factors:
    """What `synthetic` drew for each beat: the truth that a latent space may or may not find.

    Every field has shape (N,): wide (bool); p, r and t amplitude in mV; qrs_sigma, the standard
    deviation of the R wave, and t_time, the middle of the T wave after the R peak, in ms.
    """

    wide: np.ndarray
    p_amplitude: np.ndarray
    r_amplitude: np.ndarray
    qrs_sigma: np.ndarray
    t_amplitude: np.ndarray
    t_time: np.ndarray


def draw_factors(n, rng, wide_fraction):
    """Narrow beats: P wave, slim QRS, upright T.  Wide beats: no P, broad QRS, T the other way."""
    wide = rng.random(n) < wide_fraction
    t_amplitude = rng.uniform(0.2, 0.5, n)
    return Factors(
        wide=wide,
        p_amplitude=np.where(wide, 0, rng.uniform(0.08, 0.2, n)),
        r_amplitude=rng.uniform(1.0, 2.0, n),
        qrs_sigma=np.where(wide, rng.uniform(27, 40, n), rng.uniform(9, 16, n)),
        t_amplitude=np.where(wide, -t_amplitude, t_amplitude),
        t_time=rng.uniform(230, 290, n),
    )


def draw_waves(factors, ms):
    """Sum of five Gaussian waves P, Q, R, S, T.  ms: (L,), time after R.  Returns (N, L) in mV."""
    r, sigma = factors.r_amplitude, factors.qrs_sigma
    waves = [  # (amplitude in mV, middle in ms, standard deviation in ms)
        (factors.p_amplitude, -160, 20),
        (-0.1 * r, -2.3 * sigma, 0.8 * sigma),
        (r, 0, sigma),
        (-0.2 * r, 2.3 * sigma, 0.8 * sigma),
        (factors.t_amplitude, factors.t_time, 40),
    ]
    return sum_of_waves(waves, len(r), ms)


def sum_of_waves(waves, n, ms):
    """n sums of Gaussian waves: amplitudes, middles and widths, a number or (n,) each.  (n, L)."""
    x = np.zeros((n, len(ms)), dtype=np.float32)
    for wave in waves:
        amplitude, middle, width = (np.broadcast_to(v, n)[:, None] for v in wave)
        distance = ((ms - middle) / width).astype(np.float32)
        x += amplitude.astype(np.float32) * np.exp(-0.5 * distance**2)
    return x


@takes(n=whole(1), seed=whole(0), wide_fraction=real(0, 1), noise=real(0), signal_length=whole(1))
def synthetic(n, seed=0, wide_fraction=0.25, noise=0.02, signal_length=SIGNAL_LENGTH):
    """Heartbeats of which everything is known: n sums of Gaussian waves, and their factors.

    noise: standard deviation in mV.  Returns (Beats, Factors), one entry of each factor per beat.
    Source: McSharry et al. 2003, doi:10.1109/TBME.2003.808805; at a constant heart rate its
    differential equation gives this sum of Gaussians and a constant (R^2 0.997).
    """
    rng = np.random.default_rng(seed)
    factors = draw_factors(n, rng, wide_fraction)
    fs = signal_length / (BEFORE + AFTER)
    x = draw_waves(factors, beat_times(signal_length, fs))
    x += noise * rng.standard_normal(x.shape, dtype=np.float32)
    return Beats(
        x=torch.from_numpy(x[:, None]),
        y=torch.from_numpy(factors.wide.astype(np.int64)),
        class_names=CLASS_NAMES,
        t=BEFORE + 0.8 * np.arange(n),
        fs=fs,
        source=f"synthetic, seed {seed}",
    ), factors
