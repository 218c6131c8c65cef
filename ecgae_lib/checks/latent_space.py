"""Checks of notebook 9: walking through the latent space."""

import numpy as np
import torch

from ecgae_lib.checks.exercise import exercise, filled

MS = np.arange(450) / 450 * 700 - 250  # the times of a beat's samples


def t_wave(x):
    """The mean 180 to 320 ms after R, above the median of the beat.  x: (L,)."""
    return float(x[(MS >= 180) & (MS <= 320)].mean() - x.quantile(0.5))


@exercise("To be told.")
def negative_t(z, model):
    """A point at most 3 from the origin whose beat has a T wave of -0.2 mV or less."""
    z = torch.as_tensor(z, dtype=torch.float32).flatten()
    if z.shape != (2,):
        return f"{len(z)} numbers are no point of the plane: give (z1, z2)"
    if not z.norm() <= 3:
        return f"({z[0]:.2f}, {z[1]:.2f}) is {z.norm():.2f} from the origin, 3 are allowed"
    with torch.no_grad():
        height = t_wave(model.decode(z[None])[0, 0])
    if height > -0.2:
        return f"the T wave there is {height:.2f} mV"


@exercise("To be told.")
def circle_walk(walk, model):
    """A function (model, r, n): n beats around the origin."""
    for r, n in ((1.0, 4), (0.5, 7), (2.0, 1)):
        x = filled(walk(model, r, n))
        turn = 2 * np.pi * np.arange(n) / n
        z = torch.tensor(r * np.stack([np.cos(turn), np.sin(turn)], axis=1), dtype=torch.float32)
        with torch.no_grad():
            expected = model.decode(z)
        given = f"for r = {r:g} and n = {n}"
        if tuple(np.shape(x)) != tuple(expected.shape):
            return f"{given} the shape is {tuple(np.shape(x))}, not {tuple(expected.shape)}"
        wrong = (torch.as_tensor(x).detach() - expected).abs().amax(dim=(1, 2)) > 1e-3
        if wrong.any():
            step = int(wrong.nonzero()[0])
            return f"{given} beat {step} should come from the angle {360 * step / n:g} degrees"


@exercise("To be told.")
def turning_point(function):
    """A function (x, ms): index of the first beat with a negative T wave, or None."""
    r_wave = np.exp(-((MS / 15) ** 2))
    t_wave = np.exp(-(((MS - 250) / 40) ** 2))
    dip = -np.exp(-(((MS - 60) / 15) ** 2))  # an S wave, deep but too early
    cases = {
        "turns over at beat 3": ([0.3, 0.2, 0.1, -0.1, -0.3], 3),
        "is negative at once": ([-0.2, -0.3], 0),
        "turns over and back": ([0.2, -0.2, 0.2], 1),
    }
    for what, (heights, expected) in cases.items():
        level = 0.5 * (-1) ** np.arange(len(heights))[:, None]  # where the beats rest
        x = r_wave + dip + level + np.array(heights)[:, None] * t_wave
        answer = filled(function(x, MS))
        if answer != expected:
            return f"for a walk whose T wave {what} you return {answer!r}"
    answer = function(r_wave + dip + 0.2 * t_wave[None].repeat(4, axis=0), MS)
    if answer is not None:
        return f"for a walk whose T wave stays positive you return {answer!r}, not None"
