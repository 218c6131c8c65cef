"""Guards for `pytest --nbval`: notebooks are checked only against what was truly recorded."""

import os

import matplotlib
import pytest

os.environ["TQDM_DISABLE"] = "1"  # a moving bar cannot be compared
for library in ("OMP", "OPENBLAS"):  # kernels beside each other must not fight for the cores
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
matplotlib.use("Agg")


def pytest_collection_modifyitems(items):
    """Fail where nbval would pass a cell unchecked because it was never run and stored."""
    for item in items:
        cell = getattr(item, "cell", None)
        if cell is not None and cell.get("execution_count") is None:
            raise pytest.UsageError(
                f"{item.nodeid} was never recorded, so there is nothing to compare: make record"
            )
