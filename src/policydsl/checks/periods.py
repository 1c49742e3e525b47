"""Does every figure have one value on every day the policy is in force?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from policydsl.checks import words
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.kinds import DAY
from policydsl.model import Param, Policy


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of the policy's own period and of its dated figures."""
    header = policy.header
    first, last = header.effective_from, header.effective_to
    if first is not None and last is not None and last < first:
        yield Diagnostic(
            codes.PERIOD_REVERSED,
            header.effective_span or header.name.span,
            {"first": _say(first, policy), "last": _say(last, policy)},
        )
        return
    for d in policy.definitions:
        if isinstance(d, Param) and not d.open:
            yield from _versions(d, policy)


def _say(day: date, policy: Policy) -> Words:
    return words.figure(day, DAY, policy)


def _versions(param: Param, policy: Policy) -> Iterator[Diagnostic]:
    first, last = policy.header.effective_from, policy.header.effective_to
    name = words.named(param.name)
    for before, after in pairwise(param.versions):
        if after.start is None or (before.start is not None and after.start < before.start):
            yield Diagnostic(
                codes.VERSIONS_OUT_OF_ORDER,
                after.span,
                {"name": name},
                (Label(before.span, words.both("written before", "写在前面")),),
            )
        elif after.start == before.start:
            yield Diagnostic(
                codes.VERSION_TWICE,
                after.span,
                {"name": name, "day": _say(after.start, policy)},
                (Label(before.span, words.both("and here", "另一处")),),
            )
    starts = [v.start for v in param.versions if v.start is not None]
    if first is not None and param.versions and len(starts) == len(param.versions) and min(starts) > first:
        earliest = min(param.versions, key=lambda v: v.start or date.min)
        yield Diagnostic(
            codes.NO_FIGURE_YET,
            earliest.span,
            {"name": name, "first": _say(first, policy), "start": _say(min(starts), policy)},
            case=(("on", first.isoformat()),),
        )
    for version in param.versions:
        if version.start is not None and last is not None and version.start > last:
            yield Diagnostic(
                codes.VERSION_TOO_LATE,
                version.span,
                {"name": name, "start": _say(version.start, policy), "last": _say(last, policy)},
            )
    for one, two in pairwise(sorted(starts)):
        if first is not None and one < two <= first:
            version = next(v for v in param.versions if v.start == one)
            yield Diagnostic(
                codes.VERSION_TOO_EARLY,
                version.span,
                {
                    "name": name,
                    "start": _say(one, policy),
                    "next": _say(two, policy),
                    "first": _say(first, policy),
                },
            )
