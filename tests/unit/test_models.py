"""The lecture's models against the lecture's own code, and those that keep position."""

import pytest
import torch
from torch import nn

from ecgae_lib.beats import record_208, split
from ecgae_lib.losses import beta_loss, reconstruction_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE, Variational
from ecgae_lib.scores import pca_error
from ecgae_lib.training import fit
from tests.unit import lecture_code


@pytest.fixture(scope="module")
def parts():
    return split(record_208())


def seeded(function, *arguments, seed=1):
    torch.manual_seed(seed)
    return function(*arguments)


def gradients(model, x):
    model.zero_grad()
    nn.functional.mse_loss(seeded(model, x)[0], x).backward()
    return {name: weight.grad for name, weight in model.named_parameters()}


# the lecture's models


PAIRS = [
    (LectureAutoencoder, lecture_code.Autoencoder, {}),
    *[(LectureVAE, lecture_code.VAE, dict(latent_dim=d)) for d in (1, 2, 8)],
]
every_pair = pytest.mark.parametrize("kinds", PAIRS, ids=lambda k: f"{k[0].__name__} {k[2]}")


def pair(kinds, dtype=torch.float32, **more):
    """The lecture's own model and ours with the same weights and lived-in running averages."""
    ours, theirs, latent = kinds
    theirs = seeded(theirs, 450, *latent.values())
    theirs(torch.randn(16, 1, 450))
    ours = ours(450, **latent, **more)
    ours.load_state_dict(theirs.state_dict())
    return theirs.to(dtype), ours.to(dtype)


@pytest.mark.parametrize("train", [False, True])
@every_pair
def test_the_lecture_s_form_is_the_lecture_s_code(parts, train, kinds):
    theirs, ours = (model.train(train) for model in pair(kinds))
    x = parts[0].x[:4]
    with torch.no_grad():
        for mine, true in zip(seeded(ours, x), seeded(theirs, x), strict=True):
            assert torch.equal(mine, true)


@every_pair
def test_weights_load_both_ways(kinds):
    """And one seed makes the same weights, because the layers are made in the same order."""
    kind, original, latent = kinds
    theirs, ours = seeded(original, 450, *latent.values()), seeded(lambda: kind(450, **latent))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name
    theirs.load_state_dict(kind(450, **latent, copies=2).state_dict())


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize("kinds", PAIRS[::2])
def test_two_copies_do_what_225_do(parts, dtype, tolerance, kinds):
    theirs, ours = pair(kinds, dtype, copies=2)
    assert ours.copies == 2 and kinds[0](450).copies == 225
    x = parts[0].x[:8].to(dtype)
    for mine, true in zip(seeded(ours, x), seeded(theirs, x), strict=True):
        assert torch.allclose(mine, true, rtol=0, atol=tolerance)
    mine, true = gradients(ours, x), gradients(theirs, x)
    scale = max(gradient.abs().max() for gradient in true.values())
    assert scale > 1e-3
    for name in true:
        assert torch.allclose(mine[name], true[name], rtol=0, atol=10 * tolerance * scale), name


@pytest.mark.parametrize("copies", [None, 2, 3])
@pytest.mark.parametrize("kind", [LectureAutoencoder, LectureVAE])
def test_the_lecture_s_model_fits_or_says_why_not(kind, copies):
    """Every length from 1 to 120: the exact shape, or a ValueError that names what is wrong."""
    refused = []
    for length in range(1, 121):
        try:
            model = kind(length, copies=copies)
        except ValueError as error:
            named = f"signal_length={length}" if length < 4 else f"copies={copies or length // 2}"
            assert named in str(error)
            refused.append(length)
        else:
            x_recon, *codes = model(torch.zeros(2, 1, length))
            assert x_recon.shape == (2, 1, length)
            assert {code.shape for code in codes} == {(2, 2)}
    odd = range(5, 121, 2)
    assert refused == [1, 2, 3, *{None: [5], 2: odd, 3: []}[copies]]


