"""Checks of notebook 9: walks through the latent space."""

import numpy as np
import torch
from torch import nn

from ecgae_lib.checks.exercise import exercise, numbers, recognised, values
from ecgae_lib.checks.functions import call, compare

MS = np.arange(450) / 450 * 700 - 250  # the times of a beat's samples


class Dots(nn.Module):
    """A decoder that draws the two numbers, each with 4 added, as a beat of two samples."""

    def decode(self, z):
        return nn.functional.linear(z, torch.eye(2), torch.full((2,), 4.0))[:, None]

    def forward(self, x):
        raise ValueError("model(x) wants beats (B, 1, L); from points to beats leads model.decode")


def on_circle(model, r, angles):
    """The beats at these angles, one by one."""
    z = [[r * float(np.cos(angle)), r * float(np.sin(angle))] for angle in angles]
    with torch.no_grad():
        return torch.cat([model.decode(torch.tensor([place])) for place in z])


def slow_circle(model, r, n):
    """n beats around the origin, one by one."""
    return on_circle(model, r, [2 * np.pi * step / n for step in range(n)])


WRONG_CIRCLES = {  # of model m, radius r, n
    "`r` is forgotten: your circle has the radius 1": lambda m, r, n: slow_circle(m, 1, n),
    "the radius is `r`, you take its square": lambda m, r, n: slow_circle(m, r**2, n),
    "the radius is `r`, you take it for the diameter": lambda m, r, n: slow_circle(m, r / 2, n),
    "you walk clockwise": lambda m, r, n: on_circle(m, r, -2 * np.pi * np.arange(n) / n),
    "you begin on the opposite side": lambda m, r, n: slow_circle(m, -r, n),
    "you begin at the top, and walk clockwise: sine and cosine are swapped":
        lambda m, r, n: on_circle(m, r, np.pi / 2 - 2 * np.pi * np.arange(n) / n),
    ("one place is there twice",
     "one place is there twice: the last angle is a whole turn, the first one again"):
        lambda m, r, n: on_circle(m, r, np.linspace(0, 2 * np.pi, n)),
    "the first beat is to come from the angle 0":
        lambda m, r, n: on_circle(m, r, 2 * np.pi * np.arange(1, n + 1) / n),
    "sine and cosine take radians, you give them degrees":
        lambda m, r, n: on_circle(m, r, 360 * np.arange(n) / n),
    "a whole turn is 2 pi: you stop half-way":
        lambda m, r, n: on_circle(m, r, np.pi * np.arange(n) / n),
    "you do not divide the turn by `n`": lambda m, r, n: on_circle(m, r, np.arange(n)),
    "those are the points: decode them": lambda m, r, n: slow_circle(m, r, n)[:, 0] - 4,
    "the axis of the lead is missing: let the decoder's (n, 1, L) be":
        lambda m, r, n: slow_circle(m, r, n)[:, 0],
}  # fmt: skip


@exercise(
    "A circle of radius 1 lies where the prior draws most of its codes, and still leads through a "
    "hole. At which angles does `pad.extrapolating` say so?"
)
def circle_walk(walk, vae):
    """A function (model, r, n): n beats around the origin."""
    cases = [(Dots(), 0.5, 5), (Dots(), 3.0, 7), (Dots(), 1.5, 3), (Dots(), 2.5, 1)]
    what = "a tensor (n, 1, L) of beats on a circle is asked for"
    by_vae = {"that is the lesson's `vae`, use `model`": lambda m, r, n: slow_circle(vae, r, n)}
    compare(walk, slow_circle, cases, what, by_vae | WRONG_CIRCLES)


def t_wave(x, ms):
    """The samples of the T wave: (steps, n)."""
    return x[:, (ms >= 180) & (ms <= 320)]


def heights(x, ms):
    """The T wave of every beat: its mean 180 to 320 ms after R, above the beat's median."""
    return t_wave(x, ms).mean(axis=1) - np.median(x, axis=1)


def first_below(levels):
    """The index of the first negative level, or None."""
    return next((step for step, level in enumerate(levels) if level < 0), None)


def turns(x, ms):
    """The first beat whose T wave is negative, or None."""
    return first_below(heights(x, ms))


