"""One training loop for every model of the series, and for several VAEs at once."""

import copy
import os
from collections.abc import Callable
from inspect import unwrap

import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from tqdm.auto import tqdm

from ecgae_lib.batches import Batches
from ecgae_lib.beats import finite_signals
from ecgae_lib.expects import array, instance, optional, real, takes, whole
from ecgae_lib.interrupts import CtrlC
from ecgae_lib.losses import reconstruction_loss, vae_loss
from ecgae_lib.models import VAE
from ecgae_lib.parallel import among_processes, rank, shared

ON_EPOCH = optional(instance(Callable, "a function of what is trained"))


class History(list):
    """What `fit` saw: one dictionary of mean figures per finished epoch.

    history["loss"] is the list over the epochs.  interrupted: True after Ctrl-C.
    """

    interrupted = False

    def __getitem__(self, name):
        return [figures[name] for figures in self]

    def __repr__(self):
        *_, last = [{}, *self]
        if not last:
            return "History: no finished epoch"
        figures = ", ".join(f"{name} {value:.2g}" for name, value in last.items())
        stopped = ", interrupted" if self.interrupted else ""
        return f"History: {len(self)} epochs{stopped}; the last: {figures}"


@takes(epochs=whole(1), batch_size=whole(1), lr=real(above=0), seed=whole(0), on_epoch=ON_EPOCH)
def fit(
    model, data, loss=reconstruction_loss, *,
    epochs=60, batch_size=32, lr=5e-3, seed=0, device=None, on_epoch=None,
):  # fmt: skip
    """Train `model` on data with Adam, one shuffled pass over the beats per epoch, in one cycle.

    data: x (N, 1, L) in mV, without labels; or a torch Dataset that is read batch by batch, its
    items x (1, L) or tuples that begin with x; or a DataLoader of one, with its own batch size.
    loss(model, x_batch) returns a dictionary of scalars, of which "loss" is made small.
    lr: the highest learning rate of the cycle (Smith & Topin 2018, arXiv:1708.07120).
    seed: fixes the order of the beats and every random number; same seed, same result.
    device: where to train, "cuda", "mps" or the number of a GPU; the model then returns home.
    on_epoch: called with the model after every epoch; its random draws do not change the training.
    Started by torchrun, in a process group, every process learns from its share of each batch.
    Returns the History.  Ctrl-C stops after the step under way and keeps model and history so far;
    pressed twice, it stops at once.
    Raises TypeError or ValueError for input that cannot be learnt from, and FloatingPointError
    when the loss is not finite, before that step is taken and with the history as its attribute.
    """
    check_model(model, loss)
    batches, home = Batches(data, batch_size), next(model.parameters()).device
    device = home if device is None else find_device(device)
    if batches.first is not None and (loss is reconstruction_loss or hasattr(model, "fc_mu")):
        check_draws(model, batches.first[None], lone=len(data) % batch_size == 1)
    history = History()
    quiet = rank() > 0 or bool(os.environ.get("TQDM_DISABLE"))  # which tqdm overlooks in notebooks
    with CtrlC() as ctrl_c, torch.random.fork_rng():
        try:
            start(model, batches, seed)
            model.to(device)
            optimizer = torch.optim.Adam(model.parameters(), lr)
            optimizer.register_step_pre_hook(check_gradients)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, epochs * len(batches))
            loss = finite(shared(model, loss) if among_processes() else loss, schedule)
            torch.manual_seed(seed)
            for _ in tqdm(range(epochs), "training", leave=False, disable=quiet):
                moved = (x.to(device) for x in ctrl_c.between(batches))
                history.append(train_epoch(model, moved, loss, optimizer, schedule))
                if on_epoch is not None:
                    with torch.random.fork_rng():
                        on_epoch(model)
        except KeyboardInterrupt:
            history.interrupted = True
        except Exception as error:
            error.history = history
            raise
        finally:
            model.to(home).eval()
    return history


def start(model, batches, seed):
    """Give the model what PCA has for free, if it takes it, from some thousand beats at most."""
    if hasattr(model, "start_from"):
        torch.manual_seed(seed)
        model.start_from(batches.sample())


def train_epoch(model, batches, loss, optimizer, schedule):
    """One gradient step per batch.  Returns the mean of each figure over the batches."""
    model.train()
    seen = []
    for x in batches:
        figures = loss(model, x)
        optimizer.zero_grad()
        figures["loss"].backward()
        optimizer.step()
        schedule.step()
        seen.append({name: value.item() for name, value in figures.items()})
    return {name: sum(f[name] for f in seen) / len(seen) for name in seen[0]}


def finite(loss, schedule):
    """`loss`, which now raises FloatingPointError where it would return NaN or infinity."""

    def checked(model, x):
        averages = [buffer.clone() for buffer in model.buffers()]  # of a BatchNorm
        figures = loss(model, x)
        check_figures(figures)
        if not torch.isfinite(figures["loss"]):
            for buffer, average in zip(model.buffers(), averages, strict=True):
                buffer.copy_(average)
            raise FloatingPointError(
                f"the loss is {figures['loss'].item()} at step {schedule.last_epoch}: try a lower "
                "lr; the model still has the weights from before this step"
            )
        return figures

    return checked