def test_too_few_copies_and_how_many_it_takes():
    with pytest.raises(
        ValueError, match="copies=2: expected at least 3, to fill signal_length=449"
    ):
        LectureAutoencoder(449, copies=2)
    assert LectureAutoencoder(449, copies=3).copies == 3


# those that keep position


@pytest.mark.parametrize(("kind", "step"), [(Autoencoder, 1), (VAE, 3)])
def test_the_improved_model_meets_every_length(kind, step):
    """Steps of 3 visit every remainder of the two strides of 5."""
    for length in range(25, 701, step):
        latent_dim = (1, 2, 8)[length % 7 % 3]
        x_hat, *codes = kind(length, latent_dim)(torch.zeros(1, 1, length))
        assert x_hat.shape == (1, 1, length)
        assert {code.shape for code in codes} == {(1, latent_dim)}


@pytest.mark.parametrize("length", [-1, 0, 1, 24])
@pytest.mark.parametrize("kind", [Autoencoder, VAE])
def test_the_improved_model_says_what_is_too_short(kind, length):
    with pytest.raises(ValueError, match=f"signal_length={length}: .* at least 25"):
        kind(length)


def bump(start):
    x = torch.zeros(1, 1, 450)
    x[..., start : start + 40] = torch.hann_window(40)
    return x


def heads(model, x):
    """z, or mu and logvar."""
    code = model.encode(x)
    return code if isinstance(code, tuple) else (code,)


def close(a, b):
    return torch.allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("kinds", [(LectureAutoencoder, Autoencoder), (LectureVAE, VAE)])
def test_who_sees_position(kinds):
    """36 samples are two steps of the lecture's encoder, whose average forgets them."""
    lecture, ours = (seeded(kind, 450, seed=0).eval() for kind in kinds)
    with torch.no_grad():
        for start in range(90, 270, 30):
            here, there = bump(start), bump(start + 36)
            same, other, none = (heads(lecture, x) for x in (here, there, 0 * here))
            torch.testing.assert_close(same, other, rtol=0, atol=1e-6)
            assert not any(map(close, same, none))
            assert not any(map(close, heads(ours, here), heads(ours, there)))


def test_the_improved_model_beats_pca_on_a_real_record(parts):
    """With another seed than lesson 4 has."""
    train, test = parts
    model = seeded(Autoencoder, 450, seed=1)
    fit(model, train.x, seed=1)
    with torch.no_grad():
        error = nn.functional.mse_loss(model(test.x)[0], test.x).item()
    pca = pca_error(2, train.x[:, 0].numpy(), test.x[:, 0].numpy())
    assert 0.0080 < pca < 0.0090
    assert error <= 0.0065 < pca


# what every model promises


VAES = [
    kind(450, latent_dim, **more)
    for kind, more in ((VAE, {}), (LectureVAE, dict(copies=2)))
    for latent_dim in (1, 2, 8)
]
AUTOENCODERS = [
    *[LectureAutoencoder(450, copies) for copies in (None, 2)],
    *[Autoencoder(450, latent_dim) for latent_dim in (1, 2, 8)],
]
one_of_each = pytest.mark.parametrize("model", VAES[1::3], ids=["VAE", "LectureVAE"])


@pytest.mark.parametrize("model", AUTOENCODERS + VAES)
def test_the_contract(model, parts):
    x = parts[0].x[:5]
    with torch.no_grad():
        x_hat, *codes, z = seeded(model.eval(), x)
        assert x_hat.shape == x.shape and z.ndim == 2 and torch.equal(x_hat, model.decode(z))
        assert len(x_hat.unique(dim=0)) == 5  # the output depends on the input
        if not isinstance(model, Variational):
            assert torch.equal(z, model.encode(x))
            return
        for mine, true in zip(codes, model.encode(x), strict=True):
            assert torch.equal(mine, true) and len(mine.unique(dim=0)) == 5
        assert not torch.allclose(*codes)
        assert torch.equal(z, seeded(model.reparameterize, *codes))
        assert not torch.equal(z, model(x)[-1])  # in evaluation mode, too, z is drawn anew


