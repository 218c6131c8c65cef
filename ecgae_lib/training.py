"""One training loop for every model of the series."""

import math
import os
from dataclasses import dataclass, field

import torch
from tqdm.auto import tqdm

from ecgae_lib.losses import reconstruction_loss


@dataclass
class History:
    """What `fit` saw: one dictionary of mean figures per finished epoch.

    history["loss"] is the list over the epochs.  interrupted: True after Ctrl-C.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    def __len__(self):
        return len(self.epochs)

    def __getitem__(self, name):
        return [figures[name] for figures in self.epochs]

    def __repr__(self):
        if not self.epochs:
            return "History: no finished epoch"
        figures = ", ".join(f"{name} {value:.2g}" for name, value in self.epochs[-1].items())
        stopped = ", interrupted" if self.interrupted else ""
        return f"History: {len(self)} epochs{stopped}; the last: {figures}"


def fit(
    model, x, loss=reconstruction_loss, *,
    epochs=60, batch_size=64, lr=1e-2, one_cycle=True, seed=0, device=None, on_epoch=None,
):  # fmt: skip
    """Train `model` on x with Adam, one shuffled pass over the beats per epoch.

    x: (N, 1, L) in mV, without labels.  loss(model, x_batch) returns a dictionary of scalars,
    of which "loss" is made small.
    one_cycle: the learning rate rises to `lr` and falls to 0 (Smith & Topin 2018,
    arXiv:1708.07120); otherwise it stays at `lr`.
    seed: fixes the order of the beats and every random number; same seed, same result.
    device: where to train, for example "cuda"; the model then returns to where it was.
    on_epoch: called with the model after every epoch, to look at it; the random numbers that it
    draws do not change the training.
    Returns the History.  Ctrl-C stops early and keeps model and history so far.
    Raises TypeError or ValueError for input that cannot be learnt from, and FloatingPointError
    (with the history as its attribute) when the loss is not finite, before that step is taken.
    """
    check_training(x, epochs=epochs, batch_size=batch_size, lr=lr)
    home = next(model.parameters()).device
    model.to(device or home)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    schedule = learning_rates(optimizer, lr, epochs * math.ceil(len(x) / batch_size), one_cycle)
    history = History()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            for _ in progress_bar(epochs):
                batches = x[torch.randperm(len(x))].to(device or home).split(batch_size)
                history.epochs.append(train_epoch(model, batches, loss, optimizer, schedule))
                if on_epoch is not None:
                    with torch.random.fork_rng():
                        on_epoch(model)
        except KeyboardInterrupt:
            history.interrupted = True
        except FloatingPointError as error:
            error.history = history
            raise
        finally:
            model.to(home).eval()
    return history


def progress_bar(epochs):
    """range(epochs) with a bar that leaves nothing behind; none if TQDM_DISABLE is set."""
    quiet = bool(os.environ.get("TQDM_DISABLE"))  # in a notebook tqdm itself overlooks it
    return tqdm(range(epochs), desc="training", unit="epoch", leave=False, disable=quiet)


def learning_rates(optimizer, lr, steps, one_cycle):
    """A schedule over `steps`: one cycle up to `lr` and down to 0, or constant."""
    if one_cycle:
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)


def train_epoch(model, batches, loss, optimizer, schedule):
    """One gradient step per batch.  Returns the mean of each figure over the batches."""
    model.train()
    seen = []
    for x in batches:
        figures = loss(model, x)
        check_loss(figures["loss"], schedule.last_epoch)
        optimizer.zero_grad()
        figures["loss"].backward()
        optimizer.step()
        schedule.step()
        seen.append({name: value.item() for name, value in figures.items()})
    return {name: sum(f[name] for f in seen) / len(seen) for name in seen[0]}


def check_training(x, **settings):
    """Raise TypeError or ValueError for beats or settings that nothing can be learnt from."""
    dtype = x.dtype if isinstance(x, torch.Tensor) else None
    if dtype is None or not dtype.is_floating_point:
        kind = dtype or type(x).__name__
        raise TypeError(f"x is {kind}: give the signals as a float tensor, beats.x")
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (N, 1, L), none of them 0")
    if not torch.isfinite(x).all():
        raise ValueError("x holds NaN or infinity: leave these beats out or repair them")
    for name, value in settings.items():
        if not value > 0:
            raise ValueError(f"{name}={value}: expected more than 0")


def check_loss(loss, step):
    """Raise FloatingPointError if the loss is NaN or infinite."""
    if not torch.isfinite(loss):
        raise FloatingPointError(
            f"the loss is {loss.item()} at step {step}: try a lower lr; the model still has "
            "the weights from before this step"
        )
