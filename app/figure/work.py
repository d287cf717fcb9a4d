"""Long work as a generator that pauses every few milliseconds, for a page that answers meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import ParamSpec, TypeVar

WorkDone = TypeVar("WorkDone")
Arguments = ParamSpec("Arguments")


def finished(work: Generator[object, None, WorkDone]) -> WorkDone:
    """Do all of some work that can be done in pieces, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: WorkDone = end.value
            return result


def in_one_go(make: Callable[Arguments, Generator[object, None, WorkDone]]) -> Callable[Arguments, WorkDone]:
    """Decorate a function that works in pieces: the result does all of its work at once, with the same docstring."""

    @wraps(make)
    def do_all(*args: Arguments.args, **kwargs: Arguments.kwargs) -> WorkDone:
        return finished(make(*args, **kwargs))

    return do_all


def share_of(work: Generator[float, None, WorkDone], start: float, share: float) -> Generator[float, None, WorkDone]:
    """Work as a share of other work, of which `start` is done. All tell the share that is done, 0 to 1."""
    while True:
        try:
            done = next(work)
        except StopIteration as end:
            result: WorkDone = end.value
            return result
        yield start + share * done
