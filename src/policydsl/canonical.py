"""When do two records mean the same? A form of them that holds what an answer depends on and nothing else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TypeAlias

from policydsl.facts import Name
from policydsl.nodes import Node, fields

Canonical: TypeAlias = "dict[str, Canonical] | list[Canonical] | str | int | bool | None"

#: What is said for people and changes no answer.
_SILENT = {
    "because", "continuous_because", "head", "issuer", "label", "notes", "origin", "overlap_because", "percent",
    "printed", "quotes", "span", "title", "word", "written",
}  # fmt: skip


def canonical(value: object) -> Canonical:
    """Equal for equal meanings, and made of what JSON can write. Names stand for themselves by their keys."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return str(value)
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case date():
            return value.isoformat()
        case frozenset():
            return ["set", *sorted(str(element) for element in value)]
        case tuple():
            return [canonical(element) for element in value]
        case Name():
            return value.key
        case Node():
            form: dict[str, Canonical] = {"": type(value).__name__}
            for name in fields(value):
                if name not in _SILENT:
                    form[name] = canonical(getattr(value, name))
            return form
        case _:
            raise AssertionError(type(value))
