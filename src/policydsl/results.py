"""How are answers handed on? As values of Python, as JSON, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from policydsl.amounts import decimals, say_decimal, say_unit, say_value
from policydsl.diagnostics.model import Language
from policydsl.expressions import Value
from policydsl.facts import Name
from policydsl.ir import Allotment, Definition, Exceptions, Ground, Lookup, Program
from policydsl.kinds import Kind, Quantity
from policydsl.trace import Step

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

#: Decimal for money and rates (Fraction where no decimal is exact), int for whole counts, a member's key …
Simple: TypeAlias = Decimal | Fraction | int | bool | str | date | frozenset[str] | None


class Parts(Mapping[str, Simple]):
    """The payers of a split, subtotals and `total` included, or the columns of a table.

    `funding["central"]` and `funding.central` are the same.
    """

    __slots__ = ("_parts",)

    _parts: dict[str, Simple]

    def __init__(self, parts: Mapping[str, Simple]) -> None:
        object.__setattr__(self, "_parts", dict(parts))

    def __getitem__(self, key: str) -> Simple:
        return self._parts[key]

    def __getattr__(self, name: str) -> Simple:
        if name.startswith("__") or name not in self._parts:
            raise AttributeError(f"no part is called {name!r}")
        return self._parts[name]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("parts do not change")

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __reduce__(self) -> tuple[type[Parts], tuple[dict[str, Simple]]]:
        return Parts, (dict(self),)

    def __repr__(self) -> str:
        return f"Parts({', '.join(f'{k}={v!r}' for k, v in self.items())})"


@dataclass(frozen=True, slots=True)
class Grounds:
    """The answer of a rule with grounds: the value, the ground that gave it ("base" when none held),
    and all grounds that held, in the notice's order."""

    value: Simple
    ground: str
    held: tuple[str, ...]


Answer: TypeAlias = Simple | Parts | Grounds


def as_python(program: Program, step: Step) -> Answer:
    """The answer of `step` as a value of Python."""
    definition = step.definition
    match definition.body:
        case Exceptions():
            ground, held = _grounds(step)
            return Grounds(_simple(step.value, definition.kind, definition.grain, program), ground, held)
        case Allotment() | Lookup() if step.parts:
            return Parts(
                {name.key: _simple(value, kind, grain, program) for name, value, kind, grain in _parts(step)}
            )
        case _:
            return _simple(step.value, definition.kind, definition.grain, program)


def as_json(program: Program, step: Step) -> Json:
    """The answer of `step` for JSON: money and rates as strings (money with the decimals of its grain),
    a split as an object of payers, a rule with grounds as an object of value, ground and held."""
    definition = step.definition
    match definition.body:
        case Exceptions():
            ground, held = _grounds(step)
            value = json_value(step.value, definition.kind, definition.grain, program)
            return {"value": value, "ground": ground, "held": list(held)}
        case Allotment() | Lookup() if step.parts:
            return {
                name.key: json_value(value, kind, grain, program) for name, value, kind, grain in _parts(step)
            }
        case _:
            return json_value(step.value, definition.kind, definition.grain, program)


def as_text(program: Program, step: Step, language: Language) -> str:
    """The answer of `step` in one line, or for parts in a line each: payout 大病保险支付金额 = 96080.00元."""
    definition = step.definition
    head = _titled(definition.name)
    match definition.body:
        case Exceptions() as body:
            value = text_value(step.value, definition.kind, definition.grain, program, language)
            ground, held = _grounds(step)
            if not held:
                return f"{head} = {value}"
            said = {key: _titled(name) for key, name in ground_names(body.grounds)}
            because = said.get(ground, ground)
            others = [said.get(h, h) for h in held if h != ground]
            if language == "zh":
                more = f"；同时符合：{'、'.join(others)}" if others else ""
                return f"{head} = {value}（依据：{because}{more}）"
            more = f"; also met: {', '.join(others)}" if others else ""
            return f"{head} = {value} (ground: {because}{more})"
        case Allotment() | Lookup() if step.parts:
            lines = [
                f"  {_titled(name)} = {text_value(value, kind, grain, program, language)}"
                for name, value, kind, grain in _parts(step)
                if name.key != "total"
            ]
            if step.value is not None:
                total = text_value(step.value, definition.kind, definition.grain, program, language)
                head = f"{head} = {total}"
            return "\n".join([head, *lines])
        case _:
            value = text_value(step.value, definition.kind, definition.grain, program, language)
            return f"{head} = {value}"


