"""How do the policies of a folder stand to each other: which is in force where and when? For `status` and sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from policydsl.diagnostics.model import Diagnostic
from policydsl.model import Param
from policydsl.nodes import evolve
from policydsl.sets import graph, standing
from policydsl.sets.standing import Standing, find_place, places
from policydsl.sets.status import Status
from policydsl.sets.status import status as status_of
from policydsl.sets.status import text as status_text

if TYPE_CHECKING:
    from policydsl.pipeline import Checked


def standings(every: Iterable[Checked]) -> tuple[Standing, ...]:
    """How each policy of a set stands to the others."""
    found = [_standing(checked) for checked in every]
    by_key = {s.key: s for s in found}
    return tuple(evolve(s, place=_place(s, by_key)) for s in found)


def _standing(checked: Checked) -> Standing:
    assert checked.policy is not None
    header, whole = checked.policy.header, checked.whole
    outputs = frozenset(
        d.name.key for d in checked.policy.definitions if not (isinstance(d, Param) and d.open)
    )
    if whole is None:
        return Standing(header, outputs, place=header.place or "")
    links = whole.family.of(header.name.key)
    amends = tuple(x.to.key for x in links if x.relation.bond in ("amends", "replaces"))
    bound_by = tuple(d.key for d in whole.family.above(header.name.key))
    return Standing(header, outputs, amends, bound_by, header.place or "")


def _place(standing: Standing, by_key: Mapping[str, Standing]) -> str:
    """Where a policy holds: where it says, or else where the policy it amends does."""
    seen: set[str] = set()
    here = standing
    while not here.place:
        seen.add(here.key)
        following = next((by_key[k] for k in here.amends if k in by_key and k not in seen), None)
        if following is None:
            return ""
        here = following
    return here.place


def standing_problems(every: Sequence[Standing]) -> tuple[Diagnostic, ...]:
    """Days with nothing in force in a place, and days with two policies."""
    return (*standing.days_with_nothing(every), *standing.days_with_two(every))


def in_force(every: Sequence[Standing], place: str, day: date) -> tuple[str, ...]:
    """The names of the policies in force in a place on a day, the most local first."""
    return tuple(s.key for s in standing.in_force(every, place, day))


def periods(every: Sequence[Standing], place: str) -> Iterator[str]:
    """The days in force of the policies for a place."""
    for here in every:
        held = standing.days_of(here, every)
        if here.place and standing.within(place, here.place) and held is not None:
            first = "…" if held.first == date.min else str(held.first)
            yield f"{first} – {'…' if held.last == date.max else held.last} {here.key}"


def status(every: Sequence[Standing], checked: Iterable[Checked], day: date) -> Status:
    """Who is bound by what on a day."""
    policies = {c.policy.header.name.key: c.policy for c in checked if c.policy is not None}
    return status_of(every, policies, day)


def days_in_force(checked: Sequence[Checked]) -> tuple[tuple[date, date] | None, ...]:
    """The first and the last day of each of these policies, held against each other; None: a draft, or none."""
    every = standings(checked)
    days = (standing.days_of(one, every) for one in every)
    return tuple((held.first, held.last) if held is not None else None for held in days)


__all__ = [
    "Standing", "Status", "days_in_force", "find_place", "graph", "in_force", "periods", "places", "standing_problems",
    "standings", "status", "status_text",
]  # fmt: skip
