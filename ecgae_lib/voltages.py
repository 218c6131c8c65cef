"""What may be wrong with beats and with the signal they come from, said before any work is done."""

import numpy as np
import torch

LARGEST = 20  # mV: few samples of a heart lie beyond


def check_signals(x):
    """Raise TypeError or ValueError unless x is a float tensor (N, 1, L), finite, not empty."""
    dtype = x.dtype if isinstance(x, torch.Tensor) else type(x).__name__
    if not getattr(dtype, "is_floating_point", False):
        raise TypeError(f"x is {dtype}: give beats.x, or a float tensor of voltages in mV")
    if x.ndim != 3 or x.shape[1] != 1 or 0 in x.shape:
        raise ValueError(
            f"x has shape {tuple(x.shape)}: expected (N, 1, L), that is N > 0 beats, "
            "1 channel, L > 0 samples"
        )
    finite = [torch.isfinite(part).all(dim=(1, 2)) for part in x.split(10_000)]  # little memory
    bad = ~torch.cat(finite)
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} of {len(x)} beats hold NaN or infinity (the first: beat "
            f"{int(bad.nonzero()[0])}): leave these beats out or repair them"
        )


def check_millivolts(name, x):
    """Raise ValueError for voltages in mV that no heart has: more than 1 in 100 beyond 20."""
    high = np.quantile(np.abs(x), 0.99)
    if high > LARGEST:
        raise ValueError(
            f"{name} reaches {high:.3g} mV, a heart no more than {LARGEST}: divide microvolts by "
            "1000, make (steps - zero) / gain of a converter's steps, or give Beats with another "
            "unit than mV"
        )


def check_labels(y, class_names):
    """Raise TypeError or ValueError unless y (N,) holds int64 indices into names, or is None."""
    is_series = isinstance(class_names, tuple | list)
    if not is_series or not all(isinstance(name, str) for name in class_names):
        raise TypeError(f"class_names is {class_names!r}: give a tuple of names, a text each")
    if y is None:
        return
    dtype = y.dtype if isinstance(y, torch.Tensor) else type(y).__name__
    if dtype != torch.int64:
        raise TypeError(f"y is {dtype}: give a torch.int64 tensor of class indices, or None")
    if y.min() < 0 or y.max() >= len(class_names):
        raise ValueError(
            f"y runs from {int(y.min())} to {int(y.max())}, but there are "
            f"{len(class_names)} class names: {class_names}"
        )


def check_band(fs, low, high):
    """Raise ValueError unless 0 < low < high < fs / 2."""
    if not low < high < fs / 2:
        raise ValueError(f"{low=}, {high=}: expected low < high < fs / 2, which is {fs / 2:g} Hz")


def check_inside(r, length):
    """Raise ValueError unless all of r are samples of a signal."""
    if r.min() < 0 or r.max() >= length:
        raise ValueError(
            f"r runs from {r.min()} to {r.max()}: expected samples 0 to {length - 1} of the signal"
        )
