"""What every check does with an answer: is there one, is it right, and which mistake is it?

A check is a function `find_mistake(answer, ...)` under `@exercise`.  It returns None, or a hint, or
several, weak ones first; what reads an answer, below and in `functions`, raises a Mistake for the
usual ones.
"""

from functools import partial, wraps

import numpy as np
import torch


class Unanswered(Exception):
    """The answer is still ... or a function whose body is."""


class Mistake(Exception):
    """A wrong answer.  Its arguments are hints, each stronger than the one before."""


def exercise(right):
    """Turn `find_mistake(answer, *given)` into a check that prints.

    right: what it says after "Right.": what that means, and what to try next.
    """

    def decorate(find_mistake):
        pressed = []  # the first hint of every wrong answer so far

        @wraps(find_mistake)
        def check(answer, *given):
            try:
                hints = hints_for(find_mistake, answer, given)
            except Unanswered:
                return print("Not answered yet: replace the `...` and run the cell again.")
            if not hints:
                return print(f"Right. {right}")
            print("Not yet:", hints[min(pressed.count(hints[0]), len(hints) - 1)])
            pressed.append(hints[0])

        check.pressed = pressed
        return check

    return decorate


def hints_for(find_mistake, answer, given):
    """The hints for this answer, weak ones first: none if it is right."""
    if answer is ...:
        raise Unanswered
    try:
        found = find_mistake(answer, *given)
    except Mistake as mistake:
        return mistake.args
    except (TypeError, ValueError, AttributeError, IndexError, RuntimeError, ArithmeticError):
        found = f"the check cannot read this answer, which is of the type {type(answer).__name__}"
    return () if found is None else hints_of(found)


def number(answer):
    """The answer as a float; Mistake unless it is one finite number (numpy's and torch's too)."""
    if isinstance(answer, str):
        raise Mistake(f"{answer!r} is a text: give the number without quotes")
    if callable(answer) or isinstance(answer, bool | np.bool_) or answer is None:
        raise Mistake(f"a number is asked for, this is of the type {type(answer).__name__}")
    if np.shape(answer) != ():
        raise Mistake(f"one number is asked for, this has the shape {np.shape(answer)}")
    if not np.isfinite(float(answer)):
        raise Mistake(f"{float(answer)} is no number that can be measured")
    return float(answer)


def whole_number(answer, least, most):
    """The answer as an int; Mistake unless it is a whole number from `least` to `most`."""
    value = number(answer)
    if value != int(value):
        raise Mistake(f"{value:g} is not a whole number")
    if not least <= value <= most:
        raise Mistake(f"{value:g} is out of range: a whole number from {least} to {most} is due")
    return int(value)


def settings_of(answer, names):
    """The answer, a dict of whole numbers by these names; Mistake if it is none."""
    if not isinstance(answer, dict):
        raise Mistake(f"a dict is asked for, as in dict({names[0]}=3); this is {answer!r}")
    for name in set(answer) - set(names):
        raise Mistake(f"{name!r} is none of the names {', '.join(names)}")
    return {name: whole_number(value, 0, 10**6) for name, value in answer.items()}


def values(result, shape, what):
    """The result as a float array of this shape.  what: a sentence that says what it should be."""
    array = numbers(result)
    if array is None and isinstance(result, list | tuple):
        kinds = "whose items are not all numbers, or not equally long"
        raise Mistake(f"{what}; you return a {type(result).__name__} {kinds}")
    if array is None:
        raise Mistake(f"{what}; you return a {type(result).__name__}")
    if array.shape != shape:
        raise Mistake(f"{what}; you return the shape {array.shape}, not {shape}")
    if not np.isfinite(array).all():
        raise Mistake(f"{what}; you return a result with NaN or infinity in it")
    return array


def numbers(result):
    """A result (number, list, array, tensor) as an array of floats, or None if it holds others."""
    try:
        array = np.asarray(result.detach() if isinstance(result, torch.Tensor) else result)
        return None if array.dtype.kind in "USc" else array.astype(float)
    except (TypeError, ValueError):
        return None


def agrees(given, expected, rtol=1e-3):
    """Whether two results have one shape and, up to rtol, one value; NaN is one."""
    given, expected = (None if a is None else numbers(a) for a in (given, expected))
    if given is None or expected is None or given.shape != expected.shape:
        return False
    return np.allclose(given, expected, rtol=rtol, atol=1e-8, equal_nan=True)


def recognised(is_of, mistakes):
    """Raise the Mistake that an answer is.  mistakes: {hint or hints: what makes it}.

    is_of: says of a number or function of the table whether the answer is like it.
    """
    for hints, wrong in mistakes.items():
        if is_of(wrong):
            raise Mistake(*hints_of(hints))


def judge(answer, right, mistakes, hint, question, rtol=1e-3, whole=False):
    """None if the answer is the right number, otherwise hints.  mistakes: {hint: wrong number}.

    hint, with the number at {:g}, and question: what is said to a number that nobody foresaw.
    """
    value = number(answer)
    if np.isclose(value, right, rtol=rtol):
        return None
    recognised(partial(agrees, value, rtol=rtol), mistakes)
    hint = hint.format(whole_number(value, 1, 10**9) if whole else value)
    return hint, f"{hint}. {question}"


def hints_of(hints):
    """A hint, or several, as a tuple."""
    return (hints,) if isinstance(hints, str) else tuple(hints)
