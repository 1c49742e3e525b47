"""Is a policy whole, and does it give each case one answer? Every check, in the order they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from policydsl.checks import bands, figures, grounds, periods, splits, tables, unused
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.facts import Name
from policydsl.model import Policy
from policydsl.nodes import evolve

Check: TypeAlias = Callable[[Policy], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    splits.check,
    bands.check,
    tables.check,
    grounds.check,
    figures.check,
    periods.check,
    unused.check,
)

#: What a line `accept FINDING NAME` silences: these codes, where they are about NAME.
ACCEPTED = {
    codes.RATE_OUT_OF_RANGE.number: "rate",
    codes.RATE_TINY.number: "rate",
    codes.BELOW_FIRST_BAND.number: "gap",
    codes.ROW_REPEATED.number: "overlap",
    codes.OVERLAP_UNNEEDED.number: "overlap",
}


def run(policy: Policy, *, complete: bool = True) -> Iterator[Diagnostic]:
    """Every problem of `policy` that its author has not accepted, and every `accept` for nothing.

    In a policy that is not `complete`, because parts of it could not be read, nothing is called unused.
    """
    needed: set[int] = set()
    whole = {
        edition.key: line.name.key for line in policy.timelines for edition in line.editions if edition.key
    }
    names = {d.name.key: d.name for d in (*policy.definitions, *policy.timelines)}
    for check in CHECKS if complete else CHECKS[:-1]:
        for diagnostic in check(policy):
            finding = ACCEPTED.get(diagnostic.code.number)
            target = diagnostic.facts.get("target")
            target = whole.get(str(target), target)
            silencing = [
                a for a in policy.accepts if finding and a.finding == finding and a.target in (None, target)
            ]
            needed.update(id(a) for a in silencing)
            if not silencing:
                yield _as_written(diagnostic, names.get(str(target)))
    if not complete:
        return
    yield from unused.unneeded(a for a in policy.accepts if id(a) not in needed)


def _as_written(diagnostic: Diagnostic, name: Name | None) -> Diagnostic:
    """The same with the name that the remedy's `accept` is to say, in Chinese the one of the file."""
    if name is None:
        return diagnostic
    return evolve(diagnostic, facts={**diagnostic.facts, "target": Words(name.key, name.written)})


__all__ = ["CHECKS", "run"]
