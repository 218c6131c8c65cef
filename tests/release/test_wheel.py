"""The wheel holds all that git holds of the helper, and works where nothing else of ours is."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.unit.test_house import LIBRARY, ROOT, git_files, name_of

USE_IT = """if True:
    import importlib, json, sys
    modules = [importlib.import_module(f"ecgae_lib.{name}") for name in sys.argv[1:]]
    from ecgae_lib.beats import record_208
    print(json.dumps([[module.__file__ for module in modules], list(record_208().x.shape)]))
"""


def build_wheel(folder):
    """A wheel from a copy of the tree, so that nothing of ours is left behind in it."""
    tree = folder / "tree"
    for name in git_files("ecgae_lib", "pyproject.toml", "README.md", "LICENSE"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(tree)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_a_wheel_works_elsewhere(tmp_path):
    wheel, site, elsewhere = build_wheel(tmp_path), tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        names = set(archive.namelist())
    assert set(git_files("ecgae_lib")) <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    modules = {name_of(path) for path in LIBRARY} - {"__init__"}
    done = subprocess.run(
        [sys.executable, "-c", USE_IT, *sorted(modules)],
        cwd=elsewhere, env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    files, shape = json.loads(done.stdout)
    assert len(files) >= 5 and all(Path(file).is_relative_to(site) for file in files)
    assert shape == [499, 1, 450]
