"""What becomes of a file on a bad disk."""

import re

import numpy as np


def damaged(data, seed):
    """Cut off, with wrong bytes, with a piece missing, doubled or blank, or a wrong number."""
    rng = np.random.default_rng(seed)
    i, j = sorted(rng.integers(0, len(data), 2))
    wrong = np.frombuffer(data, np.uint8).copy()
    wrong[rng.integers(0, len(data), 9)] = rng.integers(0, 256, 9)
    numbers = list(re.finditer(rb"\d+", data[:200]))
    number = numbers[rng.integers(len(numbers))] if numbers else re.match(b"", data)
    new = [b"9" * 20, b"0", b"-1", b"", b"x", b"2147483648"][rng.integers(6)]
    return [
        data[:i], wrong.tobytes(), data[:i] + data[j:], data[:j] + data[i:],
        data[:i] + bytes(j - i) + data[j:], data[: number.start()] + new + data[number.end() :],
    ][rng.integers(6)]  # fmt: skip
