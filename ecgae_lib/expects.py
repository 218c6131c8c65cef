"""What a function expects of its arguments, checked at its door before any work is done.

`@takes(length=whole(1))` above a function checks the argument `length` of every call.  A check
takes name and value, and returns the value as it is used, or raises TypeError or ValueError with
what was given, what is expected and what to do.
"""

import inspect
from functools import wraps
from math import inf
from numbers import Integral, Real

import numpy as np


def takes(**checks):
    """Check these arguments of every call of the function below, and its arguments' number."""

    def decorate(function):
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args, **kwargs):
            given = signature.bind(*args, **kwargs)
            for name in checks.keys() & given.arguments.keys():
                value = given.arguments[name]
                plain = value.item() if getattr(value, "ndim", None) == 0 else value  # a number
                given.arguments[name] = checks[name](name, plain)
            return function(*given.args, **given.kwargs)

        return checked

    return decorate


def whole(least, most=inf):
    """A whole number from `least` to `most`: an int, or what numpy or torch has for one."""

    def check(name, value):
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name}={value!r}: expected a whole number, such as {max(least, 1)}")
        if not least <= value <= most:
            raise ValueError(f"{name}={value}: expected {span(least, most)}")
        return int(value)

    return check


def real(least=-inf, most=inf, above=-inf):
    """A finite number from `least` to `most`, or above a bound; a float of Python, numpy, torch."""

    def check(name, value):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name}={value!r}: expected a number")
        if not (least <= value <= most and value > above and abs(value) < inf):
            bounds = f"more than {above}" if above > -inf else span(least, most)
            raise ValueError(f"{name}={value}: expected {bounds}, and finite")
        return value

    return check


def span(least, most):
    """The bounds in words."""
    return f"at least {least}" if most == inf else f"{least} to {most}"


def optional(check):
    """None, or what `check` takes."""
    return lambda name, value: None if value is None else check(name, value)


def one_of(*choices):
    """One of these values."""

    def check(name, value):
        if value not in choices:
            raise ValueError(f"{name}={value!r}: expected one of {', '.join(map(repr, choices))}")
        return value

    return check


def array(*axes, integers=False, shortest=1):
    """A finite array with these axes, such as "N", "L"; a list or a tensor becomes one.

    An axis that is named by a number, "2", has this length, "..." stands for any others before;
    no axis is shorter than `shortest`.
    """
    kind = "whole numbers" if integers else "numbers"
    form = f"{kind} in the shape ({', '.join(axes)}), each axis of {shortest} or more"
    last = [axis for axis in axes if axis != "..."]

    def check(name, value):
        value = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
        if value.dtype.kind not in ("iu" if integers else "iuf"):
            raise TypeError(f"{name} holds {value.dtype}: expected {form}")
        lengths = value.shape[-len(last) :] if len(last) < len(axes) else value.shape
        fits = len(lengths) == len(last) and min(lengths) >= shortest and value.size > 0
        if not fits or any(a.isdigit() and int(a) != n for a, n in zip(last, lengths, strict=True)):
            raise ValueError(f"{name} has shape {value.shape}: expected {form}")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds NaN or infinity: leave it out or repair it first")
        return value

    return check
