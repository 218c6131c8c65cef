"""Several VAEs trained at once: each must end as it would alone."""

from inspect import unwrap

import pytest
import torch

from ecgae_lib import losses, training
from ecgae_lib.generator import synthetic
from ecgae_lib.losses import beta_loss, vae_loss
from ecgae_lib.models import VAE, Autoencoder, LectureVAE
from ecgae_lib.training import fit, fit_together
from tests.unit.trained import same, weights

BETAS = [0.1, 5e-3, 2e-5]
X = synthetic(40, signal_length=50)[0].x.double()
SHORT = dict(epochs=3, batch_size=16)


def new_models(M=3, signal_length=50, latent_dim=2):
    """M models in float64, each with weights of its own."""
    torch.manual_seed(0)
    return [VAE(signal_length, latent_dim).double() for _ in range(M)]


@pytest.mark.parametrize(
    ("signal_length", "latent_dim", "M", "settings"),
    [
        (50, 2, 3, SHORT),
        (77, 1, 2, dict(epochs=2, lr=3e-3, seed=5)),
        (121, 3, 1, dict(epochs=9)),
        *[(50, 2, 3, SHORT | dict(device="cuda"))] * torch.cuda.is_available(),
    ],
)
def test_every_model_learns_what_it_learns_alone(signal_length, latent_dim, M, settings):
    x = synthetic(40, signal_length=signal_length)[0].x.double()
    together, alone = (new_models(M, signal_length, latent_dim) for _ in range(2))
    together[0].eval()  # as a model is that was trained before
    history = fit_together(together, x, BETAS[:M], **settings)
    losses = []
    for mine, model, beta in zip(together, alone, BETAS, strict=False):
        before = weights(model)
        losses.append(fit(model, x, beta_loss(beta), **settings)["loss"])
        torch.testing.assert_close(weights(mine), weights(model), rtol=1e-8, atol=1e-8)
        moved = zip(before, weights(model), strict=True)
        assert not any(torch.allclose(v, w, rtol=1e-3) for v, w in moved)
    assert history["loss"] == pytest.approx([sum(e) for e in zip(*losses, strict=True)])
    assert not history.interrupted


def test_models_come_back_as_their_own_and_ready_for_use():
    models = new_models()
    owned = [[*model.parameters()] for model in models]
    fit_together(models, X, BETAS, **SHORT)
    for model, own in zip(models, owned, strict=True):
        assert all(p is q for p, q in zip(model.parameters(), own, strict=True))
        assert all(p.untyped_storage().nbytes() == p.nbytes for p in own)  # shared with nobody
        assert all(p.requires_grad and p.is_leaf and p.grad is None for p in own)
        assert {(p.dtype, p.device.type) for p in own} == {(torch.float64, "cpu")}
        assert not any(layer.training for layer in model.modules())


def test_what_is_frozen_stays_frozen():
    models = new_models()
    for model in models:
        model.start_from(X)
        model.decoder.requires_grad_(False)
    before = [weights(model.decoder) for model in models]
    fit_together(models, X, BETAS, **SHORT)
    assert all(same(weights(m.decoder), w) for m, w in zip(models, before, strict=True))
    assert {p.requires_grad for m in models for p in m.decoder.parameters()} == {False}
    assert all(p.requires_grad for m in models for p in m.encoder.parameters())


def test_after_every_epoch_the_models_can_be_looked_at():
    models, seen = new_models(), []
    fit_together(models, X, BETAS, on_epoch=lambda m: seen.append((m, weights(m[1]))), **SHORT)
    assert len(seen) == 3 and all(m is models for m, _ in seen)
    assert not same(seen[0][1], seen[1][1]) and same(seen[2][1], weights(models[1]))


def stopping(monkeypatch, step, error):
    """From that step on the loss is NaN, or Ctrl-C comes."""
    steps = iter(range(100))

    def spoilt(*given):
        late = next(steps) >= step
        if late and error is KeyboardInterrupt:
            raise error
        return [figure * (torch.nan if late else 1) for figure in unwrap(vae_loss)(*given)]

    monkeypatch.setattr(training, "vae_loss", spoilt)
    monkeypatch.setattr(losses, "vae_loss", spoilt)


@pytest.mark.parametrize("step", [0, 4])
@pytest.mark.parametrize("error", [KeyboardInterrupt, FloatingPointError])
def test_stopped_in_the_middle_the_models_have_what_they_learnt(step, error, monkeypatch):
    (alone,), models = new_models(1), new_models(1)
    stopping(monkeypatch, step, error)
    if error is KeyboardInterrupt:
        assert fit_together(models, X, [0.1], **SHORT).interrupted
        stopping(monkeypatch, step, error)
        fit(alone, X, beta_loss(0.1), **SHORT)
    else:
        with pytest.raises(error, match=f"nan at step {step}: try a lower lr"):
            fit_together(models, X, [0.1], **SHORT)
        stopping(monkeypatch, step, error)
        with pytest.raises(error):
            fit(alone, X, beta_loss(0.1), **SHORT)
    torch.testing.assert_close(weights(models[0]), weights(alone), rtol=1e-8, atol=1e-8)
    (started,) = new_models(1)
    started.start_from(X)
    assert same(weights(models[0]), weights(started)) == (step == 0)
    assert not models[0].training


ONE = VAE(50)
REFUSED = [
    ([], [], TypeError, "models: none; expected one or more of VAE"),
    ([LectureVAE(50, copies=2)], [1], TypeError, "models: LectureVAE; expected"),
    ([VAE(50), Autoencoder(50)], [1, 1], TypeError, "models: VAE, Autoencoder; expected"),
    ([ONE, ONE], [1, 1], ValueError, "two models share weights: make M of them"),
    ([VAE(50), VAE(100)], [1, 1], ValueError, "the models differ: give all the same signal"),
    ([VAE(450), VAE(451)], [1, 1], ValueError, "the models differ"),  # by output_padding alone
    ([VAE(50, 2), VAE(50, 3)], [1, 1], ValueError, "the models differ"),
    ([VAE(50), VAE(50).double()], [1, 1], ValueError, "the models differ"),
    ([VAE(50), VAE(50).requires_grad_(False)], [1, 1], ValueError, "the models differ"),
    (new_models(), [1, 1], ValueError, r"betas has shape \(2,\): .*\(3\)"),
]


@pytest.mark.parametrize(("models", "betas", "error", "message"), REFUSED)
def test_what_cannot_be_trained_together_is_refused(models, betas, error, message):
    before = [weights(model) for model in models]
    with pytest.raises(error, match=message):
        fit_together(models, X, betas)
    assert all(same(weights(m), w) for m, w in zip(models, before, strict=True))
    assert all(model.training for model in models)


@pytest.mark.parametrize(
    ("x", "message"), [(X[:0], r"\(0, 1, 50\): expected"), (X * torch.nan, "NaN or infinity")]
)
def test_signals_that_nothing_can_be_learnt_from(x, message):
    models = new_models()
    with pytest.raises(ValueError, match=message):
        fit_together(models, x, BETAS)
    assert all(same(weights(a), weights(b)) for a, b in zip(models, new_models(), strict=True))
