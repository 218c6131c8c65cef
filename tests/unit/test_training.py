"""The training loop: what it learns from, what it repeats, how it stops."""

import inspect
import signal
import sys

import numpy as np
import pytest
import torch

from ecgae_lib import batches, interrupts, training
from ecgae_lib.generator import synthetic
from ecgae_lib.losses import reconstruction_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder
from ecgae_lib.training import History, fit, fit_together
from tests.unit.trained import new_model, noisy_loss, same, weights

BEATS, _ = synthetic(40, signal_length=50)
X = BEATS.x


def trained(seed=0, **settings):
    model = new_model()
    history = fit(model, X, seed=seed, **(dict(epochs=3, batch_size=16) | settings))
    return weights(model), history


class Watched:
    """reconstruction_loss that keeps each batch, and the weights and lr it was asked about."""

    def __init__(self, fail=lambda steps: 1):
        self.batches, self.weights, self.fail = [], [], fail

    def __call__(self, model, x):
        self.batches.append(x.clone())
        self.weights.append(weights(model))
        return {"loss": reconstruction_loss(model, x)["loss"] * self.fail(len(self.batches))}


@pytest.mark.parametrize("loss", [reconstruction_loss, noisy_loss])
def test_the_seed_fixes_order_and_every_random_number(loss):
    (a, first), (b, second), (c, _) = (trained(seed=seed, loss=loss) for seed in (4, 4, 5))
    assert same(a, b) and first["loss"] == second["loss"]
    assert not same(a, c)


def test_the_reader_s_own_random_stream_goes_on_untouched():
    model = new_model()
    torch.manual_seed(123)
    expected = torch.rand(5)
    torch.manual_seed(123)
    fit(model, X, epochs=1, loss=noisy_loss)
    assert torch.equal(torch.rand(5), expected)


def test_every_epoch_is_one_pass_in_a_new_order_and_nothing_but_signals_enters():
    watched = Watched()
    fit(new_model(), X, loss=watched, epochs=2, batch_size=16)
    assert [len(batch) for batch in watched.batches] == [16, 16, 8] * 2
    epochs = torch.cat(watched.batches[:3]), torch.cat(watched.batches[3:])
    for seen in epochs:
        assert not torch.equal(seen, X)
        assert torch.equal(seen.flatten(1).unique(dim=0), X.flatten(1).unique(dim=0))
    assert not torch.equal(*epochs)
    assert not {"y", "labels", "targets"} & set(inspect.signature(fit).parameters)


@pytest.mark.parametrize("kind", [Autoencoder, LectureAutoencoder])
def test_the_loop_is_plain_adam_in_one_cycle(kind):
    model, plain = new_model(kind).eval(), new_model(kind).train()  # fit starts to train again
    history = fit(model, X, epochs=3, batch_size=16, lr=3e-3, seed=9)
    if kind is Autoencoder:
        plain.start_from(X)
    optimizer = torch.optim.Adam(plain.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, epochs=3, steps_per_epoch=3)
    losses = []
    torch.manual_seed(9)
    for _ in range(3):
        losses.append([])
        for batch in X[torch.randperm(len(X))].split(16):
            optimizer.zero_grad()
            loss = ((plain(batch)[0] - batch) ** 2).mean()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses[-1].append(loss.item())
    torch.testing.assert_close(weights(model), weights(plain), rtol=1e-5, atol=1e-7)
    assert history["loss"] == pytest.approx([np.mean(epoch) for epoch in losses], rel=1e-5)


