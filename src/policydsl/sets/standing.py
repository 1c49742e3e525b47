"""Which policies are in force in a place on a day, and is there always exactly one? Places nest by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from policydsl.amounts import said_day
from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.facts import Header
from policydsl.nodes import Node, node
from policydsl.sets.references import folded


@node
class Standing(Node):
    """One policy of a set: its header, the keys of what it says, and by key the policies it rests on.

    `amends` are the keys of those it amends or replaces; `bound_by` of those whose bounds it keeps, the nearest
    first; `place` is where it holds, its own or that of the policy it amends or adopts ("" when neither says).
    """

    header: Header
    outputs: frozenset[str]
    amends: tuple[str, ...] = ()
    bound_by: tuple[str, ...] = ()
    place: str = ""

    @property
    def key(self) -> str:
        return self.header.name.key


@node
class Days(Node):
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def days_of(standing: Standing, every: Sequence[Standing]) -> Days | None:
    """The days on which a policy is in force: to the day before one that amends or replaces it begins. None:
    it is a draft, or there is no such day."""
    header = standing.header
    if header.draft:
        return None
    first, last = header.effective_from or date.min, header.effective_to or date.max
    for other in every:
        start = other.header.effective_from
        if standing.key in other.amends and not other.header.draft and start is not None:
            if start == date.min:
                return None
            last = min(last, start - timedelta(1))
    return Days(first, last) if first <= last else None


def in_force(every: Sequence[Standing], place: str, day: date) -> tuple[Standing, ...]:
    """The policies in force on a day in a place and in what it is a part of, the most local first."""
    here = tuple(
        s for s in every
        if s.place and within(place, s.place) and (days := days_of(s, every)) is not None and days.holds(day)
    )  # fmt: skip
    return tuple(sorted(here, key=lambda s: -len(folded(s.place))))


def places(every: Sequence[Standing]) -> tuple[str, ...]:
    """The places of a set, each once as the first policy spells it; those that lie in another after it."""
    spelt: dict[str, str] = {}
    for standing in every:
        if standing.place:
            spelt.setdefault(folded(standing.place), standing.place)
    return tuple(spelt[key] for key in sorted(spelt))


def find_place(every: Sequence[Standing], name: str) -> str | None:
    """The place that is called so: its whole name, or the last part of one, with or without 省, 市, 县, 区."""
    wanted = folded(name)
    known = places(every)
    exact = [p for p in known if folded(p) == wanted]
    if exact:
        return exact[0]
    named = [p for p in known if any(folded(p).removesuffix(end).endswith(wanted) for end in _ENDS)]
    return min(named, key=len) if named else None


_ENDS = (
    "",
    "省",
    "市",
    "县",
    "区",
    "自治区",
    "自治州",
    "自治县",
    "回族自治区",
    "壮族自治区",
    "维吾尔自治区",
    "特别行政区",
)


def within(place: str, outer: str) -> bool:
    """Whether a place lies in another, or is it: 山东省临沂市 in 山东省."""
    return folded(place).startswith(folded(outer))


def days_with_nothing(every: Sequence[Standing]) -> Iterator[Diagnostic]:
    """The days between two policies of one place that say something alike, on which neither is in force."""
    for place, group in _groups(every):
        held = sorted(((d.first, d.last, s) for s in group if (d := days_of(s, every))), key=lambda e: e[:2])
        if not held:
            continue
        until, before = held[0][1], held[0][2]
        for first, last, standing in held[1:]:
            if until < date.max and first > until + timedelta(1):
                span = standing.header.effective_span or standing.header.name.span
                ended = before.header.effective_span or before.header.name.span
                facts: dict[str, str | int | Words] = {
                    "place": place, "first": said_day(until + timedelta(1)), "last": said_day(first - timedelta(1)),
                    "one": before.key, "other": standing.key,
                }  # fmt: skip
                label = Label(ended, Words("the last days before", "此前的施行期限"))
                yield Diagnostic(codes.PLACE_GAP, span, facts, (label,))
            if last >= until:
                until, before = last, standing


def days_with_two(every: Sequence[Standing]) -> Iterator[Diagnostic]:
    """Two policies of one place that are in force together and both say what something is."""
    for place, group in _groups(every):
        for n, one in enumerate(group):
            for other in group[n + 1 :]:
                mine, theirs = days_of(one, every), days_of(other, every)
                shared = sorted(one.outputs & other.outputs)
                if mine is None or theirs is None or not shared or _allied(one, other, every):
                    continue
                first, last = max(mine.first, theirs.first), min(mine.last, theirs.last)
                if first > last:
                    continue
                span = other.header.effective_span or other.header.name.span
                label = Label(
                    one.header.effective_span or one.header.name.span, Words("the other", "另一政策")
                )
                facts: dict[str, str | int | Words] = {
                    "place": place, "one": one.key, "other": other.key, "name": shared[0], "key": one.key,
                    "first": said_day(first), "last": _last(last),
                }  # fmt: skip
                yield Diagnostic(codes.PLACE_DOUBLE, span, facts, (label,))


def _last(day: date) -> Words:
    return Words("further notice", "另有通知") if day == date.max else said_day(day)


def _allied(one: Standing, other: Standing, every: Sequence[Standing]) -> bool:
    """Whether one of two policies rests on the other, directly or not."""
    by_key = {s.key: s for s in every}
    return other.key in _reached(one, by_key) or one.key in _reached(other, by_key)


def _reached(start: Standing, by_key: Mapping[str, Standing]) -> set[str]:
    found: set[str] = set()
    queue = [start]
    while queue:
        here = queue.pop()
        for key in (*here.amends, *here.bound_by):
            if key not in found:
                found.add(key)
                queue += [by_key[key]] if key in by_key else []
    return found


def _groups(every: Sequence[Standing]) -> Iterator[tuple[str, list[Standing]]]:
    """The policies of each place that have something in common, directly or through others."""
    for place in places(every):
        rest = [s for s in every if s.place and folded(s.place) == folded(place)]
        while rest:
            group = [rest.pop(0)]
            for standing in group:
                alike = [s for s in rest if s.outputs & standing.outputs or _named(s, standing)]
                group += alike
                rest = [s for s in rest if s not in alike]
            if len(group) > 1:
                yield place, group


def _named(one: Standing, other: Standing) -> bool:
    return one.key in other.amends or other.key in one.amends
