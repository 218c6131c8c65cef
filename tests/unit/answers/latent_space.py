"""Answers to the exercises of notebook 9."""

import numpy as np
import torch
from torch import nn

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


class Tilt(nn.Module):
    """Draws a T wave of 0.5 - z_1 + 0.3 z_2 mV; encodes each beat near its first two samples."""

    def decode(self, z):
        ms = torch.arange(450) / 450 * 700 - 250
        t_wave = torch.exp(-(((ms - 250) / 40) ** 2))
        start = torch.exp(-(((ms + 200) / 20) ** 2))
        return ((0.5 - z[:, :1] + 0.3 * z[:, 1:]) * t_wave + z[:, 1:] * start)[:, None]

    def encode(self, x):
        return x[:, 0, :2], torch.full((len(x), 2), -3.0)


def with_a_hole():
    """Codes from the prior, but none within 0.9 of (1, 0)."""
    z = torch.randn(3000, 2, generator=torch.Generator().manual_seed(0))
    far = (z - torch.tensor([1.0, 0.0])).norm(dim=1) > 0.9
    return z[far][:, None]


def on_circle(model, r, angle):
    return model.decode(r * torch.stack([angle.cos(), angle.sin()], dim=1))


def circle_walk(model, r, n):
    return on_circle(model, r, 2 * torch.pi * torch.arange(n) / n)


def beat_by_beat(model, r, n):
    turns = (2 * np.pi * step / n for step in range(n))
    z = ([[r * float(np.cos(a)), r * float(np.sin(a))]] for a in turns)
    return torch.cat([model.decode(torch.tensor(place)) for place in z])


def t_waves(x, ms):
    return x[:, (ms >= 180) & (ms <= 320)].mean(axis=1) - np.median(x, axis=1)


def first_of(wave):
    """The rule of exercise 9.3 for another idea of a T wave."""

    def turning(x, ms):
        below = np.flatnonzero(wave(x, ms) < 0)
        return int(below[0]) if len(below) else None

    return turning


turning_point = first_of(t_waves)


def steps_of(x):
    return np.linalg.norm(np.diff(x, axis=0), axis=1)


def by_way(steps, x, n):
    way = np.concatenate([[0], np.cumsum(steps)])
    return [int(np.argmin(abs(way - part))) for part in np.linspace(0, way[-1], n)]


def even_steps(x, n):
    return by_way(steps_of(x), x, n)


def by_search(x, n):
    way = np.concatenate([[0], np.cumsum(steps_of(x))])
    places = np.searchsorted(way, np.linspace(0, way[-1], n))
    return np.minimum(places, len(x) - 1)


ANSWERS = {
    checks.negative_t: Answers(
        right=[(1.5, 0.0), torch.tensor([2.0, -2.0]), [[2, 1]], np.array([2.9, 0])],
        given=(Tilt(),),
        wrong=[
            ((0.0, 0.0), "stands upright, 0.25 mV"),
            ((-2.0, 1.0), "stands upright"),
            ((0.4, 2.0), "stands upright"),
            ((0.6, 0.0), "only by 0.05 mV"),
            ((0.8, 0), "only by 0.15 mV"),
            ((4.0, 0.0), "3 are allowed"),
            ((2.2, 2.2), "3 are allowed"),
            ((np.nan, 0.0), "finite"),
            (1.5, "1 of them"),
            (-0.25, "1 of them"),
            ((1.5, 0.0, -0.2), "3 of them"),
            (np.zeros(450), "450 of them"),
            (("1.5", "0"), "something else"),
        ],
    ),
    checks.circle_walk: Answers(
        right=[circle_walk, beat_by_beat, lambda m, r, n: circle_walk(m, r, n).numpy()],
        given=(Tilt(),),
        wrong=[
            (lambda m, r, n: circle_walk(m, r, n + 1), "you return the shape (6, 1, 2)"),
            (lambda m, r, n: m(torch.zeros(n, 2)), "model.decode"),
            (lambda m, r, n: m.decode(torch.tensor([[r, n]])), "a tensor (n, 1, L)"),
        ],
    ),
    checks.turning_point: Answers(
        right=[
            turning_point,
            lambda x, ms: next((i for i, t in enumerate(t_waves(x, ms)) if t < 0), None),
            lambda x, ms: np.append(np.flatnonzero(t_waves(x, ms) < 0), None)[0],
        ],
        wrong=[
            (lambda x, ms: t_waves(x, ms) < 0, "the shape (6,)"),
            (lambda x, ms: 3, UNNAMED),
        ],
    ),
    checks.hole_by_hand: Answers(
        right=[(1.0, 0.0), torch.tensor([[0.9, -0.1]]), [1, 0.1]],
        given=(Tilt(), with_a_hole()),
        wrong=[
            ((0.2, 0.0), "edge of a hole"),
            ((-1.0, 0.0), "beats are near"),
            ((-0.5, 0.5), "times as dense"),
            ((0.2, 0.9), "beats are near"),
            ((1.0, 0.65), "edge of a hole"),
            ((3.0, 0.0), "1.5 are allowed"),
            ((2.0, -2.0), "1.5 are allowed"),
            ((np.inf, 0.0), "finite"),
            (0.05, "1 of them"),
            ((1.0, 0.0, 0.0), "3 of them"),
            (np.zeros((3, 2)), "6 of them"),
            ("(1, 0)", "something else"),
        ],
    ),
    checks.even_steps: Answers(
        right=[even_steps, by_search, lambda x, n: np.array(even_steps(x, n))],
        wrong=[
            (
                lambda x, n: even_steps(x, n) + 0.4 * (np.arange(n) == 1),
                "a whole number",
            ),
            (lambda x, n: list(range(n)), UNNAMED),
        ],
    ),
    checks.turned_plane: Answers(
        right=["cd", "dc", "C, D", ["c", "d"], {"d", "c"}],
        wrong=[
            ("c", "about d"),
            ("d", "about c"),
            ("abcde", "about a"),
            ("bcd", "about b"),
            ("cde", "about e"),
            ("", "about c"),
            ("de", "about c"),
            ("acd", "about a"),
            ("bd", "about b"),
            ("ce", "about d"),
            ("cdf", "a to e"),
            ("none", "a to e"),
            (2, "as a text"),
            (["c", 4], "as a text"),
        ],
    ),
}
