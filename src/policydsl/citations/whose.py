"""Does a quote give the figure of a cell to another column or row than the one it stands in?

一档320元、二档695元 gives each its own; a cell of 一档 with 695 contradicts it. Only a quote that leaves no
doubt is believed: it names each member once, and has one figure after it for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from policydsl.citations.claims import Claim, Use
from policydsl.citations.figures import MOST_CELLS, phrase_of
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Words
from policydsl.facts import Name, Quote
from policydsl.nodes import Node, node
from policydsl.printed import Printed, figures, same, widths
from policydsl.syntax import ast


@node
class _Kind(Node):
    """A category: what a notice may call its members and groups, and for each name in the policy the words
    for it and for all that share a member with it."""

    words: frozenset[str]
    meant: Mapping[str, frozenset[str]]


@node
class _Told(Node):
    """The figures of a quote, and which of them it gives to whom; nothing when that is in doubt."""

    figures: tuple[Printed, ...]
    pairs: tuple[tuple[str, Printed], ...]


#: What each quote tells, for one kind and measure: worked out once for all cells of a table.
_Known: TypeAlias = "dict[tuple[str, int, str], _Told]"


def check(claims: Iterable[Claim], file: ast.File) -> Iterator[Diagnostic]:
    """Every figure of a table that its quote gives to another member, and whose own member has another there."""
    kinds = [_kind(d) for d in file.declarations if isinstance(d, ast.Category)]
    left = MOST_CELLS
    for claim in claims:
        heads = {
            word for line in claim.lines[:1] for word in line.heads if not any(word in k.meant for k in kinds)
        }
        results = _Kind(frozenset(heads), {word: frozenset((word,)) for word in heads})
        known: _Known = {}
        for line in claim.lines:
            for use in line.uses[:left]:
                yield from _check(use, (*kinds, results), known)
            left -= min(left, len(line.uses))


def _kind(category: ast.Category) -> _Kind:
    held = {member.name: frozenset((member.name,)) for member in category.members}
    by_word = {word: name for name in held for word in _spellings(name)}
    for group in category.groups:  # a group may hold those before it
        parts = [by_word[path.words[-1]] for path in group.members if path.words[-1] in by_word]
        held[group.name] = frozenset(member for part in parts for member in held[part])
        by_word |= dict.fromkeys(_spellings(group.name), group.name)
    meant = {
        name: frozenset(
            other.shown for other, members in held.items() if members & held[name] or other is name
        )
        for name in held
    }
    return _Kind(
        frozenset(name.shown for name in held), {word: meant[name] for word, name in by_word.items()}
    )


def _spellings(name: Name) -> tuple[str, ...]:
    return tuple(filter(None, (name.written, name.alias)))


def _check(use: Use, kinds: Sequence[_Kind], known: _Known) -> Iterator[Diagnostic]:
    said = use.said
    if (
        use.origin is not None
        or said.value == 0
        or _holds(said, (f for r in use.because for f in figures(r)))
    ):
        return
    for n, kind in enumerate(kinds):
        own = frozenset(word for name in use.of for word in kind.meant.get(name, ()))
        against: Diagnostic | None = None
        for quote in use.quotes if own else ():
            place = (quote.words, n, said.measure)
            if place not in known:
                known[place] = _told(quote.words, kind.words, said.measure)
            told = known[place]
            if not _holds(said, told.figures):
                continue
            holders = {word for word, found in told.pairs if same(said, found)}
            if not holders or holders & own or not own & {word for word, _ in told.pairs}:
                against = None
                break  # this quote may well be the one that sets it
            against = against or _other(use, quote, told, own)
        if against is not None:
            yield against
            return


def _holds(said: Printed, printed: Iterable[Printed]) -> bool:
    return any(same(said, found) for found in printed)


def _told(words: str, names: frozenset[str], measure: str) -> _Told:
    """Whom a quote gives which figures of this measure: 一档320元、二档695元, 一档、二档分别为320元、695元."""
    every = tuple(figures(words))
    text = widths(words)
    there = sorted((name for name in names if name and widths(name) in text), key=len, reverse=True)
    named = list(re.finditer("|".join(re.escape(widths(name)) for name in there), text)) if there else []
    shown = {widths(name): name for name in there}
    things: list[tuple[int, str | Printed]] = [(match.start(), shown[match[0]]) for match in named]
    for found in every:
        if found.measure in (measure, "number") and not any(
            m.start() <= found.start < m.end() for m in named
        ):
            things.append((found.start, found))
    things.sort(key=lambda thing: thing[0])
    runs = [[thing for _, thing in run] for _, run in groupby(things, lambda t: isinstance(t[1], str))]
    pairs: list[tuple[str, Printed]] = []
    for before, after in zip(runs[::2], runs[1::2], strict=False):
        pairs += [
            (a, b)
            for a, b in zip(before, after, strict=False)
            if isinstance(a, str) and isinstance(b, Printed)
        ]
    plain = 2 * len(pairs) == len(things) and len({name for name, _ in pairs}) == len(pairs)
    return _Told(every, tuple(pairs) if plain else ())


def _other(use: Use, quote: Quote, told: _Told, own: frozenset[str]) -> Diagnostic:
    other, found = next((word, found) for word, found in told.pairs if same(use.said, found))
    phrase = phrase_of(quote.words, found)
    facts: dict[str, Fact] = {
        "figure": use.span.text,
        "own": next(word for word, _ in told.pairs if word in own),
        "clause": Words(f"clause {quote.clause}", f"条款{quote.clause}")
        if quote.clause
        else Words("the quote", "摘引"),
        "other": other,
        "phrase": phrase[max(phrase.find(other), 0) :],
    }
    return Diagnostic(codes.FIGURE_OF_ANOTHER, use.span, facts)
