"""ELBO, importance-weighted bound and evidence, where torch.distributions knows them in full.

A decoder that is linear, x = W z + b + noise, makes x a Gaussian and so the true posterior.
"""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import LowRankMultivariateNormal, MultivariateNormal, Normal
from torch.distributions import kl_divergence as divergence

from ecgae_lib.evidence import (
    elbo,
    importance_weighted_bound,
    log_evidence_grid,
    log_joint_grid,
    log_likelihood,
)
from ecgae_lib.losses import best_beta, noise_variance
from ecgae_lib.models import VAE, Variational

L = 8


@pytest.fixture(autouse=True)
def same_draws():
    torch.manual_seed(0)


class Linear(Variational):
    """A VAE that knows its posterior.  q(z|x) is as wide and lies where the posterior does,
    but for its correlation, and but for what `shift` and `widen` (a factor) change.
    """

    def __init__(self, W, variance=0.5, shift=0.0, widen=1.0):
        super().__init__()
        self.W = nn.Parameter(W)  # (L, d)
        self.b = nn.Parameter(torch.linspace(-1, 2, len(W), dtype=W.dtype))
        self.shift = nn.Parameter(torch.full_like(W[0], shift))
        self.widen = nn.Parameter(torch.full_like(W[0], widen))
        self.variance, self.beta = variance, best_beta(variance, len(W))

    def posterior(self, x):
        precision = torch.eye(self.W.size(1)).to(self.W) + self.W.T @ self.W / self.variance
        mean = (x[:, 0] - self.b) @ self.W / self.variance @ precision.inverse()
        return MultivariateNormal(mean, precision_matrix=precision)

    def evidence(self, x):
        noise = torch.full_like(self.b, self.variance)
        return LowRankMultivariateNormal(self.b, self.W, noise).log_prob(x[:, 0])

    def encode(self, x):
        true = self.posterior(x)
        return true.mean + self.shift, (true.variance * self.widen**2).log()

    def q(self, x):
        mu, logvar = self.encode(x)
        return MultivariateNormal(mu, logvar.exp().diag_embed())

    def decode(self, z):
        return (z @ self.W.T + self.b).unsqueeze(1)  # (B, 1, L)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def axis_aligned(latent_dim=2, size=1.0, seed=0):
    """W whose columns are orthogonal and of different lengths, so that W'W is diagonal."""
    columns, _ = torch.linalg.qr(random(L, latent_dim, seed=seed))
    return columns * size * torch.arange(1, latent_dim + 1)


def beats(B, seed=1):
    return 1.5 * random(B, 1, L, seed=seed)


def close(actual, true, tolerance=1e-10):
    torch.testing.assert_close(actual, true, rtol=tolerance, atol=tolerance)


def agree(draws, true):
    """Whether every mean lies within five standard errors, which are small."""
    error = draws.std(dim=0) / len(draws) ** 0.5
    assert (error < 0.05).all()
    return ((draws.mean(dim=0) - true).abs() <= 5 * error).all()


def elbos(model, x, n):
    """n draws of the ELBO of every beat, (n, B)."""
    many = x.expand(n, *x.shape).flatten(0, 1)
    return elbo(model, many, model.beta).unflatten(0, (n, len(x))).detach()


@given(st.lists(st.integers(1, 4), max_size=3), st.integers(1, 9), st.floats(1e-4, 1e3))
def test_log_likelihood_is_that_of_torch_distributions(leading, length, variance):
    """With any number of drawings of the same beats."""
    x_recon, x = random(*leading, 3, 1, length), random(3, 1, length)
    ours = log_likelihood(x_recon, x, variance)
    assert ours.shape == (*leading, 3)
    close(ours, Normal(x_recon, variance**0.5).log_prob(x).sum((-2, -1)))


# q is the true posterior: both bounds are log p(x), whatever is drawn


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
@pytest.mark.parametrize("variance", [0.01, 0.5, 3.0])
def test_with_the_true_posterior_every_draw_is_the_evidence(latent_dim, variance):
    """Exactly, for the weights p(x, z) / q(z|x); the ELBO's KL is already averaged over z."""
    model, x = Linear(axis_aligned(latent_dim), variance), beats(6)
    close(model.q(x).covariance_matrix, model.posterior(x).covariance_matrix)
    for k in (1, 2, 50):
        close(importance_weighted_bound(model, x, k, model.beta), model.evidence(x))
    assert agree(elbos(model, x, 20_000), model.evidence(x))


