"""Which mistakes could a person make in copying a notice into this policy? Every one, as a change of the text.

What is only printed or only checked is left alone: quotes, comments, names, labels, reasons,
restatements, examples, `ensure`, `waive`, `accept`, and the header but for the days in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import assert_never

from policydsl.changes.conditions import negated, slips, with_members
from policydsl.changes.figures import weight_slips
from policydsl.changes.rows import exchanged, row_slips
from policydsl.changes.writing import Edit, Script, Slip, left_out, replaced, script_of, spelt, without
from policydsl.diagnostics.model import Words
from policydsl.facts import Name
from policydsl.nodes import Node, Span, node
from policydsl.syntax import ast
from policydsl.syntax.words import entry, meaning

_OVERLAPS = ("first", "greatest", "least", "sum")


@node
class Change(Node):
    """A slip in the declaration that stands at the place `declaration` of the file (from 0)."""

    declaration: int
    slip: Slip


def changes(file: ast.File) -> Iterator[Change]:
    """Every change of one thing in `file`, in the order of the declarations."""
    script = script_of(file.span.source.text)
    for place, declaration in enumerate(file.declarations):
        seen: set[tuple[Edit, ...]] = set()
        for slip in sorted(_declaration(declaration, script), key=lambda slip: slip.edits[0].start):
            if slip.edits not in seen:
                seen.add(slip.edits)
                yield Change(place, slip)


def _declaration(declared: ast.Declaration, script: Script) -> Iterator[Slip]:
    if isinstance(declared, ast.Param | ast.Split | ast.Tiers | ast.Table | ast.Rule):
        yield from slips(declared.days, script)
    match declared:
        case ast.Policy():
            for field in declared.fields:
                if field.key == "effective":
                    yield from slips(field.words, script)
        case ast.Category():
            yield from _category(declared, script)
        case ast.Input():
            yield from slips((declared.range, declared.default), script)
        case ast.Given():
            yield from slips((declared.condition, declared.other), script)
        case ast.Param():
            yield from slips((declared.versions, declared.range, declared.rise, declared.clauses), script)
            if len(declared.versions) > 1:
                for version in declared.versions:
                    yield without(version.span, Words("the figure of a period", "一个时期的数额"))
        case ast.Split():
            yield from slips(declared.total, script)
            yield from _split(declared, script)
        case ast.Tiers():
            yield from slips((declared.amount, declared.clauses), script)
            if declared.mode is not None:
                yield from _other_words(declared.mode.span, "kinds", ("marginal", "slab"), script)
            yield from row_slips(declared.rows, script)
        case ast.Table():
            yield from slips(declared.clauses, script)
            if declared.overlap is not None:
                yield from _other_words(declared.overlap.span, "overlaps", _OVERLAPS, script)
            yield from row_slips(declared.rows, script)
        case ast.Rule():
            yield from _rule(declared, script)
        case ast.Promise():
            if declared.below:
                yield from slips((declared.property, declared.when), script)
        case ast.Period():
            yield from slips((declared.first, declared.last), script)
        case ast.Example() | ast.Waive() | ast.Accept():
            return
        case _:
            assert_never(declared)


def _category(declared: ast.Category, script: Script) -> Iterator[Slip]:
    """A member lost from a group or put into another one; two levels in the wrong order."""
    comma = ", " if script == "en" else "、"

    def listed(members: list[ast.Path]) -> str:
        return comma.join(m.span.text for m in members)

    for group in declared.groups:
        members = list(group.members)
        whole = members[0].span.to(members[-1].span)
        for member in members if len(members) > 1 else ():
            rest = [m for m in members if m is not member]
            yield Slip(
                Words(
                    f"{member.span.text} left out of {group.name.key}",
                    f"“{group.name.written}”漏写“{member.span.text}”",
                ),
                (Edit(whole.start, whole.end, listed(rest)),),
            )
            for other in declared.groups:
                if other is not group and member.words not in [m.words for m in other.members]:
                    last = other.members[-1].span
                    edits = [
                        Edit(whole.start, whole.end, listed(rest)),
                        Edit(last.end, last.end, f"{comma}{member.span.text}"),
                    ]
                    yield _moved(member, group.name, other.name, edits)
    if declared.ordered:
        for above, below in pairwise(declared.members):
            yield from exchanged(above.span, below.span)


def _moved(member: ast.Path, from_: Name, to: Name, edits: list[Edit]) -> Slip:
    word = member.span.text
    said = Words(
        f"{word} moved from {from_.key} to {to.key}", f"“{word}”由“{from_.written}”移入“{to.written}”"
    )
    return Slip(said, tuple(sorted(edits, key=lambda edit: edit.start)))


# splits


def _split(declared: ast.Split, script: Script) -> Iterator[Slip]:
    payers: dict[str, None] = {}
    for arm in declared.arms:
        if len(declared.arms) > 1:
            yield without(arm.span, Words("the shares of one kind", "一类的份额"), arm.quotes)
        for member in arm.members if len(arm.members) > 1 else ():
            rest = ("、" if script != "en" else ", ").join(m.written for m in arm.members if m is not member)
            whole = arm.members[0].span.to(arm.members[-1].span)
            yield Slip(left_out(member.written), (Edit(whole.start, whole.end, rest),))
        yield from _shares(arm.shares, script, payers)
    for clause in declared.clauses:
        yield from slips(clause, script)
        if isinstance(clause, ast.Round) and isinstance(clause.holder, ast.Path):
            for payer in payers:
                if payer != clause.holder.words[-1]:
                    yield replaced(clause.holder.span, payer)


def _shares(shares: tuple[ast.Share, ...], script: Script, payers: dict[str, None]) -> Iterator[Slip]:
    """Every slip in shares that stand beside one another, and in those that they are divided into."""
    ratios: dict[int, Span] = {}
    figures: list[Span] = []
    for share in shares:
        payers[share.payer.written] = None
        portion = share.portion
        if portion.how == "ratio":
            ratios[portion.span.start] = portion.span
        elif portion.figure is not None:
            figures.append(portion.figure.span)
            yield from slips(portion.figure, script)
        yield from _shares(share.parts, script, payers)
    for span in ratios.values():
        yield from (replaced(span, text) for text in weight_slips(span.text))
    for left, right in pairwise(figures):
        yield from exchanged(left, right)


# rules


def _rule(declared: ast.Rule, script: Script) -> Iterator[Slip]:
    yield from slips((declared.value, declared.clauses), script)
    if declared.yes_no:
        yield negated(declared.value.span, script)
    for ground in declared.grounds:
        yield from slips((ground.when, ground.value), script)
        yield negated(ground.when.span, script)
        what = Words(f"the ground {ground.name.key}", f"“{ground.name.shown}”一项")
        yield without(_whole(ground), what, ground.quotes)
    for above, below in pairwise(declared.grounds):
        yield from _between(above, below, script)
        yield from _between(below, above, script)
    if declared.several is not None:
        yield from _other_words(declared.several.word.span, "overlaps", _OVERLAPS, script)


def _whole(ground: ast.Ground) -> Span:
    """The ground with the reason that stands after it."""
    if ground.because is None:
        return ground.span
    words = "|".join(w for spellings in entry("connectives", "BECAUSE").values() for w in spellings)
    reasons = re.compile(rf"(?:[\s,，]*(?:{words})\s*(?:\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」))+")
    found = reasons.match(ground.span.source.text, ground.span.end)
    return Span(ground.span.source, ground.span.start, found.end()) if found else ground.span


def _between(from_: ast.Ground, to: ast.Ground, script: Script) -> Iterator[Slip]:
    """A member of one ground's list in another's instead, where both ask for members of the same."""
    source, target = _lists(from_.when), _lists(to.when)
    if source is None or target is None or source.left != target.left or len(source.members) == 1:
        return
    for member in source.members:
        if member in target.members:
            continue
        rest = [m.span.text for m in source.members if m is not member]
        more = [*(m.span.text for m in target.members), member.span.text]
        edits = [
            Edit(source.span.start, source.span.end, with_members(source, rest, script)),
            Edit(target.span.start, target.span.end, with_members(target, more, script)),
        ]
        yield _moved(member, from_.name, to.name, edits)


def _lists(condition: ast.Value) -> ast.Has | ast.In | None:
    """The first list of members in a condition."""
    match condition:
        case ast.Has() | ast.In():
            return condition
        case ast.Logic():
            return next((found for part in condition.operands if (found := _lists(part))), None)
        case ast.Not():
            return _lists(condition.operand)
        case _:
            return None


def _other_words(span: Span, section: str, keys: tuple[str, ...], script: Script) -> Iterator[Slip]:
    """Another word of a position in place of the one there."""
    here = meaning(section, span.text)
    for key in keys if here in keys else ():
        if key != here:
            yield replaced(span, spelt(section, key, script))


__all__ = ["Change", "Slip", "changes"]
