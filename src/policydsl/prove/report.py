"""How is a verdict told? As a diagnostic with a case that an officer can paste as an example."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from policydsl.amounts import say_decimal, say_quantity
from policydsl.diagnostics import codes_ensure as codes
from policydsl.diagnostics.model import Diagnostic, Language, Words, listed
from policydsl.expressions import Value
from policydsl.facts import Category, Fact, Name
from policydsl.ir import Ensure, Program
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf, is_money
from policydsl.nodes import Span
from policydsl.prove.cells import MAX_CELLS
from policydsl.prove.decide import Verdict
from policydsl.prove.witnesses import Witness
from policydsl.prove.wording import parts_of

if TYPE_CHECKING:
    from policydsl.trace import Broken


def diagnostic(program: Program, verdict: Verdict) -> Diagnostic | None:
    """What to say of a verdict in every check; nothing of a property that is proved."""
    span = verdict.ensure.span
    if verdict.outcome == "proved":
        return None
    if verdict.outcome == "refuted":
        assert verdict.witness is not None
        return _refuted(program, verdict.ensure, verdict.witness, verdict.witness.broken)
    names = [program.fact(key).name for key in verdict.amounts]
    amounts = Words(", ".join(n.key for n in names), "、".join(n.shown for n in names))
    match verdict.why:
        case "amounts":
            return Diagnostic(codes.ENSURE_NEEDS_SOLVER, span, {"amounts": amounts})
        case "product":
            return Diagnostic(codes.ENSURE_PRODUCT, span, {"amounts": amounts})
        case "cells":
            facts = listed(
                f"{_axis_name(program, axis.fact)} × {len(axis.values)}" for axis in verdict.combinations
            )
            return Diagnostic(codes.ENSURE_TOO_MANY, span, {"limit": MAX_CELLS, "facts": facts})
        case _:
            return Diagnostic(codes.ENSURE_UNDECIDED, span)


def remark(verdict: Verdict) -> Diagnostic | None:
    """What `check --verbose` adds: that a property is proved."""
    return Diagnostic(codes.ENSURE_PROVED, verdict.ensure.span) if verdict.outcome == "proved" else None


def _axis_name(program: Program, key: str) -> str:
    return program.fact(key.removeprefix("?")).name.shown if key else "?"


def _refuted(program: Program, ensure: Ensure, witness: Witness, shown: Broken) -> Diagnostic:
    example = _example(program, witness, shown, ensure.span)
    return Diagnostic(
        codes.ENSURE_REFUTED,
        ensure.span,
        {
            "shown": Words(_tell(program, witness, shown, "en"), _tell(program, witness, shown, "zh"))
            if witness.facts or shown.values
            else Words("nothing in it depends on the case", "其中没有因情形而异的内容"),
            "example": example,
        },
        case=tuple(
            (_written(fact.name), source_text(program, value, fact))
            for fact, value in _facts(program, witness)
        ),
    )


def _facts(program: Program, witness: Witness) -> list[tuple[Fact, Value]]:
    """The facts of a case in the order of the policy."""
    keys = witness.facts.keys()
    return [(fact, witness.facts[fact.name.key]) for fact in program.facts if fact.name.key in keys]


def _tell(program: Program, witness: Witness, shown: Broken, language: Language) -> str:
    """The case and what comes of it: people and amounts."""
    kinds = {fact.name.key: fact.kind for fact, _ in _facts(program, witness)}
    names = {fact.name.key: _name(fact.name, language) for fact, _ in _facts(program, witness)}
    said = {
        fact.name.key: _say(program, value, fact.kind, language) for fact, value in _facts(program, witness)
    }
    values = [
        (_output(program, name, language), _say(program, value, kind, language))
        for name, value, kind in shown.values
    ]
    if language == "zh":
        facts = "，".join(f"{names[key]}为{said[key]}" for key in said)
        told = "，".join(f"{name}为{value}" for name, value in values)
        told = f"{facts}时，{told}" if facts and told else facts or told
    else:
        facts = ", ".join(f"{names[key]} {said[key]}" for key in said)
        told = ", ".join(f"{name} is {value}" for name, value in values)
        told = f"{facts}: {told}" if facts and told else facts or told
    if witness.before is None or shown.before is None:
        return told
    changed = next(key for key, value in witness.before.items() if witness.facts.get(key) != value)
    at = _say(program, witness.before[changed], kinds[changed], language)
    before = _say(program, shown.before, shown.values[0][2], language)
    where = f"{names[changed]}为{at}" if language == "zh" else f"{names[changed]} {at}"
    return f"{told}；{where}时为{before}" if language == "zh" else f"{told}; for {where} it is {before}"


def _output(program: Program, written: str, language: Language) -> str:
    """An output, or a part of one, as people of that language call it; a calculation stays as it is written."""
    whole, _, part = written.partition(".")
    for definition in program.definitions:
        if whole in (definition.name.written, definition.name.alias):
            name = _name(definition.name, language)
            parts = {
                n: _name(one, language) for one in parts_of(definition) for n in (one.written, one.alias)
            }
            return f"{name}.{parts.get(part, part)}" if part else name
    return written


def _name(name: Name, language: Language) -> str:
    return name.shown if language == "zh" else name.key


def _say(program: Program, value: Value, kind: Kind, language: Language) -> str:
    if isinstance(kind, Quantity) and isinstance(value, Fraction):
        return say_quantity(value, kind, program.header.currency, language, plain=True)
    if isinstance(kind, MemberOf):
        names = {m.name.key: m.name for m in program.category(kind.category).members}
        return _name(names[str(value)], language)
    if isinstance(kind, SetOf) and isinstance(value, frozenset):
        named = [m.name for m in program.category(kind.category).members if m.name.key in value]
        none = "无" if language == "zh" else "none"
        return "、".join(_name(n, language) for n in named) or none
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if value is None:
        return "无" if language == "zh" else "none"
    return str(value)


# the example block


def _example(program: Program, witness: Witness, shown: Broken, span: Span) -> str:
    """A declaration that fails when it is pasted into the policy, in the keywords the policy uses."""
    language: Language = "en" if span.text[:1].isascii() else "zh"
    comma, equal = (", ", " = ") if language == "en" else ("，", " ＝ ")
    facts = comma.join(
        f"{_written(fact.name)}{equal}{source_text(program, value, fact, language)}"
        for fact, value in _facts(program, witness)
    )
    begin = 'example "counterexample": ' if language == "en" else "举例 “反例”："
    if shown.output is None:  # a property of facts alone: the case is accepted, and the example denies it
        return f"{begin}{facts} {'is refused' if language == 'en' else '无结果'}"
    name, value, kind = shown.output
    gives = "gives" if language == "en" else "结果"
    result = f"{gives} {name}{equal}{_figure(program, value, kind, language)}"
    return f"{begin}{facts} {result}" if facts else f"{begin}{result}"


def _written(name: Name) -> str:
    """A name as a policy file can write it: quoted when it is no plain word, or was quoted for being a keyword."""
    plain = name.written.isidentifier() and name.span.text[:1] not in ('"', "“", "「")
    return name.written if plain else f"“{name.written}”"


def source_text(program: Program, value: Value, fact: Fact, language: Language = "en") -> str:
    """A value as an example writes it, in the keywords of that language."""
    return _figure(program, value, fact.kind, language)


def _figure(program: Program, value: Value, kind: Kind, language: Language) -> str:
    none = "none" if language == "en" else "无"
    if value is None:
        return none
    if isinstance(value, bool):
        return ("yes" if value else "no") if language == "en" else ("是" if value else "否")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        assert isinstance(kind, SetOf)
        category = program.category(kind.category)
        named = [_written(m.name) for m in category.members if m.name.key in value]
        listed = f"({', '.join(named)})" if language == "en" else f"（{'、'.join(named)}）"
        return listed if named else none
    if isinstance(value, str):
        assert isinstance(kind, MemberOf)
        return _written(_member(program.category(kind.category), value))
    assert isinstance(kind, Quantity)
    return _amount(program, value, kind)


def _member(category: Category, key: str) -> Name:
    return next(m.name for m in category.members if m.name.key == key)


def _amount(program: Program, value: Fraction, kind: Quantity) -> str:
    if is_money(kind):
        sign = program.header.currency.sign
        return f"{say_decimal(value)}{sign if not sign.isascii() else ' ' + sign}"
    if kind.percent:
        return f"{say_decimal(value * 100)}%"
    return say_decimal(value)
