"""Two processes that torchrun starts learn what one learns."""

import os
import subprocess
import sys

import pytest
import torch
from torch import distributed

from tests.unit.test_parallel import trainings

pytestmark = pytest.mark.skipif(
    not distributed.is_available(), reason="this torch knows no process groups"
)
SCRIPT = """if True:
    import sys, torch
    from torch import distributed
    from tests.unit.test_parallel import trainings
    distributed.init_process_group("gloo")
    done = {name: (list(history), weights) for name, history, weights in trainings()}
    torch.save(done, f"{sys.argv[1]}/{distributed.get_rank()}.pt")
    distributed.destroy_process_group()
"""


def test_two_processes_learn_what_one_learns(tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *torchrun, tmp_path / "train.py", tmp_path],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{number}.pt") for number in (0, 1))
    for name, alone, weights in trainings():
        assert first[name][0] == second[name][0], "the history is that of the whole batch"
        assert all(map(torch.equal, first[name][1], second[name][1]))
        for together, figures in zip(first[name][0], alone, strict=True):
            assert together == pytest.approx(figures, rel=1e-5, abs=1e-7)
        torch.testing.assert_close(first[name][1], weights, rtol=1e-3, atol=1e-5)