def text_value(value: Value, kind: Kind, grain: Fraction | None, program: Program, language: Language) -> str:
    """A value for people, money with the decimals of its grain and without grouping: 96080.00元."""
    if isinstance(kind, Quantity) and kind.unit.power("money") and isinstance(value, Fraction):
        unit = say_unit(kind.unit, program.header.currency, language)
        return f"{say_decimal(value, _places(grain, program))}{' ' if unit[:1].isascii() else ''}{unit}"
    return say_value(
        value,
        kind,
        currency=program.header.currency,
        categories=program.categories,
        language=language,
        plain=True,
    )


def json_value(value: Value, kind: Kind, grain: Fraction | None, program: Program) -> Json:
    """A value for JSON. Days are in ISO form, members are their keys, sets are sorted lists."""
    simple = _simple(value, kind, grain, program)
    match simple:
        case None | bool() | int() | str():
            return simple
        case date():
            return simple.isoformat()
        case frozenset():
            return sorted(simple)  # type: ignore[return-value]
        case _:
            return str(simple)


def _simple(value: Value, kind: Kind, grain: Fraction | None, program: Program) -> Simple:
    if not isinstance(kind, Quantity) or not isinstance(value, Fraction):
        return value
    money = bool(kind.unit.power("money"))
    if not money and not kind.percent and grain is not None and grain.denominator == 1:
        return int(value)
    if decimals(value) is None:
        return value
    # Made from digits: arithmetic of Decimal would round as the caller's context says.
    return Decimal(say_decimal(value, _places(grain, program) if money else 0))


def _places(grain: Fraction | None, program: Program) -> int:
    return decimals(program.header.currency.grain if grain is None else grain) or 0


def _parts(step: Step) -> Iterator[tuple[Name, Value, Kind, Fraction | None]]:
    """The parts with their names and kinds; of a split its leaves, subtotals, total."""
    definition = step.definition
    known: dict[str, tuple[Name, Kind, Fraction | None]] = {}
    match definition.body:
        case Allotment() as body:
            for name in (*body.leaves, *body.subtotals):
                known[name.key] = (name, definition.kind, definition.grain)
        case Lookup() as body:
            for name, kind in zip(body.results, body.kinds, strict=True):
                known[name.key] = (name, kind, None)
    for key, value in step.parts:
        assert not isinstance(value, tuple)
        name, kind, grain = known.get(key) or (
            _plain_name(key, definition),
            definition.kind,
            definition.grain,
        )
        yield name, value, kind, grain


def _plain_name(key: str, definition: Definition) -> Name:
    return Name(key, span=definition.span)


def _grounds(step: Step) -> tuple[str, tuple[str, ...]]:
    parts = dict(step.parts)
    ground, held = parts["ground"], parts["held"]
    assert isinstance(ground, str)
    assert isinstance(held, tuple)
    return ground, held


def ground_names(grounds: tuple[Ground, ...], above: str = "") -> Iterator[tuple[str, Name]]:
    """Every ground with the key results name it by: `full`, then `full.veteran` within it."""
    for ground in grounds:
        own = ground.name.key
        key = own if not above or own.startswith(f"{above}.") else f"{above}.{own}"
        yield key, ground.name
        yield from ground_names(ground.inner, key)


def _titled(name: Name) -> str:
    return name.key if name.shown == name.key else f"{name.key} {name.shown}"
