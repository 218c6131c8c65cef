"""Checks for the exercises: they say which mistake an answer makes, never what is right.

Each check takes the answer, a number or a function, and prints a verdict.  An exercise that is
still `...` is not a mistake, so that an unsolved notebook runs from top to bottom.

One module per notebook, under the notebook's name; notebook 4's PCA and the
walks of notebook 9 have one of their own.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__, f"{__name__}."):
    lesson = vars(import_module(module.name))
    globals().update({name: f for name, f in lesson.items() if hasattr(f, "pressed")})
