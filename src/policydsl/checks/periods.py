"""Does everything have one value on every day the policy is in force?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from policydsl.checks import words
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics import codes_sets as set_codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Constant
from policydsl.facts import Name
from policydsl.kinds import DAY
from policydsl.model import Edition, Param, Period, Policy, Share, Split, Timeline, Version


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of the policy's own days, of its named periods and of all that is dated."""
    header = policy.header
    first, last = header.effective_from, header.effective_to
    if first is not None and last is not None and last < first:
        yield Diagnostic(
            codes.PERIOD_REVERSED,
            header.effective_span or header.name.span,
            {"first": _say(first, policy), "last": _say(last, policy)},
        )
        return
    for period in policy.periods:
        yield from _period(period, policy)
    for d in policy.definitions:
        if isinstance(d, Param) and not d.open:
            yield from _versions(d.name, d.versions, policy)
    for line in policy.timelines:
        if line.editions and not line.editions[0].key:
            yield from _versions(line.name, line.editions, policy)
        elif line.word == "split":
            yield from _payers(line, policy)


def _say(day: date, policy: Policy) -> Words:
    return words.figure(day, DAY, policy)


def _period(period: Period, policy: Policy) -> Iterator[Diagnostic]:
    name = words.named(period.name)
    first, last = period.first, period.last
    if isinstance(first, Constant) and isinstance(last, Constant):
        one, two = first.value, last.value
        if isinstance(one, date) and isinstance(two, date) and two < one:
            facts = {"name": name, "first": _say(one, policy), "last": _say(two, policy)}
            yield Diagnostic(set_codes.NAMED_PERIOD_REVERSED, period.span, facts)
    if period.name.key not in policy.used:
        yield Diagnostic(set_codes.PERIOD_UNUSED, period.name.span, {"name": name})


def _versions(named: Name, versions: Sequence[Version | Edition], policy: Policy) -> Iterator[Diagnostic]:
    first, last = policy.header.effective_from, policy.header.effective_to
    name = words.named(named)
    for before, after in pairwise(versions):
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
    starts = [v.start for v in versions if v.start is not None]
    if first is not None and versions and len(starts) == len(versions) and min(starts) > first:
        earliest = min(versions, key=lambda v: v.start or date.min)
        yield Diagnostic(
            codes.NO_FIGURE_YET,
            earliest.span,
            {"name": name, "first": _say(first, policy), "start": _say(min(starts), policy)},
            case=(("on", first.isoformat()),),
        )
    for version in versions:
        if version.start is not None and last is not None and version.start > last:
            yield Diagnostic(
                codes.VERSION_TOO_LATE,
                version.span,
                {"name": name, "start": _say(version.start, policy), "last": _say(last, policy)},
            )
    for one, two in pairwise(sorted(starts)):
        if first is not None and one < two <= first:
            version = next(v for v in versions if v.start == one)
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
    yield from _ends(name, sorted(versions, key=lambda v: v.start or date.min), policy)


def _ends(name: Words, versions: Sequence[Version | Edition], policy: Policy) -> Iterator[Diagnostic]:
    """A last day that is written must be the day before the next value begins, or the policy's last."""
    last = policy.header.effective_to
    for n, version in enumerate(versions):
        end = version.end
        if end is None:
            continue
        if version.start is not None and end < version.start:
            facts = {"name": name, "first": _say(version.start, policy), "last": _say(end, policy)}
            yield Diagnostic(set_codes.NAMED_PERIOD_REVERSED, version.span, facts)
            continue
        following = versions[n + 1].start if n + 1 < len(versions) else None
        if n + 1 < len(versions):
            label = Label(versions[n + 1].span, words.both("the next", "后一规定"))
            if following is None or following == version.start:
                continue
            if following <= end:
                days = _days(following, end, policy)
                facts = {"name": name, "days": days, "before": _say(following - timedelta(1), policy)}
                yield Diagnostic(set_codes.VERSIONS_OVERLAP, version.span, facts, (label,))
            elif following > end + timedelta(1):
                yield _gap(name, version, end, following - timedelta(1), policy, (label,))
        elif end < (last or date.max):
            yield _gap(name, version, end, last, policy)


def _days(first: date, last: date | None, policy: Policy) -> Words:
    """From one day to another, both included; None is the end of a policy that has none."""
    start = _say(first, policy)
    if first == last:
        return words.both(f"on {start.en}", f"在{start.zh}")
    end = _say(last, policy) if last is not None else words.both("the end of the policy", "政策失效")
    return words.both(f"from {start.en} to {end.en}", f"自{start.zh}至{end.zh}")


def _gap(
    name: Words,
    version: Version | Edition,
    end: date,
    until: date | None,
    policy: Policy,
    labels: tuple[Label, ...] = (),
) -> Diagnostic:
    first = end + timedelta(1)
    facts = {
        "name": name,
        "days": _days(first, until, policy),
        "last": _say(until, policy) if until is not None else words.both("the end of the policy", "政策失效"),
    }
    return Diagnostic(set_codes.VERSIONS_GAP, version.span, facts, labels, (("on", first.isoformat()),))


def _payers(line: Timeline, policy: Policy) -> Iterator[Diagnostic]:
    """Whoever passes a share on does so in every edition; else the parts would not sum to the whole."""
    passing: dict[str, bool] = {}
    for edition in line.editions:
        family = [
            d
            for d in policy.definitions
            if isinstance(d, Split) and edition.key in (d.name.key, d.parent[0] if d.parent else None)
        ]
        divided = {d.parent[1] for d in family if d.parent is not None}
        here: dict[str, bool] = {}
        for share in (s for d in family for arm in d.arms for s in _shares(arm.shares)):
            key = share.payer.key
            here[key] = here.get(key, False) or bool(share.parts) or key in divided
        for key, divides in here.items():
            if passing.setdefault(key, divides) != divides:
                span = next(d.span for d in family if d.name.key == edition.key)
                label = Label(line.span, words.both("the first", "最初的规定"))
                yield Diagnostic(set_codes.EDITIONS_DIFFER, span, {"name": words.named(line.name)}, (label,))
                return


def _shares(shares: Sequence[Share]) -> Iterator[Share]:
    for share in shares:
        yield share
        yield from _shares(share.parts)
