"""Where the batches of a training come from: a tensor, a Dataset or a DataLoader of torch."""

import math

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, IterableDataset

from ecgae_lib.beats import finite_signals
from ecgae_lib.expects import instance, tensor

SAMPLE = 4096  # beats: they tell a mean to 1/64 of the spread


class Batches:
    """The beats of `data` in batches (B, 1, L); every pass over them is a new epoch.

    data: as in `training.fit`.  Shuffled by torch's random numbers, alike for a tensor and a
    Dataset; a DataLoader has an order and a batch size of its own.
    Only the beats of one batch are read and held at a time.  Raises TypeError or ValueError when
    it meets a beat that nothing can be learnt from.
    """

    def __init__(self, data, batch_size):
        check_data(data)
        self.data, self.batch_size = data, batch_size
        self.first = None if isinstance(data, DataLoader) else signal(data[0], "item 0", "1", "L")

    def __len__(self):
        n = len(self.data)
        return n if isinstance(self.data, DataLoader) else math.ceil(n / self.batch_size)

    def __iter__(self):
        if isinstance(self.data, DataLoader):
            for batch in self.data:
                yield finite_signals("x", signal(batch, "a batch", "B", "1", "L"))
        else:
            yield from map(self.take, torch.randperm(len(self.data)).split(self.batch_size))

    def take(self, indices):
        """The beats at `indices` (n,) of a tensor or a Dataset: (n, 1, L), as long as the first."""
        if isinstance(self.data, torch.Tensor):
            return self.data[indices]
        axes = "1", str(self.first.shape[-1])
        x = torch.stack([signal(self.data[i], f"item {i}", *axes) for i in indices.tolist()])
        bad = indices[~torch.isfinite(x).flatten(1).all(dim=1)]
        if len(bad):
            raise ValueError(f"item {bad[0]} holds NaN or infinity: leave it out or repair it")
        return x

    def sample(self):
        """All of a tensor; of a Dataset 4096 beats by lot; the first 4096 of a DataLoader."""
        if isinstance(self.data, torch.Tensor):
            return self.data
        if isinstance(self.data, Dataset):
            return self.take(torch.randperm(len(self.data))[:SAMPLE].sort().values)
        x = []
        for batch in self:
            x.append(batch)
            if sum(map(len, x)) >= SAMPLE:
                break
        return torch.cat(x)


def signal(item, name, *axes):
    """x of an item or a batch that is x, or a tuple that begins with it, as a tensor of floats."""
    x = item[0] if isinstance(item, (tuple, list)) and item else item
    instance((torch.Tensor, np.ndarray), "x, or a tuple that begins with it")(name, x)
    x = x if isinstance(x, torch.Tensor) else torch.tensor(x)  # a copy, as some are read-only
    return tensor(*axes)(name, x)


def check_data(data):
    """Raise TypeError or ValueError for data that cannot be trained on; reads no item."""
    if not isinstance(data, Dataset | DataLoader):
        return finite_signals("x", data)
    dataset = data.dataset if isinstance(data, DataLoader) else data
    if isinstance(data, IterableDataset) or not hasattr(dataset, "__len__"):
        raise TypeError(
            f"{type(data).__name__} has no length or no data[i]: give a Dataset with both, or a "
            "DataLoader of one"
        )
    if len(data) == 0:
        raise ValueError(f"{type(data).__name__} is empty: give at least one beat and one batch")
    if isinstance(getattr(data, "sampler", None), DistributedSampler):
        raise ValueError("a DistributedSampler: leave it out, `fit` shares out every batch itself")