@pytest.mark.parametrize(("step", "finished"), [(1, 0), (3, 0), (4, 1), (8, 2)])
def test_ctrl_c_keeps_the_model_and_the_history(step, finished):
    def interrupt(steps):
        if steps == step:
            raise KeyboardInterrupt
        return 1

    watched, model = Watched(interrupt), new_model()
    history = fit(model, X, loss=watched, epochs=5, batch_size=16)
    assert history.interrupted and len(history) == finished
    assert same(weights(model), watched.weights[-1]) and not model.training
    assert ("interrupted" in repr(history)) == (finished > 0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops_before_the_step(value):
    watched, model = Watched(lambda steps: value if steps == 5 else 1), new_model()
    message = f"loss is {value} at step 4: try a lower lr"
    with pytest.raises(FloatingPointError, match=message) as error:
        fit(model, X, loss=watched, epochs=3, batch_size=16)
    assert isinstance(error.value.history, History) and len(error.value.history) == 1
    *_, last, now = watched.weights
    assert same(weights(model), now) and not same(now, last)
    assert not model.training


def x_with(value):
    x = X.clone()
    x[3, 0, 7] = value
    return x


@pytest.mark.parametrize(
    ("x", "settings", "error", "message"),
    [
        (x_with(torch.nan), {}, ValueError, "NaN or infinity"),
        (x_with(torch.inf), {}, ValueError, "NaN or infinity"),
        (X[:0], {}, ValueError, r"\(0, 1, 50\): expected .*\(N, 1, L\)"),
        (X[:, 0], {}, ValueError, r"\(40, 50\): expected .*\(N, 1, L\)"),
        (X.long(), {}, TypeError, "x is torch.int64: .*float tensor"),
        (X.numpy(), {}, TypeError, "x is ndarray: .*float tensor"),
        (BEATS, {}, TypeError, "x is Beats: .*float tensor"),
        *[
            (X, {name: value}, ValueError, f"{name}={value}: expected {bound}")
            for name, bound, *values in (
                ("epochs", "at least 1", 0, -3),
                ("batch_size", "at least 1", 0),
                ("lr", "more than 0", 0, -1e-3, np.nan),
            )
            for value in values
        ],
    ],
)
def test_what_nothing_can_be_learnt_from(x, settings, error, message):
    model = new_model()
    before = weights(model)
    with pytest.raises(error, match=message):
        fit(model, x, **settings)
    assert same(weights(model), before)


@pytest.mark.parametrize("device", ["cpu", *["cuda"] * torch.cuda.is_available()])
@pytest.mark.parametrize("kind", [Autoencoder, LectureAutoencoder])
def test_the_model_comes_home_ready_for_use(kind, device):
    model = new_model(kind)
    losses = fit(model, X, epochs=2, device=device)["loss"]
    assert not any(layer.training for layer in model.modules())
    assert {weight.device.type for weight in model.parameters()} == {"cpu"}
    assert losses == pytest.approx(fit(new_model(kind), X, epochs=2)["loss"], rel=1e-2)


def test_one_step_is_enough_for_the_schedule(capsys):
    """And where bars are off, nothing is printed."""
    assert len(fit(new_model(), X, epochs=1)) == 1
    assert capsys.readouterr() == ("", "")


def test_the_history_reads_well():
    history = History([{"loss": 0.5, "kl": 2.0}, {"loss": 0.25, "kl": 3.0}])
    assert history["loss"] == [0.5, 0.25] and history["kl"] == [2.0, 3.0]
    assert repr(history) == "History: 2 epochs; the last: loss 0.25, kl 3"
    assert repr(History()) == "History: no finished epoch"


def test_the_progress_bar_leaves_nothing_behind(monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    fit(new_model(), X, epochs=3)
    printed, bar = capsys.readouterr()
    *shown, last = bar.split("\r")
    assert any("training" in line and "/3" in line for line in shown)
    assert printed == last.strip() == "" and "\n" not in bar


# Ctrl-C, at every line


WATCHED = {module.__file__ for module in (training, batches, interrupts)}


def interrupted_at(number, run):
    """run(), with a real Ctrl-C at the line that runs as this number; the lines that ran."""
    passed = []

    def watch(frame, event, _):
        if (file := frame.f_code.co_filename) not in WATCHED:
            return None
        if event == "line":
            passed.append((file, frame.f_lineno))
            if len(passed) == number:
                signal.raise_signal(signal.SIGINT)
        return watch

    sys.settrace(watch)
    try:
        run()
    except KeyboardInterrupt:  # before the training has begun, or after its end
        pass
    finally:
        sys.settrace(None)
    return passed


def every_line(run):
    """The numbers at which a line of the training runs for the last time."""
    numbers = {line: number for number, line in enumerate(interrupted_at(None, run), 1)}
    assert len(numbers) > 70
    return numbers.values()


def states():
    """Every state of the weights between two steps: those that a stopped training may leave."""
    watched, model = Watched(), new_model()
    fit(model, X, loss=watched, **SHORT)
    return [weights(new_model()), *watched.weights, weights(model)]


SHORT = dict(epochs=2, batch_size=40, seed=3)


@pytest.fixture
def ctrl_c():
    """Python's usual Ctrl-C, whatever the program that started the tests has made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_at_any_line_of_fit_leaves_a_whole_model():
    allowed, stopped = states(), 0
    for number in every_line(lambda: fit(new_model(), X, **SHORT)):
        model, returned, state = new_model(), [], torch.get_rng_state()
        interrupted_at(number, lambda m=model, r=returned: r.append(fit(m, X, **SHORT)))
        now = weights(model)
        assert any(same(now, one) for one in allowed), number
        assert same(now, allowed[0]) or not model.training
        assert torch.equal(torch.get_rng_state(), state)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert all(len(history) == 2 or history.interrupted for history in returned)
        stopped += any(history.interrupted for history in returned)
    assert stopped > 20


def test_where_ctrl_c_is_ignored_it_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert len(fit(new_model(), X, loss=interrupting, **SHORT)) == SHORT["epochs"]
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def interrupting(model, x):
    signal.raise_signal(signal.SIGINT)
    return reconstruction_loss(model, x)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_at_any_line_of_fit_together_leaves_whole_models():
    def models():
        return [VAE(50), VAE(50)]

    def run(several, returned):
        returned.append(fit_together(several, X, [0.1, 0.01], **SHORT))

    for number in every_line(lambda: run(models(), [])):
        several, returned, state = models(), [], torch.get_rng_state()
        before = [weights(model) for model in several]
        interrupted_at(number, lambda s=several, r=returned: run(s, r))
        moved = [not same(weights(m), w) for m, w in zip(several, before, strict=True)]
        assert len(set(moved)) == 1 and torch.equal(torch.get_rng_state(), state)
        assert not moved[0] or not any(model.training for model in several)
        assert all(torch.isfinite(w).all() for model in several for w in weights(model))
        assert all(len(history) == 2 or history.interrupted for history in returned)
