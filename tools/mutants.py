"""Planted faults: which of them do the notebooks notice alone, which the tests, which nobody?

    python -m tools.mutants 20          (twenty by lot, of all modules of the core; hours for 100)

A fault is one change by one of cosmic-ray's operators.  The notebooks run under strict nbval, the
tests are those of `make test`; both work on a copy of the checkout.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-p", "no:cacheprovider"]
RUNS = {
    "nbval": [*PYTEST, "--nbval", "--nbval-current-env", "--dist", "loadfile", "notebooks"],
    "tests": [*PYTEST, "ecgae_lib", "tests/unit", "--deselect", "tests/unit/test_notebooks.py"],
}
NAMES_ONLY = ("RemoveDecorator", "VariableInserter", "VariableReplacer")  # need arguments, or doors


def operators():
    """The operators that need no arguments, by name."""
    return {n: get_operator(n)() for n in operator_names() if not n.endswith(NAMES_ONLY)}


def faults(path):
    """Every fault that can be planted in a module: (path, operator's name, occurrence)."""
    nodes = list(ast_nodes(get_ast(path.read_text())))
    for name, operator in operators().items():
        places = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        yield from ((path, name, occurrence) for occurrence in range(places))


def chosen(n, seed=0):
    """n faults by lot: first the module, then the kind of change, then the place."""
    lot, modules = random.Random(seed), {}
    for path in sorted((ROOT / "ecgae_lib").glob("[a-z]*.py")):
        for fault in faults(path):
            kind = fault[1].split("_")[0]
            modules.setdefault(path, {}).setdefault(kind, []).append(fault)
    by_lot = [modules[lot.choice(list(modules))] for _ in range(n)]
    return [lot.choice(kinds[lot.choice(list(kinds))]) for kinds in by_lot]


def copy_of_checkout(folder):
    """What git knows of the checkout, in a new folder."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True
    )
    for name in files.stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def is_caught(folder, command):
    """Whether the command fails in this folder, or does not end."""
    environment = os.environ | dict(PYTHONPATH=str(folder), TQDM_DISABLE="1", OMP_NUM_THREADS="1")
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=900
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def difference(before, after):
    """The changed line, as it is now."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next(new.strip() for old, new in pairs if old != new)


def main(n):
    counts = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_checkout(folder)
        assert not any(is_caught(folder, run) for run in RUNS.values()), "fails without a fault"
        for path, operator, occurrence in chosen(n):
            module, before = folder / path.relative_to(ROOT), path.read_text()
            after = mutate_code(before, operators()[operator], occurrence)
            module.write_text(after)
            caught = [name for name, run in RUNS.items() if is_caught(folder, run)]
            module.write_text(before)
            counts.update(caught or ["nobody"])
            by = " and ".join(caught) or "NOBODY"
            print(f"{path.stem:12} caught by {by:15} {difference(before, after)}", flush=True)
    print(f"of {n} faults:", *(f"{name} {count}" for name, count in counts.items()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
