"""A property that is computed once per object, without a lock that objects share.

`functools.cached_property` of Python 3.11 holds one lock per class while it computes, so one article of 10 MB would
keep all other threads from reading the same property of their own articles. Here two threads that read the property of
one object at the same moment may both compute it, and get equal values. Python 3.12 does the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # lower case like `cached_property`, because it is used as a decorator
    """A decorator for methods without arguments whose result depends only on the object. The object needs a
    ``__dict__``."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.func = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: object, owner: type) -> T: ...
    def __get__(self, holder: object | None, owner: type) -> Self | T:
        if holder is None:
            return self
        value = self.func(holder)
        # From now on Python finds this value before the descriptor, which has no __set__.
        holder.__dict__[self._name] = value
        return value
