"""The house: what is installed, what is shipped, and how the helper is written."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from statistics import median

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ecgae_lib"
LIBRARY = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())


def name_of(path):
    """The name of a module within the package: "beats" or "checks.heartbeats"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def git_files(*paths):
    """The files that git holds or would take, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout, so nobody can say what git would ship")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


# conda, pip and the lock


def test_conda_supplies_python_and_pip_and_nothing_else():
    *from_conda, pip = ENVIRONMENT["dependencies"]
    assert from_conda == [f"python{PROJECT['project']['requires-python']}", "pip"]
    assert list(pip) == ["pip"] and ENVIRONMENT["channels"] == ["conda-forge"]
    assert not any((ROOT / folder).exists() for folder in ("binder", ".binder"))  # read instead


def test_pip_does_in_conda_what_it_does_in_make():
    """Options and the local package alike, relative to the root, where repo2docker runs it.

    A line with a local path makes repo2docker copy the whole tree before it installs.
    """
    (install,) = re.findall(r"venv \.venv\n.*pip install(.*)", (ROOT / "Makefile").read_text())
    in_make = install.replace("--quiet", "").replace("'", "").split()
    in_conda = " ".join(ENVIRONMENT["dependencies"][-1]["pip"]).split()
    assert in_conda == in_make == ["-c", "constraints.txt", "-e", ".[lab,test]"]
    extras = Requirement("ecgae" + in_conda[-1].lstrip(".")).extras
    assert extras == set(PROJECT["project"]["optional-dependencies"])


def lock():
    """Package -> version from constraints.txt, every line of which is name==version."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    requirements = [Requirement(line) for line in lines]
    assert all(re.fullmatch(r"==[\w.]+", str(r.specifier)) for r in requirements)
    names = [canonicalize_name(r.name) for r in requirements]
    assert len(set(names)) == len(names)
    return {n: str(r.specifier)[2:] for n, r in zip(names, requirements, strict=True)}


def needed():
    """Every distribution that pyproject.toml needs, directly or through another one."""
    project = PROJECT["project"]
    lines = project["dependencies"] + PROJECT["build-system"]["requires"]
    lines += [line for extra in project["optional-dependencies"].values() for line in extra]
    todo, seen = [Requirement(line) for line in lines], set()
    while todo:
        requirement = todo.pop()
        for extra in {"", *requirement.extras}:
            name = canonicalize_name(requirement.name)
            if (name, extra) not in seen:
                seen.add((name, extra))
                todo += children(name, extra)
    return {name for name, _ in seen}


def children(name, extra):
    """What the installed distribution `name` asks for on this machine, with the extra chosen."""
    found = [Requirement(line) for line in metadata.requires(name) or ()]
    return [r for r in found if r.marker is None or r.marker.evaluate({"extra": extra})]


def test_the_lock_is_complete_and_is_what_is_installed():
    locked = lock()
    installed = {name: metadata.version(name).split("+")[0] for name in needed()}
    assert len(installed) > 50
    assert {n: v for n, v in installed.items() if locked.get(n) != v} == {}
    assert locked["torch"] == "2.13.0"


def test_the_lock_can_be_installed_on_the_oldest_python():
    """Debian 12 has 3.11.2, and a pin may ask for a later patch of 3.11."""
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=") + ".0"
    asked = {name: metadata.metadata(name)["Requires-Python"] or "" for name in needed()}
    assert {n: a for n, a in asked.items() if not SpecifierSet(a).contains(oldest)} == {}


def test_the_lock_meets_the_ranges():
    locked, project = lock(), PROJECT["project"]
    lines = project["dependencies"] + [
        line for extra in project["optional-dependencies"].values() for line in extra
    ]
    for requirement in map(Requirement, lines):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def imported(path):
    """The names at the top of what a module imports: "torch", "PIL"."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [n.name for n in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        yield from (name.partition(".")[0] for name in names)


def test_what_the_helper_imports_is_installed_with_it():
    """Without any extra, and not only because another package happens to want it."""
    helper = [path for path in LIBRARY if "testing" not in path.parts]
    names = {name for path in helper for name in imported(path)}
    names -= sys.stdlib_module_names | {"ecgae_lib"}
    known = metadata.packages_distributions()
    declared = {canonicalize_name(Requirement(r).name) for r in PROJECT["project"]["dependencies"]}
    assert len(names) > 8
    assert {n for n in names if not declared & {canonicalize_name(d) for d in known[n]}} == set()


# how the helper is written


def body_lines(function):
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_and_modules_are_small():
    functions = {
        f"{name_of(path)}:{node.lineno} {node.name}": body_lines(node)
        for path in LIBRARY
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in functions.items() if lines > 30} == {}
    assert median(functions.values()) <= 6
    lengths = {path: len(path.read_text().splitlines()) for path in LIBRARY}
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}
    core = sum(lines for path, lines in lengths.items() if path.parent == PACKAGE)
    assert core <= 1970, "the core that lessons import stays small"


def texts():
    """Every text file that git would ship, by name; like git, a NUL byte tells what is not text."""
    contents = {name: (ROOT / name).read_bytes() for name in git_files()}
    return {name: data.decode() for name, data in contents.items() if b"\0" not in data}


def code(name, text):
    """The code in a file: all of a script, the code cells of a notebook, nothing of other files."""
    if name.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return text if Path(name).suffix in {".py", ".js", ".mjs", ".css", ".html"} else ""


# written in halves, so that this file does not name what it forbids
HOSTS = [
    "py" + "pi.", "python" + "hosted", "download.py" + "torch", "ana" + "conda.", "np" + "mjs.",
    "js" + "delivr", "un" + "pkg.", "cdn" + "js.", "esm" + ".sh", "index" + "-url",
]  # fmt: skip


def test_no_file_names_a_package_host():
    found = [(name, host) for name, text in texts().items() for host in HOSTS if host in text]
    assert found == []


def test_no_code_loads_from_the_network():
    address = re.compile("http" + r"s?://(?!doi\.org|arxiv\.org|www\.w3\.org)\S+")
    found = {name: address.findall(code(name, text)) for name, text in texts().items()}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}
