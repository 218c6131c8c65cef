"""Stop with a sentence where this Python cannot make the course's environment: too old, or bare."""

import sys
from importlib.util import find_spec

FOUND = "{}.{}.{}".format(*sys.version_info)  # an old Python knows no f-string
if sys.version_info < (3, 11):  # noqa: UP036, this file is what older ones meet
    sys.exit("Python 3.11 or newer is needed, this is " + FOUND + ": make PYTHON=python3.12 ...")
if not (find_spec("venv") and find_spec("ensurepip")):
    sys.exit(
        "Python " + FOUND + " cannot make a virtual environment, parts of it are missing: "
        "apt-get install python3-venv (Debian, Ubuntu), or take a Python from python.org"
    )
