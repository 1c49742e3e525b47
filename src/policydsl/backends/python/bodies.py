"""How is a definition computed in Python? A form for each kind of body."""

from __future__ import annotations

from typing import assert_never

from policydsl.backends.python.bands import schedule
from policydsl.backends.python.building import Function
from policydsl.backends.python.expressions import value
from policydsl.backends.python.grounds import exceptions
from policydsl.backends.python.pieces import Outcome, finished
from policydsl.backends.python.splits import allotment
from policydsl.backends.python.tables import lookup
from policydsl.ir import (
    Allotment,
    Definition,
    Exceptions,
    Formula,
    Lookup,
    Schedule,
)


def compute(definition: Definition, fn: Function) -> Outcome:
    """The definition's values; statements that they need are added to `fn`."""
    body = definition.body
    match body:
        case Formula():
            return Outcome((finished(definition, value(body.value, fn), fn),))
        case Lookup():
            values = lookup(definition, body, fn)
            return Outcome(
                tuple(finished(definition, v, fn, k) for v, k in zip(values, body.kinds, strict=True))
            )
        case Schedule():
            return Outcome((schedule(definition, body, fn),))
        case Exceptions():
            return exceptions(definition, body, fn)
        case Allotment():
            return Outcome(allotment(definition, body, fn))
        case _:
            assert_never(body)
