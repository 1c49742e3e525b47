"""Who of a list of people gains and who loses? Every row is computed under both policies, counted and added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from policydsl.caseinput import Unreadable, find_fact, read_value
from policydsl.differences import Comparison, Tally
from policydsl.expressions import Value
from policydsl.facts import Name
from policydsl.ir import Program
from policydsl.kinds import Quantity

#: what an output is under a policy in a case; None is no answer
Compute: TypeAlias = Callable[[Program, str, Mapping[str, Value]], Value]


def columns_of(program: Program, heads: Sequence[str]) -> dict[str, str]:
    """Which column holds which fact of the policy: by key, name or label."""
    found: dict[str, str] = {}
    for head in heads:
        fact = find_fact(program, head)
        if fact is not None:
            found.setdefault(fact.name.key, head)
    return found


def counted(
    comparison: Comparison,
    rows: Sequence[Mapping[str, str]],
    heads: Sequence[str],
    by: Sequence[str],
    compute: Compute,
) -> dict[str, tuple[Tally, ...]]:
    """How many rows gain, lose, stay or have no answer, and what it sums to, for each output that is a quantity and
    each combination of what stands in the columns `by`, in the order they first appear. An output without a column
    for a fact that it must have is left out: `lacking` names what is missing."""
    columns = [(program, columns_of(program, heads)) for program in (comparison.old, comparison.new)]
    return {
        key: tuple(_tallies(key, rows, by, columns, compute))
        for key in _wanted(comparison)
        if not any(True for _ in _missing(key, columns))
    }


def lacking(comparison: Comparison, heads: Sequence[str]) -> dict[str, tuple[Name, ...]]:
    """The facts that have no column under these heads, of each output that could not be computed for anybody."""
    columns = [(program, columns_of(program, heads)) for program in (comparison.old, comparison.new)]
    found = {key: tuple(dict.fromkeys(_missing(key, columns))) for key in _wanted(comparison)}
    return {key: names for key, names in found.items() if names}


def _missing(key: str, columns: Sequence[tuple[Program, Mapping[str, str]]]) -> Iterator[Name]:
    for program, known in columns:
        for fact in (program.fact(needed) for needed in program.definition(key).inputs):
            if fact.name.key not in known and not fact.has_default and not fact.optional:
                yield fact.name


def _wanted(comparison: Comparison) -> Iterable[str]:
    return dict.fromkeys(
        one.key
        for one in comparison.answers
        if one.part is None
        and one.outcome in ("same", "different", "open")
        and isinstance(one.kind, Quantity)
    )


def _tallies(
    output: str,
    rows: Sequence[Mapping[str, str]],
    by: Sequence[str],
    columns: Sequence[tuple[Program, Mapping[str, str]]],
    compute: Compute,
) -> Iterable[Tally]:
    found: dict[tuple[str, ...], Tally] = {}
    read = dict.fromkeys(
        head
        for program, known in columns
        for fact in program.definition(output).inputs
        if (head := known.get(fact)) is not None
    )
    answers: dict[tuple[str | None, ...], tuple[Value, Value]] = {}  # people who are alike are computed once
    for row in rows:
        key = tuple(row.get(name) or "" for name in by)
        told = tuple(row.get(head) for head in read)
        if told not in answers:
            old, new = (_answer(program, output, row, known, compute) for program, known in columns)
            answers[told] = (old, new)
        old, new = answers[told]
        found[key] = _counted(found.get(key) or Tally(key), old, new)
    return found.values()


def _answer(
    program: Program, output: str, row: Mapping[str, str], columns: Mapping[str, str], compute: Compute
) -> Value:
    facts: dict[str, Value] = {}
    for key in program.definition(output).inputs:
        text = row.get(columns.get(key, ""), "")
        if text is None or not text.strip():
            if program.fact(key).optional:
                facts[key] = None
            continue
        try:
            facts[key] = read_value(program, program.fact(key), text)
        except Unreadable:
            return None
    return compute(program, output, facts)


def _counted(tally: Tally, old: Value, new: Value) -> Tally:
    if old is None or new is None:
        return _more(tally, unanswered=1)
    before, after = _number(old), _number(new)
    by = after - before
    return _more(
        tally,
        gained=int(by > 0),
        lost=int(by < 0),
        same=int(by == 0),
        gains=max(by, Fraction(0)),
        losses=max(-by, Fraction(0)),
        old=before,
        new=after,
    )


_COUNTS = ("gained", "lost", "same", "unanswered", "gains", "losses", "old", "new")


def _more(tally: Tally, **more: int | Fraction) -> Tally:
    return Tally(tally.key, *(getattr(tally, name) + more.get(name, 0) for name in _COUNTS))


def _number(value: Value) -> Fraction:
    if isinstance(value, bool):
        return Fraction(int(value))
    assert isinstance(value, Fraction)
    return value


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    result = Tally(())
    for one in tallies:
        result = _more(result, **{name: getattr(one, name) for name in _COUNTS})
    return result