WRONG_HEIGHTS = {  # of a walk x, ms
    "you take the lowest voltage, not the mean: a notch is no T wave":
        lambda x, ms: t_wave(x, ms).min(axis=1) - np.median(x, axis=1),
    "you take the highest voltage, not the mean: a bump is no T wave":
        lambda x, ms: t_wave(x, ms).max(axis=1) - np.median(x, axis=1),
    "you take one sample; the T wave is a mean over 180 to 320 ms":
        lambda x, ms: x[:, abs(ms - 250).argmin()] - np.median(x, axis=1),
    "a beat rests at its median: the R wave lifts its mean":
        lambda x, ms: t_wave(x, ms).mean(axis=1) - x.mean(axis=1),
    "the beats do not all rest at 0 mV: subtract where each of them rests":
        lambda x, ms: t_wave(x, ms).mean(axis=1),
    "each beat rests at a level of its own: you subtract one for all":
        lambda x, ms: t_wave(x, ms).mean(axis=1) - np.median(x),
    "one sample is no level: a beat rests at its median":
        lambda x, ms: t_wave(x, ms).mean(axis=1) - x[:, 0],
    "the T wave is a mean over 180 to 320 ms; the median is for the level":
        lambda x, ms: np.median(t_wave(x, ms), axis=1) - np.median(x, axis=1),
    "180 and 320 are times in ms, you take them for places":
        lambda x, ms: x[:, 180:320].mean(axis=1) - np.median(x, axis=1),
    "that is the lowest voltage of the beat: a Q wave may be deeper":
        lambda x, ms: x.min(axis=1) - np.median(x, axis=1),
}  # fmt: skip
WRONG_STEPS = {  # of the heights t
    "the first negative one is asked for, you return the last":
        lambda t: max(np.flatnonzero(t < 0), default=None),
    "you return the last beat before the T wave turns over":
        lambda t: first_below(t) - 1 if (t < 0).any() else None,
    "you return the deepest T wave, not the first negative one":
        lambda t: t.argmin() if (t < 0).any() else None,
    "you return how many are negative": lambda t: (t < 0).sum(),
    "you count from 1: an index begins with 0":
        lambda t: first_below(t) + 1 if (t < 0).any() else None,
    "where no T wave is negative you return 0, which means the first beat":
        lambda t: first_below(t) or 0,
    "where no T wave is negative, `None` is asked for and not the number of beats":
        lambda t: first_below([*t, -1]),
    "where no T wave is negative, `None` is asked for: -1 is an index, too":
        lambda t: first_below(t) if (t < 0).any() else -1,
    "the first T wave may be negative already: its index 0 counts as false for `or`":
        lambda t: first_below(t) or None,
    "the first beat counts too: its T wave may be negative already":
        lambda t: first_below([1, *t[1:]]),
}  # fmt: skip
WRONG_TURNS = {
    hint: lambda x, ms, wave=wave: first_below(wave(x, ms)) for hint, wave in WRONG_HEIGHTS.items()
} | {hint: lambda x, ms, step=step: step(heights(x, ms)) for hint, step in WRONG_STEPS.items()}


def walks():
    """Walks (x, ms) of beats that rest at various levels, some with bumps and a notch."""
    bell = lambda middle, width: np.exp(-(((MS - middle) / width) ** 2))  # noqa: E731
    start = 2 * bell(0, 15) - bell(-40, 15) + 0.15 * bell(-250, 20)
    bumps = 0.7 * bell(190, 5) + 0.25 * bell(250, 4) - 0.2 * bell(270, 4)
    upright, turning = [0.4, 0.3, 0.35], [0.4, 0.3, -0.04, -0.13, -0.3, -0.2]
    rng = np.random.default_rng(0)
    for sizes in (turning, [-0.2, -0.3], [0.2, -0.2, 0.3], upright, [0.3, -0.13, -0.3, 0.2, -0.13]):
        rest = rng.uniform(-0.5, 0.5, (len(sizes), 1))
        yield start + bumps + rest + np.array(sizes)[:, None] * bell(250, 45), MS
    yield start + np.array([[0.2], [0.05], [-0.1]]) * bell(250, 45), MS


@exercise(
    "No map, no model, and no label: the rule works for any row of beats, a patient's morning too. "
    "Try it on `walk(vae, pad.a, pad.b)`, and there and back."
)
def turning_point(function):
    """A function (x, ms): index of the first beat with a negative T wave, or None."""
    cases, what = list(walks()), "the index of a beat is asked for, or None"
    given = [call(function, *case, none_is_fine=True) for case in cases]
    if all(g is None for g in given):
        call(function, *cases[0])  # says how nothing came back
    for index in given:
        values(0 if index is None else index, (), what)

    def is_of(rule):
        return given == [rule(*case) for case in cases]

    if is_of(turns):
        return None
    recognised(is_of, WRONG_TURNS)
    g, case = next((g, case) for g, case in zip(given, cases, strict=True) if g != turns(*case))
    told = f"for T waves of {np.round(heights(*case), 2)} mV you return {g}"
    return told, told + ": which is the first below 0?"


