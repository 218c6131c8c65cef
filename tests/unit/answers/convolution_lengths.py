"""Answers to the exercises of notebook 2."""

import numpy as np
import torch
import torch.nn.functional as F

from ecgae_lib import checks
from ecgae_lib.lengths import conv_length
from tests.unit.answers import UNNAMED, Answers


def spread(z, stride, **kind):
    zeros = z.new_zeros(*z.shape[:-1], (z.shape[-1] - 1) * stride + 1, **kind)
    zeros[..., ::stride] = z
    return zeros


def spread_by_beats(z, stride):
    zeros = torch.zeros(*z.shape[:2], (len(z) - 1) * stride + 1)
    zeros[:, :, ::stride] = z
    return zeros


def by_walking(length, kernel_size, stride, padding, dilation):
    end, stops, at = length + padding, 0, -padding
    while at + dilation * (kernel_size - 1) < end:
        stops, at = stops + 1, at + stride
    return stops


def formula(L, k, s, p, d):
    return (L + 2 * p - d * (k - 1) - 1) // s + 1


ANSWERS = {
    checks.conv_450_to_90: Answers(
        right=[
            dict(kernel_size=9, stride=5, padding=2),
            dict(kernel_size=np.int64(7), stride=5, padding=2),
            dict(kernel_size=361),
            dict(kernel_size=6, stride=5, padding=1.0),
        ],
        wrong=[
            (dict(kernel_size=5, stride=5), "not longer than stride=5"),
            (dict(kernel_size=5, stride=5, padding=0), "no two outputs"),
            (dict(kernel_size=9, stride=5, padding=0), "the length 89, 90 is asked for: close"),
            (dict(kernel_size=9, stride=5), "the length 89"),
            (dict(kernel_size=6, stride=5, padding=5), "the length 91"),
            (dict(kernel_size=5, stride=3, padding=2), "far off"),
            (dict(kernel_size=90), "far off"),
            (dict(kernel_size=500), "the kernel spans 500"),
            (dict(kernel=9, stride=5), "'kernel' is none of the names"),
            (dict(stride=5, padding=2), "`kernel_size` is missing"),
            (dict(kernel_size=9, stride=0), "stride=0"),
            (dict(kernel_size="9", stride=5), "without quotes"),
            (dict(kernel_size=9, stride=5, padding=1.5), "not a whole number"),
            (dict(kernel_size=9, stride=5, padding=-2), "from 0 to"),
            ((9, 5, 2), "a dict is asked for"),
            ([dict(kernel_size=9, stride=5, padding=2)], "a dict is asked for"),
        ],
    ),
    checks.count_stops: Answers(
        right=[
            by_walking,
            lambda L, k, s, p, d: max(0, formula(L, k, s, p, d)),
            lambda L, k, s, p, d: len(range(0, L + 2 * p - d * (k - 1), s)),
        ],
        wrong=[
            (conv_length, "the kernel spans 9 samples"),
            (lambda L, k, s, p, d: max(0, (L + 2 * p - d * (k - 1) - 1) / s + 1), "you return"),
            (lambda *given: 5, UNNAMED),
        ],
    ),
    checks.insert_zeros: Answers(
        right=[
            spread,
            lambda z, s: F.pad(z[..., None], (0, s - 1)).flatten(2)[
                ..., : (z.shape[-1] - 1) * s + 1
            ],
            lambda z, s: F.conv_transpose1d(
                z, torch.ones(z.shape[1], 1, 1).to(z), stride=s, groups=z.shape[1]
            ),
        ],
        wrong=[
            (spread_by_beats, "`len(z)` counts beats"),
            (lambda z, s: spread(z, s).numpy(), "not a ndarray"),
            (lambda z, s: spread(z, s).float(), "torch.float32"),
            (lambda z, s: [1, 0, 2, 0, 3], "the shape (5,)"),
            (lambda z, s: spread(z, s).clamp(min=0), UNNAMED),
        ],
    ),
    checks.output_padding_for_452: Answers(
        right=[3, np.int64(3), 3.0, (452 + 2 * 2 - 8) % 5],
        wrong=[
            (2.5, "not a whole number"),
            (True, "of the type bool"),
            ("3", "without quotes"),
            (7, UNNAMED),
        ],
    ),
    checks.transposed_weights: Answers(
        right=[57_616, np.int64(57_616), 16 * 16 * 225 + 16],
        wrong=[
            ("57616", "without quotes"),
            (50_625, UNNAMED),
        ],
    ),
    checks.three_layers: Answers(
        right=[34, np.int64(34), 34.0],
        wrong=[
            (34.9, "not a whole number"),
            ([224, 75, 34], "the shape (3,)"),
            (40, UNNAMED),
        ],
    ),
}
