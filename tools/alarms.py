"""False alarms: does a right notebook fail on another machine, beside other work, by other luck?

    python -m tools.alarms               (each setting once: about half an hour on two cores)
    python -m tools.alarms plain 60      (one setting, sixty times)

Prints one line a run: what differed, how many cells passed, which failed.
"""

import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
NBVAL = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--nbval", "--nbval-current-env"]
NBVAL += ["--dist", "loadfile", "notebooks"]
OLD = dict(
    ATEN_CPU_CAPABILITY="default", ONEDNN_MAX_CPU_ISA="SSE41", MKL_ENABLE_INSTRUCTIONS="SSE4_2"
)
SETTINGS = {  # what differs from the plain run
    "plain": {},
    "two threads": dict(OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2"),
    "AVX2": dict(ATEN_CPU_CAPABILITY="avx2", ONEDNN_MAX_CPU_ISA="AVX2"),
    "old instructions": OLD,
    "beside two burners": {},
    "another seed": {},
}
# Every seed that a lesson sets is shifted; what is drawn, trained and split then differs.
SHIFT = """import numpy, torch
_torch_seed, _numpy_seed = torch.manual_seed, numpy.random.default_rng
torch.manual_seed = lambda seed: _torch_seed(int(seed) + {shift})
numpy.random.default_rng = lambda seed=None: _numpy_seed(
    seed + {shift} if isinstance(seed, int) else seed)
"""


def burn():
    while True:
        pass


@contextmanager
def beside(n):
    """n processes that do nothing, as fast as they can."""
    burners = [multiprocessing.Process(target=burn, daemon=True) for _ in range(n)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()


def run(setting, number, folder):
    """One run of all notebooks; the line to print."""
    environment = os.environ | SETTINGS[setting] | dict(TQDM_DISABLE="1")
    if setting == "another seed":
        start = Path(folder, "profile_default", "startup")
        start.mkdir(parents=True, exist_ok=True)
        (start / "00-shift.py").write_text(SHIFT.format(shift=1000 + number))
        environment |= dict(IPYTHONDIR=folder)
    with beside(2 if "burners" in setting else 0):
        done = subprocess.run(NBVAL, cwd=ROOT, env=environment, text=True, capture_output=True)
    failed = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    passed = re.search(r"(\d+) passed", done.stdout)
    return f"{setting:20} {number:3} {passed and passed[1]} passed; failed: {failed or 'none'}"


def main(setting=None, repeats=1):
    for name in [setting] if setting else SETTINGS:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(int(repeats)):
                print(run(name, number, folder), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
