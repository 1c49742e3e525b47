"""Which of several dated declarations of one name holds on which days? Each becomes a definition of its own.

`tiers payout from 2021-01-01 …` and `tiers payout from 2022-01-01 …` are resolved as two definitions
with keys that no text can name; a front of the common name picks one of them by the day of the case.
Splits are taken with the splits of their shares: where one of the family changes, all of it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias

from policydsl.amounts import say_name
from policydsl.diagnostics import codes_front as codes
from policydsl.expressions import Compare, Constant, Expr, If, Input
from policydsl.facts import Name
from policydsl.kinds import DAY, YES_NO
from policydsl.model import Edition, Ground, Rule, Timeline
from policydsl.nodes import Node, Span, evolve, node, span_field
from policydsl.resolve.scope import Scope, spellings
from policydsl.syntax import ast

Definable: TypeAlias = ast.Param | ast.Split | ast.Tiers | ast.Table | ast.Rule
Word: TypeAlias = Literal["param", "split", "tiers", "table", "rule"]

#: the days from the first to the last, both included; None: as far as there are days
Window: TypeAlias = tuple[date | None, date | None]
ALWAYS: Window = (None, None)


@node
class Front(Node):
    """The value of a name that several declarations give; `editions` are the names of their definitions,
    `starts` the first day of each (None: the first day there is)."""

    name: Name
    editions: tuple[ast.Path, ...]
    starts: tuple[date | None, ...]
    word: Word
    span: Span = span_field()


@node
class Unfolded(Node):
    """The declarations of a policy with the dated ones renamed and their fronts before them. `windows` says
    of a renamed one, by its place in `declared`, on which days it holds; `lines` are the timelines
    as written. `alike` are the places of splits that have their payers in common."""

    declared: tuple[Definable | Front, ...]
    windows: dict[int, Window]
    lines: tuple[Timeline, ...]
    alike: tuple[tuple[int, ...], ...]


def unfold(scope: Scope, declared: Sequence[Definable]) -> Unfolded:
    """Take the dated declarations apart; others stay as they are."""
    groups = _groups(declared)
    dated = {i for group in groups for i in group if any(declared[j].days is not None for j in group)}
    families = _families(declared, groups, dated)
    made: list[Definable | Front] = []
    windows: dict[int, Window] = {}
    lines: list[Timeline] = []
    alike: list[tuple[int, ...]] = []
    done: set[int] = set()
    for i, declaration in enumerate(declared):
        if i in done:
            continue
        family = next((f for f in families if i in f), None)
        if family is None:
            made.append(declaration)
            continue
        done.update(j for part in family.parts for j in part)
        front, editions, window = _edited(scope, declared, family, lines)
        made.append(front)
        first = len(made)
        made += editions
        windows.update({first + n: w for n, w in enumerate(window)})
        if isinstance(declaration, ast.Split):
            alike.append(tuple(range(first, len(made))))
    scope.dated = scope.dated or bool(families)
    return Unfolded(tuple(made), windows, tuple(lines), tuple(alike))


@node
class _Family(Node):
    """Places of declarations that change together: those of one name first, then of each split of a share."""

    parts: tuple[tuple[int, ...], ...]

    def __contains__(self, place: int) -> bool:
        return any(place in part for part in self.parts)


def _groups(declared: Sequence[Definable]) -> list[list[int]]:
    """The places of declarations with the same name, in the order of the text."""
    by_spelling: dict[object, list[int]] = {}
    groups: list[list[int]] = []
    for i, declaration in enumerate(declared):
        words: Iterable[object]
        if isinstance(declaration, ast.Split) and declaration.parent is not None:
            words = (declaration.parent.words,)
        else:
            words = spellings(declaration.name)
        known = next((by_spelling[word] for word in words if word in by_spelling), None)
        if known is None:
            known = []
            groups.append(known)
        known.append(i)
        by_spelling.update(dict.fromkeys(words, known))
    return groups


def _families(declared: Sequence[Definable], groups: list[list[int]], dated: set[int]) -> list[_Family]:
    """The groups of which something is dated, splits with the splits of their shares."""
    found: list[_Family] = []
    taken: set[int] = set()
    for group in groups:
        head = declared[group[0]]
        if group[0] in taken or (isinstance(head, ast.Split) and head.parent is not None):
            continue
        parts = [group]
        if isinstance(head, ast.Split):
            names = {s for i in group for s in spellings(declared[i].name)}
            parts += [g for g in groups if _parent(declared[g[0]]) in names]
        if any(i in dated for part in parts for i in part):
            taken.update(i for part in parts for i in part)
            found.append(_Family(tuple(tuple(part) for part in parts)))
    return found


def _parent(declaration: Definable) -> str | None:
    parent = declaration.parent if isinstance(declaration, ast.Split) else None
    return parent.words[0] if parent is not None else None


def _edited(
    scope: Scope, declared: Sequence[Definable], family: _Family, lines: list[Timeline]
) -> tuple[Front, list[Definable], list[Window]]:
    """The front of a family, its renamed declarations and the days of each."""
    name = _name(declared[i].name for i in family.parts[0])
    word = _word(declared[family.parts[0][0]])
    held = [_held(scope, declared, part) for part in family.parts]
    starts = sorted({w[0] for part in held for _, w in part}, key=lambda day: day or date.min)
    if word == "split":
        ends = {w[1] for part in held for _, w in part if w[1] is not None}
        starts = _cuts(scope, starts, ends)
    editions: list[Definable] = []
    windows: list[Window] = []
    paths: list[ast.Path] = []
    for n, start in enumerate(starts):
        window = (start, _day_before(starts[n + 1]) if n + 1 < len(starts) else None)
        here = [next((d for d, w in part if meets(w, window)), None) for part in held]
        if here[0] is None:
            continue
        hidden = _hidden(scope, name, start, here[0].name.span)
        paths.append(ast.Path((hidden.written,), span=here[0].name.span))
        for declaration in here:
            if declaration is None:
                continue
            if isinstance(declaration, ast.Split) and declaration.parent is not None:
                parent = ast.Path(
                    (hidden.written, *declaration.parent.words[1:]), span=declaration.parent.span
                )
                editions.append(evolve(declaration, parent=parent, days=None))
            else:
                editions.append(evolve(declaration, name=hidden, days=None))
            windows.append(window)
    for part, what in zip(family.parts, held, strict=True):
        if any(declared[i].days is not None for i in part):
            own = name if part is family.parts[0] else declared[part[0]].name
            written = tuple(_edition(d) for d, _ in what)
            lines.append(Timeline(own, word, written, True, span=declared[part[0]].span))
    kept = tuple(start for start in starts if any(w[0] == start for w in windows))
    front = Front(name, tuple(paths), kept, word, span=declared[family.parts[0][0]].name.span)
    return front, editions, windows


def _held(
    scope: Scope, declared: Sequence[Definable], part: tuple[int, ...]
) -> list[tuple[Definable, Window]]:
    """The declarations of one name with the days for which each holds, the earliest first."""
    kept: list[tuple[date | None, date | None, Definable]] = []
    undated = False
    for i in part:
        declaration = declared[i]
        days = declaration.days
        if days is None:
            if undated:
                name = declaration.name
                line = name.span.source.position(declared[part[0]].name.span.start)[0]
                scope.report(codes.DUPLICATE_NAME, name.span, name=name.written, line=line)
                continue
            undated = True
            kept.append((None, None, declaration))
            continue
        for figure in (days.first, days.last):
            if figure is not None and figure.value is None:
                scope.report(codes.NO_SUCH_DAY, figure.span, day=figure.written)
        if days.first.value is not None:
            kept.append((days.first.value, days.last.value if days.last is not None else None, declaration))
    kept.sort(key=lambda entry: entry[0] or date.min)
    found: list[tuple[Definable, Window]] = []
    for n, (start, end, declaration) in enumerate(kept):
        following = kept[n + 1][0] if n + 1 < len(kept) else None
        until = _day_before(following) if following is not None else None
        found.append((declaration, (start, min(filter(None, (end, until)), default=None))))
    return found


def _cuts(scope: Scope, starts: list[date | None], ends: Iterable[date]) -> list[date | None]:
    """Where something begins, or ends without another of its name beginning the day after."""
    after = {end + timedelta(1) for end in ends if end < date.max}
    last = scope.header.effective_to
    whole = {*starts, *(day for day in after if last is None or day <= last)}
    return sorted(whole, key=lambda day: day or date.min)


def meets(one: Window, other: Window) -> bool:
    low, high = max(one[0] or date.min, other[0] or date.min), min(one[1] or date.max, other[1] or date.max)
    return low <= high


def days_of(starts: Sequence[date | None]) -> list[Window]:
    """The days of each of several values, given the first day of each in order."""
    ends = [*map(_day_before, starts[1:]), None][: len(starts)]
    return list(zip(starts, ends, strict=True))


def _day_before(day: date | None) -> date | None:
    return None if day is None or day == date.min else day - timedelta(1)


def _edition(declaration: Definable) -> Edition:
    days = declaration.days
    if days is None:
        return Edition("", None, span=declaration.name.span)
    return Edition("", days.first.value, days.last.value if days.last is not None else None, span=days.span)


def _name(names: Iterable[Name]) -> Name:
    """The one name of several declarations: alias and label are given once."""
    each = list(names)
    alias = next((n.alias for n in each if n.alias), None)
    written = next((n for n in each if n.alias), each[0])
    label = next((n.label for n in each if n.label), None)
    return Name(written.written, alias, label, span=each[0].span)


def _word(declaration: Definable) -> Word:
    words: dict[type, Word] = {
        ast.Param: "param", ast.Split: "split", ast.Tiers: "tiers", ast.Table: "table", ast.Rule: "rule",
    }  # fmt: skip
    return words[type(declaration)]


def _hidden(scope: Scope, name: Name, start: date | None, span: Span) -> Name:
    """The name of one edition: a key for programs, a label for people, and nothing that a text can say."""
    day = start or scope.header.effective_from
    suffix = day.isoformat().replace("-", "") if day is not None else "start"
    while f"{name.key}_{suffix}" in scope.names:
        suffix += "_"
    label = f"{day.year}年{day.month}月{day.day}日起" if day is not None else "起始"
    since = f"from {day.isoformat()}" if day is not None else "at first"
    alias = f"{name.key}_{suffix}" if name.key.isascii() else None
    return Name(f"{name.key}_{suffix}" if alias is None else f"{name.written} {suffix}", alias,
                f"{name.shown}（{label}）", f"{say_name(name, 'en')} ({since})", span=span)  # fmt: skip


def picked(values: Sequence[Expr], starts: Sequence[date | None], span: Span) -> Expr:
    """The value that holds on the day of the case: the last one that has begun."""
    found = values[0]
    for value, start in zip(values[1:], starts[1:], strict=True):
        assert start is not None
        day = Constant(start, DAY, span=span)
        begun = Compare(">=", Input("on", DAY, span=span), day, YES_NO, span=span)
        found = If(begun, value, found, value.kind, span=span)
    return found


def mergeable(rules: Sequence[Rule]) -> bool:
    """Whether the editions of a rule can be one rule whose grounds hold on their own days: what several grounds
    make and how the value is finished is the same, and no two editions name their grounds in opposite orders."""
    having = [rule for rule in rules if rule.grounds]
    if not having or any(rule.finish != rules[0].finish for rule in rules):
        return False
    stated = {rule.overlap for rule in having if rule.overlap is not None}
    if len(stated) > 1 or any(rule.kind != having[0].kind for rule in having):
        return False
    if stated & {"sum", "count"} and any(rule.overlap is None for rule in having):
        return False  # of grounds that agree, the greatest, the least and the first are the same
    return _in_one_order([rule.grounds for rule in having])


def _in_one_order(each: Sequence[Sequence[Ground]]) -> bool:
    merged = list(dict.fromkeys(g.name.key for grounds in each for g in grounds))
    for grounds in each:
        places = [merged.index(g.name.key) for g in grounds]
        if places != sorted(places) or len(set(places)) < len(places):
            return False
    for key in merged:
        same = [g for grounds in each for g in grounds if g.name.key == key]
        if any(g.exempt != same[0].exempt for g in same) or not _in_one_order([g.inner for g in same]):
            return False
    return True


__all__ = [
    "ALWAYS",
    "Definable",
    "Front",
    "Unfolded",
    "Window",
    "days_of",
    "meets",
    "mergeable",
    "picked",
    "unfold",
]