WRONG = {  # here the ELBO misses KL(q || posterior)
    "shifted": Linear(axis_aligned(), shift=0.4),
    "too narrow": Linear(axis_aligned(), widen=0.5),
    "too wide": Linear(axis_aligned(), widen=1.5),
    "not correlated": Linear(random(L, 2) + random(L, 1, seed=5)),
    "all of it, 3 latents": Linear(random(L, 3), shift=-0.2, widen=0.8),
}
wrong = pytest.mark.parametrize("model", WRONG.values(), ids=WRONG)


@wrong
def test_the_elbo_misses_the_divergence_of_q_from_the_posterior(model):
    x = beats(4)
    gap = divergence(model.q(x), model.posterior(x))
    assert (gap > 0.05).all()
    assert agree(elbos(model, x, 20_000), model.evidence(x) - gap)


@wrong
@pytest.mark.parametrize("k", [1, 3, 10])
def test_the_bound_is_the_mean_of_the_weights(model, k):
    """Added up by torch.distributions from the same draws."""
    x, q = beats(5), model.q(beats(5))
    torch.manual_seed(3)
    ours = importance_weighted_bound(model, x, k, model.beta)
    torch.manual_seed(3)
    z = Normal(q.mean, q.variance.sqrt()).rsample((k,))
    noise = Normal((z @ model.W.T + model.b), model.variance**0.5)
    log_weights = noise.log_prob(x[:, 0]).sum(-1) + Normal(0.0, 1.0).log_prob(z).sum(-1)
    log_weights = log_weights - q.log_prob(z)
    assert ours.shape == (5,)
    close(ours, log_weights.exp().mean(dim=0).log())


def test_far_away_weights_do_not_overflow():
    model, x = Linear(axis_aligned(), 1e-3, shift=0.1), 100 * beats(3)
    bound = importance_weighted_bound(model, x, 5, model.beta)
    assert (bound < -1e4).all() and (bound <= model.evidence(x)).all()


@pytest.mark.parametrize("bound", [elbo, partial(importance_weighted_bound, k=3)])
def test_both_bounds_can_be_learnt_from(bound):
    """Autograd against finite differences, through decoder, mean and width of q."""
    model, x = Linear(random(L, 2), shift=0.3, widen=0.7), beats(2)

    def of(*_):  # of the parameters, which gradcheck changes in place
        torch.manual_seed(0)
        return bound(model, x, beta=model.beta)

    assert torch.autograd.gradcheck(of, tuple(model.parameters()))


# the grid


def test_the_grid_holds_the_joint_density():
    """log p(x, z) at every point; the second index is z_1, the third z_2."""
    model, x = Linear(random(L, 2), 0.3), beats(3)
    axis, log_joint = log_joint_grid(model, x, model.beta, reach=2.0, step=0.25)
    close(axis, torch.linspace(-2, 2, 17).double())
    assert log_joint.shape == (3, 17, 17) and log_joint.dtype == torch.float64
    for i, z_1 in enumerate(axis):
        for j, z_2 in enumerate(axis[: i + 1]):
            z = torch.stack([z_1, z_2])
            noise = Normal(model.decode(z[None]), 0.3**0.5)
            true = noise.log_prob(x).sum((1, 2)) + Normal(0.0, 1.0).log_prob(z).sum()
            close(log_joint[:, i, j], true)


@given(st.integers(0, 10**6), st.floats(0.02, 5), st.floats(0.3, 1), st.floats(0.03, 0.3))
@settings(max_examples=20)
def test_the_stated_error_bounds_the_true_one(seed, variance, size, step):
    """Where the step is no larger than the posterior is narrow."""
    model, x = Linear(size * random(L, 2, seed=seed), variance), size * beats(3, seed=seed + 1)
    narrowest = torch.linalg.eigvalsh(model.posterior(x).covariance_matrix).amin() ** 0.5
    assume(step <= narrowest)
    log_p, error = log_evidence_grid(model, x, model.beta, step=step)
    assert not log_p.requires_grad and not error.requires_grad
    true = model.evidence(x)
    assert log_p.shape == error.shape == (3,) and (error >= 0).all()
    assert ((log_p - true).abs() <= error + 1e-10 * (1 + true.abs())).all()


