"""Node, for the tests of what the pages compute."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="node is missing: apt-get install nodejs, or see the site of Node.js"
)


def in_node(script, data):
    """What tests/node/`script` answers to `data`, both as JSON."""
    command = [NODE, Path(__file__).parent / script]
    done = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def called(module, *calls):
    """What functions of a script of the widgets return: calls are (name, *arguments)."""
    return in_node("call.mjs", dict(module=module, calls=calls))
