"""All headline figures, each beside a rival that is measured in the same run, in one table.

python -m tools.bench              (every part, ten minutes; writes docs/benchmarks.md too)
python -m tools.bench drag phone   (only these parts; prints only)

A part is a module here: `rows()` measures, and the module's docstring says how.  ECGAE_MITDB: a
folder of WFDB records, such as PhysioNet's mitdb, for the errors on several records.
"""

import argparse
import os
import platform
import re
import sys
from datetime import date
from importlib import import_module
from pathlib import Path

import torch

from ecgae_lib.testing.browser import CHROMIUM
from tools.bench.rows import table

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PARTS = ("decoder", "error", "library", "sweep", "drag", "phone", "lessons", "cost")
TEXT = """# Benchmarks

The last `{command}`:
{day}, {cpu}, {cores} cores, Python {python}, torch {torch} with one thread.
Before and after each part {low:.1f} to {high:.1f} processes wanted a core, over the last minute.
**ratio**: how many times as good ours is, above 1 better: the rival's figure divided by ours; of
redraws per s, of which more is better, ours divided by the rival's.

{table}

How each part is measured, rival and ours in the same run:

{how}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; none: all")
    chosen = parser.parse_args().part
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    if CHROMIUM is None and (not chosen or {"drag", "phone"} & set(chosen)):
        parser.error("Chromium is missing: apt-get install chromium, or set CHROMIUM to its path")
    torch.set_num_threads(1)
    modules = {name: import_module(f"tools.bench.{name}") for name in chosen or PARTS}
    text = report(" ".join(["python -m tools.bench", *chosen]), modules)
    print(text)
    if not chosen:
        PAGE.write_text(text, encoding="utf-8")


def report(command, modules):
    """Run the parts.  Returns the page that holds their table."""
    parts, loads = {}, [os.getloadavg()[0]]
    for name, module in modules.items():
        print(f"{name} ...", file=sys.stderr)
        parts[name] = module.rows()
        loads.append(os.getloadavg()[0])
    how = "\n".join(f"- **{name}:** {' '.join(m.__doc__.split())}" for name, m in modules.items())
    return TEXT.format(
        command=command, day=date.today(), cpu=cpu_name(), cores=os.cpu_count(),
        python=platform.python_version(), torch=torch.__version__,
        low=min(loads), high=max(loads), table=table(parts), how=how,
    )  # fmt: skip


def cpu_name():
    """The processor's name, which Python itself does not know on Linux."""
    about = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", about.read_text()) if about.exists() else None
    return found[1] if found else platform.processor()


if __name__ == "__main__":
    main()