def check_figures(figures):
    """Raise TypeError unless a loss returned what `fit` can make small."""
    if not isinstance(figures, dict) or getattr(figures.get("loss"), "shape", None) != ():
        raise TypeError(
            f"the loss function returned {type(figures).__name__}: expected a dictionary of scalar "
            'tensors, one of them "loss", as `reconstruction_loss` does'
        )


def check_gradients(optimizer, *_):
    """Raise FloatingPointError for a step that would leave NaN or infinity in the weights."""
    weights = [w for group in optimizer.param_groups for w in group["params"]]
    largest = [w.grad.abs().max() for w in weights if w.grad is not None]
    if not torch.isfinite(torch.stack(largest)).all():
        raise FloatingPointError(
            "the loss is finite, but its gradient is not (a square root at 0?): the model still "
            "has the weights from before this step"
        )


def find_device(device):
    """The torch.device that is meant.  Raises ValueError if it is not there."""
    try:
        found = torch.device(device)
        torch.zeros(1, device=found).item()
    except (AssertionError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"device={device!r} is not to be had here with this build of torch: give "
            '"cuda", "mps" or the number of a GPU where there is one, otherwise leave it out'
        ) from error
    return found


def check_model(model, loss):
    """Raise TypeError or ValueError for a model or a loss that nothing can be learnt with."""
    instance(nn.Module, "one like Autoencoder(450)")("model", model)
    if not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError(
            f"{type(model).__name__} has no weights that learn, expected one at least: thaw what "
            "is frozen, model.requires_grad_(True)"
        )
    if isinstance(loss, nn.Module) or not callable(loss):
        raise TypeError(f"loss is {loss!r}: expected one like reconstruction_loss or beta_loss(1)")


@torch.no_grad()
@torch.random.fork_rng()  # a VAE draws
def check_draws(model, x, lone=False):
    """Raise TypeError or ValueError unless the model returns a drawing of x (1, 1, L) first.

    lone: whether a batch will be one beat, in which a BatchNorm may find no spread.
    """
    x, was_training = x.to(next(model.parameters()).device), model.training
    try:
        drawn = model.eval()(x)
    finally:
        model.train(was_training)
    if not isinstance(drawn, tuple) or drawn[0].shape != x.shape:
        kind, shape = type(drawn).__name__, tuple(x.shape)
        raise TypeError(f"model(x) returned a {kind}: expected (x_hat, ...), x_hat as {shape}")
    if lone:
        try:
            copy.deepcopy(model).train()(x)
        except ValueError as error:
            raise ValueError(
                "the last batch is one beat, too few for BatchNorm: give another batch_size"
            ) from error


@takes(models=instance((list, tuple), "a list of VAE"), x=finite_signals, on_epoch=ON_EPOCH)
def fit_together(models, x, betas, *, on_epoch=None, **settings):
    """Train each of the VAEs with its beta, all on the same batches with the same draws.

    models: M of `VAE`, alike but for their weights.  betas: M numbers.  settings: those of `fit`.
    on_epoch: called with the models after every epoch.
    Every model ends as `fit(model, x, beta_loss(beta), **settings)` alone would leave it, but for
    rounding; eight of them cost about five trainings.  Returns the History of the sum of their
    losses.  Raises TypeError or ValueError for models that are not alike, before any training.
    """
    check_together(models, betas)
    check_draws(models[0], x[:1])
    with CtrlC():
        return fit_stack(models, x, betas, on_epoch, settings)


def fit_stack(models, x, betas, on_epoch, settings):
    """Train the models as one stack of weights, and give each its own back."""
    for model in models:
        model.train().start_from(x)
    weights = {n: w for state in stack_module_state(models) for n, w in state.items()}  # (M, ...)
    stack = nn.ParameterList(nn.Parameter(w, w.requires_grad) for w in weights.values())
    betas = torch.as_tensor(betas, dtype=torch.float64)

    def loss_of_one(weights, beta, x):
        x_recon, mu, logvar, _ = functional_call(models[0], weights, x)
        return unwrap(vae_loss)(x_recon, x, mu, logvar, beta)[0]  # beta is one of a vmap

    def loss(stack, x):
        state = dict(zip(weights, stack, strict=True)), betas.to(x)
        return {"loss": vmap(loss_of_one, (0, 0, None), randomness="same")(*state, x).sum()}

    def write_back(stack):
        for m, model in enumerate(models):
            model.load_state_dict({n: w[m] for n, w in zip(weights, stack, strict=True)})
            model.eval()

    def look(stack):
        write_back(stack)
        on_epoch(models)

    try:
        return fit(stack, x, loss, on_epoch=on_epoch and look, **settings)
    finally:
        write_back(stack)


def check_together(models, betas):
    """Raise TypeError or ValueError for models that cannot be trained together."""
    if not models or any(type(model) is not VAE for model in models):
        kinds = ", ".join(type(model).__name__ for model in models) or "none"
        raise TypeError(f"models: {kinds}; expected one or more of VAE")
    owned = [id(weight) for model in models for weight in model.parameters()]
    if len(set(owned)) < len(owned):
        raise ValueError("two models share weights: make M of them, [VAE(450) for beta in betas]")
    weights = ([(p.dtype, p.device, p.requires_grad) for p in m.parameters()] for m in models)
    if len({f"{model} {form}" for model, form in zip(models, weights, strict=True)}) > 1:
        raise ValueError("the models differ: give all the same signal_length, latents and dtype")
    real(0)("the lowest of betas", array(str(len(models)))("betas", betas).min())