def lengths(x):
    """How much the beat changes in each step of a walk: the root of the summed squares."""
    return np.linalg.norm(np.diff(x, axis=0), axis=1)


def parted(steps, n):
    """The beats nearest to equal parts of a way of these steps."""
    way = np.r_[0, np.cumsum(steps)]
    return abs(way - np.linspace(0, way[-1], n)[:, None]).argmin(axis=1)


def even(x, n):
    """The beats nearest to equal parts of the way."""
    return parted(lengths(x), n)


WRONG_EVEN = {  # of a walk x, n
    "those are equal steps on the map: let the beats say how far each step goes":
        lambda x, n: parted(np.ones(len(x) - 1), n),
    "you add up squares: take the root of each step's sum first":
        lambda x, n: parted(lengths(x) ** 2, n),
    "you add up absolute differences: square, add over the samples, take the root":
        lambda x, n: parted(abs(np.diff(x, axis=0)).sum(axis=1), n),
    "you take the largest change of a sample: all samples count":
        lambda x, n: parted(abs(np.diff(x, axis=0)).max(axis=1), n),
    "a step down is a step too: what rises and what falls must not cancel":
        lambda x, n: parted(abs(np.diff(x, axis=0).sum(axis=1)), n),
    "you measure how far each beat is from the first: add up the steps of the way":
        lambda x, n: parted(np.diff(np.linalg.norm(x - x[0], axis=1)), n),
    "you take the size of the beats: take the size of their differences":
        lambda x, n: parted(np.linalg.norm(x[1:], axis=1), n),
    "that is one beat too many: with both ends they shall be `n`": lambda x, n: even(x, n + 1),
    "n beats have n - 1 steps between them: the way begins with 0":
        lambda x, n: lengths(x).cumsum().searchsorted(np.linspace(0, lengths(x).sum(), n)),
    "the last beat of the way is missing": lambda x, n: even(x, n + 1)[:-1],
    "the first beat of the way is missing": lambda x, n: even(x, n + 1)[1:],
    "those are the lengths of the way: at which beats are they reached?":
        lambda x, n: np.linspace(0, lengths(x).sum(), n),
    "those are beats: their indices are asked for": lambda x, n: x[even(x, n)],
}  # fmt: skip


def fine_walks():
    """Walks (x, n): first a slow rise of the whole beat, then a wave that grows fast, and back."""
    ms = np.linspace(-250, 450, 90)
    for steps, n, fast, back in ((200, 5, 2, 0.3), (300, 8, 5, 0.5), (250, 3, 1, 0)):
        s = np.linspace(0, 1, steps)[:, None]
        rise, growth = np.minimum(s, 0.6), fast * np.maximum(0, s - 0.6) ** 2
        wave = np.exp(-((ms / 20) ** 2)) - np.exp(-(((ms - 80) / 20) ** 2))
        yield 0.2 * rise * (1 + ms / 900) - back * np.maximum(0, s - 0.8) + growth * wave, n


@exercise(
    "Drawn one below the other, such beats show a change that the eye can follow. Take nine "
    "of `walk(vae, pad.a, pad.b)`: how many lie in the quarter where the QRS widens?"
)
def even_steps(function):
    """A function (x, n): indices of n beats of a walk between which the beat changes equally."""
    cases = list(fine_walks())
    given = [call(function, *case) for case in cases]

    def is_of(rule):
        return all(is_near(g, rule(*case)) for g, case in zip(given, cases, strict=True))

    if is_of(even):
        whole = all(np.array_equal(numbers(g), numbers(g).round()) for g in given)
        return None if whole else "an index is a whole number: which beat is nearest?"
    recognised(is_of, WRONG_EVEN)
    for g, (x, n) in zip(given, cases, strict=True):
        indices = values(g, (n,), f"{n} indices are asked for")
        if not is_near(indices, even(x, n)):
            told = f"between {np.round(indices, 2)} the beat does not change equally much"
            return told, told + ": how long is the way from the first beat to each of them?"


def is_near(given, right):
    """Whether indices are the right ones, but for one step more or less within the walk."""
    given, right = numbers(given), np.asarray(right, float)
    if given is None or given.shape != right.shape:
        return False
    off = abs(given - right)
    return bool((off <= 1).all() and off.ravel()[[0, -1]].max() < 0.5)
