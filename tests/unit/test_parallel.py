"""Several processes learn together what one learns alone; two of them in tests/release."""

import os

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributed
from torch.utils.data import DataLoader, TensorDataset

from ecgae_lib.generator import synthetic
from ecgae_lib.losses import beta_loss, reconstruction_loss
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.parallel import DrawsOfTheBatch, share
from ecgae_lib.training import fit, fit_together

X = synthetic(28, signal_length=50)[0].x  # three batches of 9, shared 5 and 4, and one of 1
SHORT = dict(epochs=3, batch_size=9)


def noisy_loss(model, x):
    """A loss that calls parts of the model, with random numbers of its own."""
    x_hat = model.decode(model.encode(x + 0.1 * torch.randn_like(x)))
    return {"loss": (x_hat - x).square().mean(), "largest": x_hat.detach().mean()}


def trainings():
    """Everything that is compared, as {name: (history, weights)}, of this or any process."""
    number = int(os.environ.get("RANK", 0))
    cases = {
        "autoencoder": (Autoencoder, X, reconstruction_loss),
        "VAE": (VAE, TensorDataset(X), beta_loss(0.01)),
        "a loss with noise": (Autoencoder, DataLoader(TensorDataset(X), 9, True), noisy_loss),
    }
    for name, (kind, data, loss) in cases.items():
        torch.manual_seed(number)  # the first process's weights are those of all
        model = kind(50)
        yield name, fit(model, data, loss, **SHORT), [*model.state_dict().values()]
    torch.manual_seed(0)
    models = [VAE(50), VAE(50)]
    history = fit_together(models, X, [0.1, 0.01], **SHORT)
    yield "together", history, [*models[1].state_dict().values()]


@pytest.mark.skipif(not distributed.is_available(), reason="this torch knows no process groups")
def test_a_group_of_one_is_one_bit_for_bit():
    alone = [(history, weights) for _, history, weights in trainings()]
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        for (_, history, weights), expected in zip(trainings(), alone, strict=True):
            assert list(history) == list(expected[0])
            assert all(map(torch.equal, weights, expected[1]))
    finally:
        distributed.destroy_process_group()


@given(B=st.integers(1, 70), processes=st.integers(1, 9))
def test_every_beat_has_its_process_and_every_process_a_beat(B, processes):
    shares = [share(B, number, processes) for number in range(processes)]
    assert all(len(mine) > 0 for mine, _ in shares)
    learnt = torch.cat([mine for mine, weight in shares if weight])
    assert learnt.sort().values.tolist() == list(range(B))
    x = torch.randn(B, 3).double()
    mean = sum(weight * x[mine].mean(0) for mine, weight in shares)
    torch.testing.assert_close(mean, x.mean(0))
    sizes = [len(mine) for mine, weight in shares if weight]
    assert max(sizes) - min(sizes) <= 1


@given(B=st.integers(1, 70), d=st.integers(1, 3), processes=st.integers(1, 9))
def test_the_noise_of_all_processes_is_that_of_one(B, d, processes):
    torch.manual_seed(0)
    whole = torch.randn_like(torch.empty(B, d))
    after = torch.rand(1)
    for number in range(processes):
        mine, _ = share(B, number, processes)
        torch.manual_seed(0)
        with DrawsOfTheBatch(B, mine):
            eps = torch.randn_like(torch.empty(len(mine), d, dtype=torch.float32))
        assert torch.equal(eps, whole[mine]) and torch.equal(torch.rand(1), after)
