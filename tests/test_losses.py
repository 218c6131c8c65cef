"""The loss against numpy."""

import numpy as np
import pytest
import torch

from ecgae_lib.losses import reconstruction_loss


@pytest.mark.parametrize("extras", [0, 1, 3])
def test_reconstruction_loss_is_the_mean_squared_error(extras):
    """For every model that returns the reconstruction first, whatever else it returns."""
    rng = np.random.default_rng(0)
    x, x_hat = rng.normal(2, 3, (2, 5, 1, 7))
    model = lambda x: (torch.tensor(x_hat), *[None] * extras)  # noqa: E731
    figures = reconstruction_loss(model, torch.tensor(x))
    assert list(figures) == ["loss"] and figures["loss"].shape == ()
    assert figures["loss"].item() == pytest.approx(np.mean((x - x_hat) ** 2), rel=1e-12)


def test_reconstruction_loss_can_be_learnt_from():
    gain = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor([[[1.0, 2.0]]])
    reconstruction_loss(lambda x: (gain * x, None), x)["loss"].backward()
    assert gain.grad.item() == pytest.approx(2 * (3 - 1) * np.mean([1, 4]))
