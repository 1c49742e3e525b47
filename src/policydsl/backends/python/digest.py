"""Have the answers of a policy changed, and have the calls? Two digests of a canonical form of the ir.

`meaning` holds everything that an answer depends on and nothing else: no spans, labels, quotes,
comments or reasons, and declarations in the order of their keys. `interface` holds what a caller
sees: names, types, ranges, grains, whether a fact may be missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from policydsl.backends.python.names import ground_paths, part_names
from policydsl.canonical import Canonical, canonical
from policydsl.facts import Category, Fact
from policydsl.ir import Definition, Exceptions, Given, Lookup, Program
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf


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
        "effective": [canonical(header.effective_from), canonical(header.effective_to)],
        "currency": canonical(header.currency),
        "categories": {c.name.key: _keys(sorted(m.name.key for m in c.members)) for c in program.categories},
        "facts": {f.name.key: canonical(f) for f in program.facts},
        "givens": sorted((_given(g) for g in program.givens), key=lambda form: json.dumps(form)),
        "definitions": {d.name.key: _definition(d) for d in program.definitions},
        "outputs": _keys(sorted(program.outputs)),
    }


def _given(given: Given) -> Canonical:
    return canonical(given.condition)


def _definition(definition: Definition) -> Canonical:
    return {
        "kind": canonical(definition.kind),
        "grain": canonical(definition.grain),
        "body": canonical(definition.body),
        "finish": canonical(definition.finish),
    }


def _interface(program: Program) -> Canonical:
    header = program.header
    return {
        "name": header.name.key,
        "currency": canonical(header.currency),
        "categories": {c.name.key: _members(c) for c in program.categories},
        "outputs": {key: _signature(program, program.definition(key)) for key in program.outputs},
    }


def _members(category: Category) -> Canonical:
    return {member.name.key: member.code for member in category.members}


def _signature(program: Program, definition: Definition) -> Canonical:
    grounds = definition.body.grounds if isinstance(definition.body, Exceptions) else ()
    kinds = definition.body.kinds if isinstance(definition.body, Lookup) else ()
    return {
        "kind": _kind(definition.kind),
        "grain": canonical(definition.grain),
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
        "low": canonical(fact.low),
        "high": canonical(fact.high),
        "grain": canonical(fact.grain),
        "optional": fact.optional,
        "default": [canonical(fact.default)] if fact.has_default else None,
        "open": fact.open,
    }


def _kind(kind: Kind) -> Canonical:
    match kind:
        case Quantity():
            return [kind.percent, canonical(kind.unit)]
        case MemberOf() | SetOf():
            return [type(kind).__name__, kind.category]
        case _:
            return type(kind).__name__
