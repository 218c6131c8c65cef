"""Checks for the exercises: they say what is wrong with an answer, never what is right.

Each check takes the answer, a number or a function, and prints a verdict.  An exercise that is
still `...` is not a mistake, so that an unsolved notebook runs from top to bottom.
"""

from functools import wraps


def exercise(find_mistake):
    """Turn `find_mistake(answer)`, which returns a sentence or None, into a check that prints."""

    @wraps(find_mistake)
    def check(answer):
        if answer is ...:
            return print("Not answered yet: replace the ... and run this cell again.")
        try:
            mistake = find_mistake(answer)
        except Exception as error:
            mistake = f"the answer raised {type(error).__name__}: {error}"
        print("Right." if mistake is None else f"Not yet: {mistake}")

    return check
