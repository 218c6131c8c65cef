"""Every lesson run and compared by strict nbval, one after another, pytest's and the kernel's start
included; the rival is the minute (number 8: about one) that the README promises."""

import os
import subprocess
import sys
from pathlib import Path

from tools.bench.rows import Row, seconds

ROOT = Path(__file__).parents[2]
NBVAL = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def rows():
    return [time_lesson(path) for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]


def time_lesson(path):
    before = children_seconds()
    spent, done = seconds(lambda: subprocess.run([*NBVAL, path], cwd=ROOT, capture_output=True))
    cpu, failed = children_seconds() - before, ", FAILS" if done.returncode else ""
    name = path.stem.replace("_", " ").lstrip("0")
    return Row(f"{name}, CPU {cpu:.0f} s{failed}", spent, 60, "s", "the README's minute")


def children_seconds():
    """Processor time of what this process has started and seen end."""
    now = os.times()
    return now.children_user + now.children_system
