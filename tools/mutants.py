"""Planted faults: which of them do the notebooks notice alone, which the tests, which nobody?

    python -m tools.mutants 20 7         (twenty by lot, with seed 7; about a minute each)

A fault is one change of a module of the core by one of cosmic-ray's operators.  It is planted in
a copy of the checkout.  Notebooks are strict nbval's, the appendix of all refusals first; the
tests are those of `make test`, those of the module first, but for the comparison of lessons with
the helper word by word; only what no notebook notices is left to them.
Prints one line a fault, the totals last.
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
PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
NEED_ARGUMENTS = ("VariableInserter", "VariableReplacer")
OPERATORS = {n: get_operator(n)() for n in operator_names() if not n.endswith(NEED_ARGUMENTS)}


def faults(path):
    """Every fault that can be planted in a module: (path, operator's name, occurrence)."""
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    for name, operator in OPERATORS.items():
        places = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        yield from ((path, name, occurrence) for occurrence in range(places))


def chosen(n, seed):
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
    listed = ["git", "ls-files", "-z"]
    files = subprocess.run(listed, cwd=ROOT, text=True, capture_output=True, check=True)
    for name in files.stdout.strip("\0").split("\0"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def runs(folder, module):
    """{"nbval": commands, "tests": commands}: those first that are likely to see a fault."""
    own = [name for name in [f"tests/unit/test_{module}.py"] if (folder / name).exists()]
    rest = ["ecgae_lib", "tests/unit", "--deselect=tests/unit/test_notebooks.py"]
    return {
        "nbval": [[*PYTEST, "notebooks/appendix"], [*PYTEST, "-n2", "notebooks"]],
        "tests": [[*PYTEST, *own, f"ecgae_lib/{module}.py"], [*PYTEST, "-n2", *rest]],
    }


def is_caught(folder, commands):
    """Whether one of the commands fails in this folder, or does not end."""
    environment = os.environ | dict(PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
    options = dict(cwd=folder, env=environment, capture_output=True, timeout=900)
    try:
        return any(subprocess.run(command, **options).returncode for command in commands)
    except subprocess.TimeoutExpired:
        return True


def main(n=20, seed=0):
    counts = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_checkout(folder)
        if any(is_caught(folder, commands) for commands in runs(folder, "beats").values()):
            raise SystemExit("something fails without any fault: make test, mend it, then again")
        for path, operator, occurrence in chosen(int(n), int(seed)):
            module = folder / path.relative_to(ROOT)
            before = module.read_text(encoding="utf-8")
            after = mutate_code(before, OPERATORS[operator], occurrence)
            module.write_text(after, encoding="utf-8")
            commands = runs(folder, path.stem)
            by = next((name for name in commands if is_caught(folder, commands[name])), "NOBODY")
            module.write_text(before, encoding="utf-8")
            counts[by] += 1
            changed = set(after.splitlines()) - set(before.splitlines()) or ["a line left out"]
            print(f"{path.stem:10} {by:6}", *(line.strip() for line in changed), flush=True)
    print(f"of {n} faults, caught by", ", ".join(f"{by}: {count}" for by, count in counts.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
