"""Who is bound by what on a day? Places with the policies in force in them, as records and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from policydsl.amounts import say_day
from policydsl.diagnostics.model import Language, Words
from policydsl.facts import Bond, Fact, Header, Relation
from policydsl.model import Policy, Property
from policydsl.nodes import Node, node
from policydsl.sets.references import folded, means, number
from policydsl.sets.relations import days
from policydsl.sets.standing import Days, Standing, days_of, in_force, places, within

BONDS: Mapping[Bond, Words] = {
    "amends": Words("amends", "修订"),
    "adopts": Words("adopts", "转发"),
    "under": Words("under", "依据"),
    "replaces": Words("replaces", "废止"),
}


@node
class Entry(Node):
    """A policy in force. `days` are those on which it is, cut off where another amends it; `requires` the bounds that
    it sets for those below it, `open` the figures that it leaves to them."""

    standing: Standing
    days: Days
    requires: tuple[Property, ...]
    open: tuple[Fact, ...]


@node
class Here(Node):
    """A place on the day: how deep it lies in others, what is in force there, and else the policies it has, with
    their days."""

    place: str
    depth: int
    entries: tuple[Entry, ...]
    above: tuple[Standing, ...]
    others: tuple[tuple[Standing, Days | None], ...]


@node
class Status(Node):
    day: date
    here: tuple[Here, ...]
    every: tuple[Standing, ...]


def status(every: Sequence[Standing], policies: Mapping[str, Policy], day: date) -> Status:
    """All places of a set on a day."""
    found: list[Here] = []
    known = places(every)
    for place in known:
        depth = sum(1 for other in known if other != place and within(place, other))
        own = [s for s in every if folded(s.place) == folded(place)]
        standing = in_force(every, place, day)
        entries = tuple(_entry(s, every, policies) for s in standing if folded(s.place) == folded(place))
        above = tuple(s for s in standing if folded(s.place) != folded(place))
        others = tuple((s, days_of(s, every)) for s in own if s not in standing)
        found.append(Here(place, depth, entries, above, others))
    nowhere = tuple(
        _entry(s, every, policies)
        for s in every
        if not s.place and (held := days_of(s, every)) is not None and held.holds(day)
    )
    if nowhere:
        found.append(Here("", 0, nowhere, (), ()))
    return Status(day, tuple(found), tuple(every))


def _entry(standing: Standing, every: Sequence[Standing], policies: Mapping[str, Policy]) -> Entry:
    policy = policies[standing.key]
    held = days_of(standing, every)
    assert held is not None
    return Entry(standing, held, policy.requires, tuple(f for f in policy.facts if f.open))


def text(status: Status, language: Language) -> str:
    """The status as people read it."""
    zh = language == "zh"
    by_key = {s.key: s for s in status.every}
    lines = [say_day(status.day, language), ""]
    for here in status.here:
        pad = "  " * here.depth
        lines.append(f"{pad}{here.place or ('（未写适用地区）' if zh else '(no place stated)')}")
        pad += "  "
        for entry in here.entries:
            lines += [f"{pad}{line}" for line in _entry_lines(entry, by_key, zh=zh)]
        if not here.entries:
            lines.append(f"{pad}{'没有自己的政策施行' if zh else 'no policy of its own is in force'}")
            for standing, held in here.others:
                lines.append(f"{pad}  {standing.key}：{_when(standing, held, zh=zh)}" if zh
                             else f"{pad}  {standing.key}: {_when(standing, held, zh=zh)}")  # fmt: skip
        if here.above:
            names = ("、" if zh else ", ").join(s.key for s in here.above)
            lines.append(f"{pad}{'须符合 ' if zh else 'bound by '}{names}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _entry_lines(entry: Entry, by_key: Mapping[str, Standing], *, zh: bool) -> list[str]:
    header, standing = entry.standing.header, entry.standing
    numbered = f"（{header.document}）" if zh else f" ({header.document})"
    lines = [f"{standing.key} {header.title}{numbered if header.document else ''}"]
    comma = "、" if zh else ", "
    in_force_ = days(header)
    lines.append(f"  {'施行' if zh else 'in force'} {in_force_.zh if zh else in_force_.en}")
    for relation in header.relations:
        lines.append(f"  {_relation(relation, by_key, zh=zh)}")
    if standing.bound_by:
        lines.append(f"  {'须符合' if zh else 'keeps the bounds of'} {comma.join(standing.bound_by)}")
    if entry.requires:
        lines.append(f"  {'对下级的规定' if zh else 'requires of those below'}")
        lines += [f"    {_said(bound, zh=zh)}" for bound in entry.requires]
    if entry.open:
        named = comma.join(f.name.shown if zh else f.name.key for f in entry.open)
        lines.append(f"  {'另行规定' if zh else 'open'} {named}")
    return lines


def _relation(relation: Relation, by_key: Mapping[str, Standing], *, zh: bool) -> str:
    word = BONDS[relation.bond].zh if zh else BONDS[relation.bond].en
    to = next((s for s in by_key.values() if means(relation, s.header)), None)
    said = f"{word} {to.key if to is not None else relation.name}"
    if relation.title is not None:
        said += f"《{relation.title}》" if zh else f" “{relation.title}”"
    elif to is None and number(relation.name) is not None:
        said += "（不在本文件夹）" if zh else " (not among these files)"
    if relation.because is not None:
        said += f"：{relation.because}" if zh else f": {relation.because}"
    return said


def _said(bound: Property, *, zh: bool) -> str:
    """A bound as it is written, with what it is when it does not bind strictly."""
    start = bound.span.text.split(None, 1)
    said = " ".join(start[1].split()) if len(start) > 1 else bound.span.text
    said = said.split(" 理由 ")[0].split(" because ")[0]
    if bound.strength == "about":
        said += "（目标）" if zh else " (a target)"
    clause = bound.quotes[-1].clause if bound.quotes else ""
    return f"{clause} {said}".strip()


def _when(standing: Standing, held: Days | None, *, zh: bool) -> str:
    header: Header = standing.header
    if header.draft:
        return "征求意见稿" if zh else "a draft"
    said = days(header)
    if held is None or (header.effective_to or date.max) > held.last:
        return f"{said.zh}，已被修订" if zh else f"{said.en}, amended since"
    return said.zh if zh else said.en
