"""Answers to the exercises of notebook 3."""

import numpy as np
import torch
import torch.nn.functional as F

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


def layer(k, s=1, p=0, o=0):
    return dict(kernel_size=k, stride=s, padding=p, output_padding=o)


def side_by_side(length):
    s, odd = (length + 1) // 2, length % 2
    return layer(s, s, odd, odd)


def shifted(z, w, b, stride, padding, output_padding):
    (B, _, L), (_, C, k) = z.shape, w.shape
    x_hat = z.new_zeros(B, C, (L - 1) * stride + k + output_padding)
    for i in range(L):
        copy = torch.einsum("ba,ack->bck", z[:, :, i], w)
        x_hat[:, :, i * stride : i * stride + k] += copy
    return x_hat[:, :, padding : x_hat.shape[-1] - padding] + b[:, None]


ANSWERS = {
    checks.gains: Answers(
        right=[
            lambda kernel, s: [sum(kernel[r::s]) for r in range(s)],
            lambda kernel, s: np.array([np.sum(kernel[r::s]) for r in range(s)]),
            lambda kernel, s: torch.tensor([float(sum(kernel[r::s])) for r in range(s)]),
        ],
        wrong=[
            (lambda kernel, s: [kernel[r::s] for r in range(s)], "you return a list"),
            (lambda kernel, s: kernel.sum(), "AttributeError"),
            (lambda kernel, s: {r: sum(kernel[r::s]) for r in range(s)}, "you return a dict"),
            (lambda kernel, s: [[sum(kernel[r::s])] for r in range(s)], "the shape (6, 1)"),
            (lambda kernel, s: [np.nan] * s, "NaN"),
            (lambda kernel, s: [sum(kernel[r::s]) for r in range(s - 1)], "the shape (5,)"),
            (lambda kernel, s: [max(0, sum(kernel[r::s])) for r in range(s)], UNNAMED),
        ],
    ),
    checks.eight_weights: Answers(
        right=[
            [0.5, 0.5, 1, 1, 1, 1, 0.5, 0.5],
            np.array([0.25, 0.9, 1, 1, 1, 1, 0.75, 0.1]),
            torch.tensor([1 / 3, 0.5, 1, 1, 1, 1, 2 / 3, 0.5]),
        ],
        wrong=[
            ([1, 1, 1, 1, 1, 1, 0, 0], "above 0"),
            ([2, 1, 1, 1, 1, 1, -1, 0], "above 0"),
            ([1, 1, 2, 2, 2, 2, 1, 1], "2 times as high"),
            ([1 / 12, 1 / 12, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 12, 1 / 12], "0.167 times"),
            ([1] * 6, "the shape (6,)"),
            ([0.5] * 12, "the shape (12,)"),
            (0.5, "the shape ()"),
            ("0.5, 0.5", "you return a str"),
            ([1, 2, 3, 4, 4, 3, 2, 1], "the gains are"),
        ],
    ),
    checks.from_1_to_450: Answers(
        right=[
            [layer(18, 18), layer(5, 5), layer(5, 5)],
            [layer(18), layer(10, 5, 3, 1), layer(10, 5, 3, 1)],
            (layer(np.int64(25), 25), layer(18, 18)),
        ],
        wrong=[
            ([layer(450, 450)], "25 are allowed"),
            ([layer(18), layer(9, 5)], "not a multiple"),
            ([], "your layers lead 1;"),
            ([layer(2), dict(kernel_size=3, stride=3)], "lead 1 -> 2 -> 6;"),
            ([layer(25, 25), layer(25, 25)], "1 -> 25 -> 625"),
            ([dict(kernel_size=2, dilation=449)], "'dilation' is none"),
            (layer(18, 18), "a list of layers"),
            ("18, 5, 5", "a list of layers"),
            ([18, 5, 5], "a dict is asked for"),
            ([[layer(18, 18)]], "a dict is asked for"),
            ([dict(stride=5)], "`kernel_size` is missing"),
            ([layer(25), layer(18, 18, 0, 17)], "no weight reaches"),
            ([layer(4, 4, 2, 0)], "would have 0 samples"),
            ([layer(4, 4, 0, 4)], "output_padding=4"),
            ([layer(18, 4.5)], "not a whole number"),
            ([layer(18, 0)], "stride=0"),
        ],
    ),
    checks.different_values: Answers(
        right=[40, np.int64(40), 40.0],
        wrong=[
            ("40", "without quotes"),
            (80, UNNAMED),
        ],
    ),
    checks.for_any_length: Answers(
        right=[
            side_by_side,
            lambda n: (
                layer((n + 3) // 2, (n + 3) // 2, 1 + n % 2, 0 if n % 2 == 0 else 1)
                if n % 2
                else layer(n // 2, n // 2)
            ),
            lambda n: (
                dict(zip(("kernel_size", "stride"), (n // 2,) * 2, strict=True))
                if n % 2 == 0
                else layer(n // 2 + 1, n // 2 + 1, 1, 1)
            ),
        ],
        wrong=[
            (lambda n: layer(n // 2, n // 2), "one sample is missing"),
            (lambda n: layer(n // 2, n // 2, 0, n % 2), "no weight reaches"),
            (lambda n: layer((n + 1) // 2, (n + 1) // 2), "a sample too many"),
            (lambda n: layer((n + 1) // 2, (n + 1) // 2, n % 2), "one sample is missing"),
            (lambda n: layer(n - 1, 1), "side by side"),
            (lambda n: layer(n, n), "your layer makes 16 samples"),
            (lambda n: layer(225, 225), "your layer makes 450 samples"),
            (lambda n: layer(n / 2, n / 2), "4.5 is not a whole number"),
            (lambda n: (n // 2, n // 2), "a dict is asked for"),
            (lambda n: n, "a dict is asked for"),
            (lambda n: dict(padding=n % 2), "`kernel_size` is missing"),
            (lambda n: dict(kernel=n // 2, stride=n // 2), "'kernel' is none"),
            (lambda n: layer(n // 2, n // 2, 0, n // 2), "output_padding=4"),
            (lambda n: layer(n // 2, n // 2, n), "would have"),
            (lambda n: layer(0, n // 2), "kernel_size=0"),
        ],
    ),
    checks.transposed: Answers(
        right=[shifted, F.conv_transpose1d, lambda *given: shifted(*given).numpy()],
        wrong=[
            (lambda z, w, *rest: shifted(z, w.transpose(0, 1), *rest), "RuntimeError"),
            (lambda *given: shifted(*given)[0, 0], "the shape (5,)"),
            (lambda *given: shifted(*given).tolist()[0], "the shape (1, 5)"),
            (lambda *given: 2 * shifted(*given), "you return [[[3.0"),
        ],
    ),
}