def test_a_step_that_is_too_coarse_is_seen_in_the_error():
    model, x = Linear(axis_aligned(size=2.0), 0.01), beats(9)  # posterior: 0.05 x 0.025
    fine, coarse = (log_evidence_grid(model, x, model.beta, step=s)[1] for s in (0.02, 0.2))
    assert (fine < 0.05).all() and (coarse > 0.05).all() and coarse.median() > 1


@pytest.mark.parametrize("reach", [2.0, 3.0, 4.0])
def test_a_posterior_beyond_the_grid_is_seen_in_the_error(reach):
    """It lies at z = (4, 0), about 0.3 wide."""
    model = Linear(axis_aligned(), 0.1)
    x = (model.W[:, 0] * 4.4 + model.b).detach()[None, None]
    close(model.posterior(x).mean, torch.tensor([[4.0, 0.0]]).double())
    log_p, error = log_evidence_grid(model, x, model.beta, reach=reach)
    assert error > 0.5 and log_p < model.evidence(x) - 0.5
    log_p, error = log_evidence_grid(model, x, model.beta)
    assert error < 0.01  # the outer twelfth begins at z = 5
    close(log_p, model.evidence(x), 1e-6)


def test_the_evidence_of_a_decoder_that_is_not_linear():
    """A VAE's, by Gauss-Hermite quadrature over the prior, in float32 as it is trained."""
    torch.manual_seed(0)
    model, x = VAE(50), 0.5 * random(6, 1, 50).float()
    model.decoder[-1].weight.data *= 20  # curves that z can bend
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    z = torch.cartesian_prod(*[torch.tensor(nodes)] * 2)
    log_w = torch.cartesian_prod(*[torch.tensor(weights).log()] * 2).sum(1) - np.log(2 * np.pi)
    with torch.no_grad():
        x_recon = model.decode(z.float()).double()
    noise = Normal(x_recon, noise_variance(0.005, 50) ** 0.5)
    log_p_x = noise.log_prob(x[:, None].double()).sum((2, 3))  # (6, 3600)
    assert log_p_x.std() > 1
    ours, error = log_evidence_grid(model, x)
    assert ours.dtype == torch.float64 and (error < 1e-4).all()
    close(ours, (log_p_x + log_w).logsumexp(dim=1), 1e-5)


# what cannot be answered


BOUNDS = [elbo, partial(importance_weighted_bound, k=2), log_joint_grid, log_evidence_grid]
GRIDS = BOUNDS[2:]


def with_value(value):
    x = beats(3)
    x[1, 0, 5] = value
    return x


REFUSED = [
    (BOUNDS, dict(x=with_value(torch.nan)), "hold NaN or infinity .*: leave these beats out"),
    (BOUNDS, dict(x=with_value(torch.inf)), "hold NaN or infinity"),
    (BOUNDS, dict(x=beats(3)[:0]), r"x has shape \(0, 1, 8\): expected"),
    (BOUNDS, dict(x=beats(3)[:, 0]), r"x has shape \(3, 8\): expected .*\(N, 1, L\)"),
    *[(BOUNDS, dict(beta=beta), f"beta={beta}: expected more than 0")
      for beta in (0, -0.005, torch.nan, torch.inf)],
    *[([importance_weighted_bound], dict(k=k), f"k={k}: expected at least 1")
      for k in (0, -3)],
    *[(GRIDS, dict(model=Linear(axis_aligned(d))), f"the model has {d} latents: .* give 2")
      for d in (1, 3)],
    *[(GRIDS, dict(reach=reach), f"reach={reach}: expected") for reach in (-6, torch.inf)],
    *[(GRIDS, dict(step=step), f"step={step}: expected") for step in (0, -0.1, torch.nan)],
    (GRIDS, dict(reach=6, step=2), "reach=6, step=2: expected a step from reach / 1000"),
]  # fmt: skip


@pytest.mark.parametrize(("bounds", "changes", "message"), REFUSED)
def test_what_has_no_likelihood_is_refused(bounds, changes, message):
    for bound in bounds:
        with pytest.raises(ValueError, match=message):
            bound(**(dict(model=Linear(axis_aligned()), x=beats(2), beta=0.1) | changes))