def gaussians(*shape):
    """mu and logvar in float64, which want a gradient."""
    generator = torch.Generator().manual_seed(5)
    mu, logvar = 2 * torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    return mu.requires_grad_(), logvar.requires_grad_()


@one_of_each
@pytest.mark.parametrize("shape", [(1, 1), (7, 2), (3, 8)])
def test_z_is_mu_plus_sigma_eps(model, shape):
    """dz/dmu = 1 and dz/dlogvar = sigma eps / 2, each z on its own mu and logvar."""
    mu, logvar = gaussians(*shape)
    z = seeded(model.reparameterize, mu, logvar)
    eps = seeded(lambda: torch.randn(shape, dtype=torch.float64))
    weight, sigma = torch.randn(shape, dtype=torch.float64), logvar.detach().exp().sqrt()
    (weight * z).sum().backward()
    expected = mu + sigma * eps, weight, weight * sigma * eps / 2
    torch.testing.assert_close((z, mu.grad, logvar.grad), expected, rtol=1e-12, atol=1e-12)


@one_of_each
def test_every_weight_of_a_vae_learns_from_its_reconstruction(model, parts):
    """The draw does not stop the gradient: the reconstruction alone reaches mu and logvar."""
    for name, gradient in gradients(model.train(), parts[0].x[:8]).items():
        assert gradient is not None and torch.isfinite(gradient).all(), name
        assert name.startswith("encoder.") or gradient.abs().max() > 0, name
    assert model.encoder[0].weight.grad.abs().max() > 0


# the mean beat and one scale


@pytest.mark.parametrize("kind", [Autoencoder, VAE])
def test_a_model_starts_from_the_mean_beat(parts, kind):
    """Whatever z is, what it draws is the mean beat, and its error the variance of the beats."""
    x, model = parts[0].x, seeded(kind, 450).eval()
    model.start_from(x)
    drawn = model.decode(torch.randn(5, 2))
    torch.testing.assert_close(drawn, x.mean(dim=0).expand(5, 1, 450))
    torch.testing.assert_close(model.scale[0] ** 2, x.var(dim=0, correction=0).mean())
    seen = model.standardize(x)
    assert abs(seen.mean()) < 1e-4 and abs(seen.square().mean() - 1) < 1e-4
    torch.testing.assert_close(model.restore(seen), x)


@pytest.mark.parametrize("kind", [Autoencoder, VAE])
def test_the_start_is_made_once_and_travels_with_the_weights(parts, kind):
    (train, test), model = parts, seeded(kind, 450)
    loss = reconstruction_loss if kind is Autoencoder else beta_loss(0.005)
    fit(model, train.x[:64], loss, epochs=1)
    first = {name: value.clone() for name, value in model.named_buffers()}
    assert set(first) == {"mean_beat", "scale"}
    fit(model, 3 * test.x, loss, epochs=1)
    other = seeded(kind, 450, seed=2)
    other.load_state_dict(model.state_dict())
    for name, value in other.named_buffers():
        assert torch.equal(value, first[name]) and not value.requires_grad
    z = torch.randn(3, 2)
    assert torch.equal(other.eval().decode(z), model.eval().decode(z))


def test_units_do_not_matter(parts):
    """The same beats in microvolts and moved by 5 mV: the same training, scaled."""
    x, errors = parts[0].x[:64].double(), []
    for scale, shift in ((1, 0), (1000, 0), (1, 5)):
        model = seeded(Autoencoder, 450).double()
        given = scale * x + shift
        fit(model, given, epochs=4, batch_size=16)
        with torch.no_grad():
            errors.append(float((model(given)[0] - given).square().mean()) / scale**2)
    assert errors == pytest.approx([errors[0]] * 3, rel=1e-2)


def test_one_beat_alone_has_no_scale(parts):
    model = seeded(Autoencoder, 450)
    fit(model, parts[0].x[:1], epochs=1)
    assert model.scale == 1 and torch.isfinite(model(parts[1].x)[0]).all()
