"""Checks of notebook 7: the evidence."""

import numpy as np
import torch
from torch.distributions import Normal

from ecgae_lib.checks.exercise import exercise, filled


@exercise("To be told.")
def bound_from(bound):
    """A function from log weights (k, B) to the importance-weighted bound (B,)."""
    rng = torch.Generator().manual_seed(0)
    for k, level in ((1, 0), (4, 0), (7, -5000)):
        log_weights = level + 3 * torch.randn(k, 3, generator=rng).double()
        answer = torch.as_tensor(filled(bound(log_weights.clone())), dtype=torch.float64)
        given = f"for log weights of shape ({k}, 3) around {level}"
        if answer.shape != (3,):
            return f"{given} you return the shape {tuple(answer.shape)}, not (3,): one per beat"
        expected = level + np.log((log_weights - level).exp().numpy().mean(axis=0))
        if not torch.isfinite(answer).all():
            return f"{given} you return {answer.numpy()}: such weights are too small for a float"
        apart = np.abs(answer.numpy() - expected)
        if apart.max() > 2e-3:
            return f"{given} you are off by {apart.max():.4g} for beat {apart.argmax()}"


@exercise("To be told.")
def posterior_mean(mean):
    """A function (axis, log_joint): the mean of the true posterior of every beat."""
    axis = torch.linspace(-4, 4, 81).double()
    middles = torch.tensor([[0.5, -1.0], [-1.5, 0.0]]).double()
    lumps = Normal(middles[:, :, None], torch.tensor([0.4, 0.3]).double()[:, None]).log_prob(axis)
    narrow = lumps[:, 0, :, None] + lumps[:, 1, None, :] - 3000  # (2, n, n)
    slope = torch.tensor([1.0, -1.0]).double()[:, None, None] * axis[:, None]  # lopsided
    for log_joint in (narrow, torch.logaddexp(narrow, narrow.flip(1) + slope)):
        p = log_joint.flatten(1).softmax(dim=1).view_as(log_joint)
        expected = torch.stack([p.sum(dim=2) @ axis, p.sum(dim=1) @ axis], dim=1)
        answer = torch.as_tensor(filled(mean(axis.clone(), log_joint.clone()))).double()
        if answer.shape != (2, 2):
            return f"for 2 beats the shape is {tuple(answer.shape)}, not (2, 2): a point per beat"
        if not torch.isfinite(answer).all():
            return "you return NaN or infinity: exp(-3000) is 0, so normalise the logarithms first"
        if torch.allclose(answer, expected.flip(1), atol=1e-3):
            return "the two axes are swapped: the second index of log_joint belongs to z_1"
        if not torch.allclose(answer, expected, atol=1e-3):
            return wrong_point(answer[0], expected[0], log_joint[0], axis)


def wrong_point(answer, expected, log_joint, axis):
    """Say where the mean is, and what the answer is instead."""
    row, column = divmod(int(log_joint.argmax()), len(axis))
    said = f"({answer[0]:.2f}, {answer[1]:.2f})"
    if torch.allclose(answer, torch.stack([axis[row], axis[column]]), atol=1e-3):
        return f"{said} is where the density is largest; the mean lies elsewhere"
    if answer.norm() > 6:
        return f"{said} lies outside the grid: do the weights of the points add up to 1?"
    return f"{said} is not the mean of the first beat: weigh every grid point by its probability"
