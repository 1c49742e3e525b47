"""Does every split have its arms and payers, each once, and do their shares make the whole?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policydsl.amounts import say_rate
from policydsl.checks import words
from policydsl.checks.coverage import as_person, axis, cells, may_be, members_of, rows_of
from policydsl.checks.shares import check_division, divisions, every_share, family
from policydsl.checks.values import payers_of
from policydsl.checks.views import View, on_its_days, view
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import LARGEST_FRACTIONS
from policydsl.model import Arm, Policy, Share, Split


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of all splits."""
    every = view(policy)
    for d in policy.definitions:
        seen = on_its_days(every, d.name.key)
        if isinstance(d, Split):
            yield from _written(d, policy)
            yield from _arms(d, seen)
            found = divisions(d, seen)
            if found is None:
                yield Diagnostic(codes.TOO_MANY_CASES, d.name.span, {"name": words.named(d.name)})
            else:
                yield from _once(one for division in found for one in check_division(division, seen))


def _once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Each problem at a place for the first of the totals that have it."""
    told: set[tuple[str, int, int]] = set()
    for diagnostic in found:
        place = (diagnostic.code.number, diagnostic.span.start, diagnostic.span.end)
        if place not in told:
            told.add(place)
            yield diagnostic


# What can be seen without any total


def _written(split: Split, policy: Policy) -> Iterator[Diagnostic]:
    payers = {p for arm in split.arms for s in arm.shares for p in payers_of(s)}
    rounding = split.rounding
    if rounding is not None and rounding.holder not in (None, LARGEST_FRACTIONS, *payers):
        yield Diagnostic(
            codes.HOLDER_NOT_PAYER,
            rounding.span,
            {"holder": rounding.holder or "", "payers": words.listed(_payer_names(split.arms))},
        )
    if split.parent is not None:
        yield from _parent(split, policy)
    above = _payers_above(split, policy)
    for arm in split.arms:
        yield from _twice(arm.shares, above)
        yield from _figures(arm.shares)


def _payer_names(arms: Sequence[Arm]) -> list[Words]:
    names: dict[str, Words] = {}

    def add(share: Share) -> None:
        names.setdefault(share.payer.key, words.named(share.payer))
        for part in share.parts:
            add(part)

    for arm in arms:
        for share in arm.shares:
            add(share)
    return list(names.values())


def _parent(split: Split, policy: Policy) -> Iterator[Diagnostic]:
    assert split.parent is not None
    root, payer = split.parent
    others = [d for d in family(policy, root) if d is not split]
    shares = [s for d in others for arm in d.arms for s in every_share(arm.shares) if s.payer.key == payer]
    for share in shares:
        if share.parts:
            yield Diagnostic(
                codes.SHARE_DIVIDED_TWICE,
                split.span,
                {"payer": words.named(share.payer)},
                (Label(share.span, words.both("divided here too", "此处也作了划分")),),
            )
            break
    for other in others:
        if other.parent == split.parent and other.span.start < split.span.start:
            yield Diagnostic(
                codes.SHARE_DIVIDED_TWICE,
                split.span,
                {"payer": payer},
                (Label(other.span, words.both("divided here too", "此处也作了划分")),),
            )


def _payers_above(split: Split, policy: Policy) -> dict[str, Share]:
    """The payers who stand in the arms of the splits that this one divides a share of."""
    found: dict[str, Share] = {}
    if split.parent is None:
        return found
    wanted = {split.parent[1]}
    others = [d for d in family(policy, split.parent[0]) if d is not split]
    for d in reversed(others):
        for arm in d.arms:
            shares = list(every_share(arm.shares))
            if any(s.payer.key in wanted for s in shares):
                found.update((s.payer.key, s) for s in shares)
                if d.parent is not None:
                    wanted.add(d.parent[1])
    return found


def _twice(shares: tuple[Share, ...], above: dict[str, Share]) -> Iterator[Diagnostic]:
    met = dict(above)
    for share in every_share(shares):
        before = met.get(share.payer.key)
        if before is not None:
            yield Diagnostic(
                codes.PAYER_TWICE,
                share.payer.span,
                {"payer": words.named(share.payer)},
                (Label(before.payer.span, words.both("first here", "前一处")),),
            )
        met.setdefault(share.payer.key, share)


def _figures(shares: tuple[Share, ...]) -> Iterator[Diagnostic]:
    rests = [s for s in shares if s.portion.how == "rest"]
    for extra in rests[1:]:
        yield Diagnostic(
            codes.TWO_RESIDUALS,
            extra.portion.span,
            {"first": words.named(rests[0].payer), "second": words.named(extra.payer)},
            (Label(rests[0].portion.span, words.both("the rest already goes here", "其余已归此方")),),
        )
    for share in shares:
        rate = share.portion.rate
        if rate is not None and not 0 <= rate <= 1:
            yield Diagnostic(
                codes.SHARE_RATE,
                share.portion.span,
                {"payer": words.named(share.payer), "rate": say_rate(rate)},
            )
        yield from _figures(share.parts)


# Which arms there are


def _arms(split: Split, seen: View) -> Iterator[Diagnostic]:
    if not split.keys:
        return
    axes = []
    for i, key in enumerate(split.keys):
        values = members_of(key, seen)
        if values is None:
            return
        axes.append(axis(values, [arm.tests[i] for arm in split.arms]))
    found = cells(axes, len(split.arms))
    if found is None:
        yield Diagnostic(codes.TOO_MANY_CASES, split.span, {"name": words.named(split.name)})
        return
    missing: list[Words] = []
    first: View | None = None
    overlapping: set[tuple[int, int]] = set()
    for atoms, mask in found:
        who = as_person(split.keys, atoms, seen)
        if mask == 0:
            if may_be(who):
                first = first or who
                missing.append(words.person(who) if who.facts else words.both(str(atoms), str(atoms)))
        elif mask & (mask - 1):
            one, two = rows_of(mask)[:2]
            if (one, two) not in overlapping and may_be(who):
                overlapping.add((one, two))
                yield Diagnostic(
                    codes.ARMS_OVERLAP,
                    split.arms[two].span,
                    {"who": words.person(who)},
                    (Label(split.arms[one].span, words.both("and here", "另一处")),),
                    words.case(who),
                )
    if missing:
        yield Diagnostic(
            codes.ARM_MISSING,
            split.name.span,
            {"name": words.named(split.name), "who": words.listed(missing[:5]), "count": len(missing)},
            case=words.case(first) if first is not None else (),
        )
