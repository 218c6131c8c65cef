"""What every check does with an answer: is there one, is it right, and what is wrong?"""

from functools import wraps


class Unanswered(Exception):
    """The answer is still ... or a function whose body is."""


def filled(answer):
    """Return the answer; raise Unanswered if it is ... or None, what an empty function gives."""
    if answer is ... or answer is None:
        raise Unanswered
    return answer


def exercise(find_mistake):
    """Turn `find_mistake(answer)`, which returns a sentence or None, into a check that prints."""

    @wraps(find_mistake)
    def check(answer, *given):
        try:
            mistake = find_mistake(filled(answer), *given)
        except Unanswered:
            return print("Not answered yet: replace the ... (a function must return its result).")
        except Exception as error:
            mistake = f"the answer raised {type(error).__name__}: {error}"
        print("Right." if mistake is None else f"Not yet: {mistake}")

    return check


def whole_numbers(settings, names):
    """Return the settings; TypeError unless they are a dict of these names and whole numbers."""
    if not isinstance(settings, dict) or not set(settings) <= set(names):
        raise TypeError(f"expected a dict with some of {', '.join(names)}, got {settings!r}")
    for name, value in settings.items():
        if type(value) is not int:
            raise TypeError(f"{name}={value!r} is not a whole number")
    return settings
