"""One batch for several processes: each learns from its share, all take the same step."""

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.overrides import TorchFunctionMode


def among_processes():
    """Whether this is one of several processes that train together, as torchrun starts them."""
    return distributed.is_available() and distributed.is_initialized()


def rank():
    """The number of this process among those that train together; 0 for one alone."""
    return distributed.get_rank() if among_processes() else 0


class Learner(nn.Module):
    """A model and its loss as one module: what it computes is the loss."""

    def __init__(self, model, loss):
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, x):
        return self.loss(self.model, x)


class DrawsOfTheBatch(TorchFunctionMode):
    """Here torch.randn_like draws for a batch of B beats and keeps the noise of `mine`.

    B and mine, the positions of this process's beats, as `share` gives them.
    """

    def __init__(self, B, mine):
        super().__init__()
        self.B, self.mine = B, mine

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Every function of torch comes by; the others pass."""
        kwargs = kwargs or {}
        if function is not torch.randn_like or args[0].shape[:1] != self.mine.shape:
            return function(*args, **kwargs)
        whole = args[0].new_empty(self.B, *args[0].shape[1:])
        return torch.randn_like(whole, **kwargs)[self.mine]


def share(B, number, processes):
    """Which of B beats are those of process `number`, and their weight in the mean over all.

    A process without any takes the first beat with the weight 0.
    """
    mine = torch.arange(B)[number::processes]
    return (mine, len(mine) / B) if len(mine) else (torch.tensor([0]), 0.0)


def shared(model, loss):
    """`loss` of this process's share of a batch, with the values of the whole batch.

    Its gradient is made that of the whole batch by DistributedDataParallel.  Exact for a loss
    that is a mean over the beats; a BatchNorm in the model averages over the share.
    """
    processes, learner = distributed.get_world_size(), DistributedDataParallel(Learner(model, loss))

    def loss_of_the_batch(_, x):
        mine, weight = share(len(x), rank(), processes)
        with DrawsOfTheBatch(len(x), mine):
            figures = learner(x[mine])
        return {name: summed(weight * value, processes) for name, value in figures.items()}

    return loss_of_the_batch


def summed(value, processes):
    """The sum of a scalar over the processes; its gradient, averaged over them, is the sum's."""
    total = value.detach().clone()
    distributed.all_reduce(total)
    part = processes * value
    return part + (total - part).detach()
