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
    """Check these arguments of every call of the function below, and its arguments' number.

    An axis of the same name, "L" of `array("N", "L")`, has to be equally long in all of them.
    """

    def decorate(function):
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args, **kwargs):
            given, lengths = signature.bind(*args, **kwargs), {}
            for name in [name for name in given.arguments if name in checks]:
                value = given.arguments[name]
                plain = value.item() if getattr(value, "ndim", None) == 0 else value  # a number
                given.arguments[name] = value = checks[name](name, plain)
                agree(lengths, name, getattr(checks[name], "axes", ()), getattr(value, "shape", ()))
            return function(*given.args, **given.kwargs)

        return checked

    return decorate


def agree(lengths, name, axes, shape):
    """Raise ValueError where an axis is longer or shorter than that of another argument."""
    for axis, length in zip(reversed(axes), reversed(shape), strict=False):
        other, known = lengths.setdefault(axis, (name, length))
        if length != known:
            raise ValueError(
                f"{name} has shape {tuple(shape)}: expected {known} along its axis {axis}, as "
                f"{other} has; give both the same {axis}"
            )


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


RATE = real(50, 10_000)  # Hz: below, a QRS is not seen; above, nobody records a heart


def span(least, most):
    """The bounds in words."""
    return f"at least {least}" if most == inf else f"{least} to {most}"


def optional(check):
    """None, or what `check` takes."""

    def unless_none(name, value):
        return None if value is None else check(name, value)

    unless_none.axes = getattr(check, "axes", ())
    return unless_none


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

    def taken(name, value, form):
        try:
            value = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:  # rows of different lengths
            raise TypeError(f"{name} is no array, {error}: expected {form}") from None
        if not value.size:  # of no kind: its shape is refused
            return value
        if value.dtype.kind not in ("iu" if integers else "iuf"):
            raise TypeError(f"{name} holds {value.dtype}: expected {form}")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds NaN or infinity: leave it out or repair it first")
        return value

    return shaped(axes, "whole numbers" if integers else "numbers", taken, shortest)


def tensor(*axes):
    """A tensor of floats with these axes, as in `array`; its values are not looked at."""

    def taken(name, value, form):
        dtype = getattr(value, "dtype", type(value).__name__)
        if not getattr(dtype, "is_floating_point", False):
            raise TypeError(f"{name} is {dtype}: expected {form}")
        return value

    return shaped(axes, "a tensor of floats", taken, 1)


def shaped(axes, kind, taken, shortest):
    """A check of the axes of what taken(name, value, form) makes of a value."""
    form = f"{kind} in the shape ({', '.join(axes)}), each axis of {shortest} or more"
    named = [axis for axis in axes if axis != "..."]

    def check(name, value):
        value = taken(name, value, form)
        shape, spare = tuple(value.shape), value.ndim - len(named)
        known = zip(reversed(named), reversed(shape), strict=False)
        fits = spare == 0 or (spare > 0 and "..." in axes)
        if not fits or min(shape) < shortest or any(a.isdigit() and int(a) != n for a, n in known):
            raise ValueError(f"{name} has shape {shape}: expected {form}")
        return value

    check.axes = named
    return check
