"""Have the answers of a policy changed, and have the calls? Two digests of a canonical form of the ir.

`meaning` holds everything that an answer depends on and nothing else: no spans, labels, quotes,
comments or reasons, and declarations in the order of their keys. `interface` holds what a caller
sees: names, types, ranges, grains, whether a fact may be missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from policydsl.backends.python.names import ground_paths, part_names
from policydsl.facts import Category, Fact, Name
from policydsl.ir import Definition, Exceptions, Given, Lookup, Program
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf
from policydsl.nodes import Node, fields

Canonical: TypeAlias = "dict[str, Canonical] | list[Canonical] | str | int | bool | None"

#: What is said for people and changes no answer.
_SILENT = {
    "because", "continuous_because", "head", "issuer", "label", "notes", "origin", "overlap_because", "percent",
    "printed", "quotes", "span", "title", "word", "written",
}  # fmt: skip


def digests(program: Program) -> tuple[str, str]:
    """The digests of the program's meaning and of its interface, as `sha256:…`."""
    return _sha256(_meaning(program)), _sha256(_interface(program))


def _sha256(form: Canonical) -> str:
    text = json.dumps(form, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _meaning(program: Program) -> Canonical:
    header = program.header
    return {
        "name": header.name.key,
        "effective": [_plain(header.effective_from), _plain(header.effective_to)],
        "currency": _plain(header.currency),
        "categories": {c.name.key: _keys(sorted(m.name.key for m in c.members)) for c in program.categories},
        "facts": {f.name.key: _plain(f) for f in program.facts},
        "givens": sorted((_given(g) for g in program.givens), key=lambda form: json.dumps(form)),
        "definitions": {d.name.key: _definition(d) for d in program.definitions},
        "outputs": _keys(sorted(program.outputs)),
    }


def _given(given: Given) -> Canonical:
    return _plain(given.condition)


def _definition(definition: Definition) -> Canonical:
    return {
        "kind": _plain(definition.kind),
        "grain": _plain(definition.grain),
        "body": _plain(definition.body),
        "finish": _plain(definition.finish),
    }


def _plain(value: object) -> Canonical:
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
            return [_plain(element) for element in value]
        case Name():
            return value.key
        case Node():
            form: dict[str, Canonical] = {"": type(value).__name__}
            for name in fields(value):
                if name not in _SILENT:
                    form[name] = _plain(getattr(value, name))
            return form
        case _:
            raise AssertionError(type(value))


def _interface(program: Program) -> Canonical:
    header = program.header
    return {
        "name": header.name.key,
        "currency": _plain(header.currency),
        "categories": {c.name.key: _members(c) for c in program.categories},
        "outputs": {d.name.key: _signature(program, d) for d in program.definitions},
    }


def _members(category: Category) -> Canonical:
    return {member.name.key: member.code for member in category.members}


def _signature(program: Program, definition: Definition) -> Canonical:
    grounds = definition.body.grounds if isinstance(definition.body, Exceptions) else ()
    kinds = definition.body.kinds if isinstance(definition.body, Lookup) else ()
    return {
        "kind": _kind(definition.kind),
        "grain": _plain(definition.grain),
        "constant": definition.word == "param" and not definition.inputs,
        "inputs": {key: _input(program.fact(key)) for key in definition.inputs},
        "parts": [name.key for name in part_names(definition)],
        "kinds": [_kind(kind) for kind in kinds],
        "grounds": _keys(path for path, _ in ground_paths(grounds)),
        "grounded": isinstance(definition.body, Exceptions),
    }


def _keys(keys: Iterable[str]) -> list[Canonical]:
    return list(keys)


def _input(fact: Fact) -> Canonical:
    return {
        "kind": _kind(fact.kind),
        "low": _plain(fact.low),
        "high": _plain(fact.high),
        "grain": _plain(fact.grain),
        "optional": fact.optional,
        "default": [_plain(fact.default)] if fact.has_default else None,
        "open": fact.open,
    }


def _kind(kind: Kind) -> Canonical:
    match kind:
        case Quantity():
            return [kind.percent, _plain(kind.unit)]
        case MemberOf() | SetOf():
            return [type(kind).__name__, kind.category]
        case _:
            return type(kind).__name__
