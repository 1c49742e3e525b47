"""How does a split read? Who bears which share, and how much of the stated total that is."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import prod

from policydsl.document import grids
from policydsl.document.desk import Desk
from policydsl.document.sheet import Block, Prose
from policydsl.expressions import LARGEST_FRACTIONS, Constant, Expr, Value
from policydsl.kinds import MemberOf, YesNo
from policydsl.model import (
    Arm,
    Split,
)

#: in how many kinds of case amounts are worked out
MAX_CASES = 256


def share_of(desk: Desk, parent: tuple[str, str]) -> str:
    definition = desk.program.definition(parent[0])
    part = desk.voice.part(definition, parent[1])
    whole = desk.voice.name(definition.name)
    return desk.voice.pick(f"{whole}中{part}的部分", f"{whole}: the share of {part}")


def split_blocks(desk: Desk, split: Split) -> list[Block]:
    voice = desk.voice
    top = split.name.key if split.parent is None else split.parent[0]
    definition = desk.program.definition(top)
    by = voice.listed([grids.key_name(k, voice) for k in split.keys])
    if split.parent is None:
        assert split.total is not None
        total = voice.expr(split.total)
        worth = _worth(desk, split.total)
        figure = f"{total}{voice.brackets(worth)}" if worth and worth != total else total
    else:
        figure, worth = share_of(desk, split.parent), ""
    words = voice.pick(
        f"{figure}{f'按{by}' if by else ''}由下列各方分担",
        f"{figure} is borne{f', by {by},' if by else ''} by these payers",
    )
    holder = None
    finish = []
    if split.rounding is not None:
        if split.rounding.holder not in (None, LARGEST_FRACTIONS):
            holder = voice.part(definition, split.rounding.holder or "")
        finish = voice.finish((split.rounding,), definition.kind, holder)
    worked, shown = _amounts(desk, split, top)
    grid = grids.share_grid(split, voice, voice.name(definition.name), definition.kind, worked, shown)
    return [Prose((voice.stop(words), *finish)), grid]


def _worth(desk: Desk, total: Expr) -> str:
    """What the stated total is, where it is one figure."""
    key = getattr(total, "key", None)
    if (
        isinstance(total, Constant)
        or not isinstance(key, str)
        or not any(d.name.key == key for d in desk.program.definitions)
    ):
        return ""
    value = desk.value_of(key)
    return "" if value is None else desk.voice.said(value, total.kind)


def _amounts(desk: Desk, split: Split, top: str) -> tuple[list[dict[str, str]], str]:
    """For each arm what its payers bear, where it is the same in every kind of case; and of which total."""
    definition = desk.program.definition(top)
    facts = [desk.program.fact(k) for k in definition.inputs]
    if not all(isinstance(f.kind, MemberOf | YesNo) for f in facts):
        return [{} for _ in split.arms], ""
    choices = [
        [m.name.key for m in desk.program.category(f.kind.category).members]
        if isinstance(f.kind, MemberOf)
        else [False, True]
        for f in facts
    ]
    if prod(map(len, choices)) > MAX_CASES:
        return [{} for _ in split.arms], ""
    found: list[dict[str, set[Fraction]]] = [{} for _ in split.arms]
    totals: set[Fraction] = set()
    for values in product(*choices):
        case: dict[str, Value] = {f.name.key: v for f, v in zip(facts, values, strict=True)}  # type: ignore[misc]
        step = desk.answer(desk.program, case, top)
        number = _arm(desk, split, case)
        if step is None or number is None:
            continue
        parts = dict(step.parts)
        whole = parts[split.parent[1]] if split.parent is not None else step.value
        if isinstance(whole, Fraction):
            totals.add(whole)
        for payer in _payers(split.arms[number]):
            amount = parts[payer]
            assert isinstance(amount, Fraction)
            found[number].setdefault(payer, set()).add(amount)
    if len(totals) != 1:
        return [{} for _ in split.arms], ""
    kind = definition.kind
    told = [
        {
            payer: desk.voice.bare(next(iter(v)), kind)
            if len(v) == 1
            else desk.voice.pick("视情形而定", "depends")
            for payer, v in arm.items()
        }
        for arm in found
    ]
    return told, desk.voice.said(totals.pop(), kind)


def _arm(desk: Desk, split: Split, case: Mapping[str, Value]) -> int | None:
    """The arm that a case takes; None where that is not plain from its facts."""
    for i, arm in enumerate(split.arms):
        values = [case.get(getattr(k.value, "key", "")) for k in split.keys]
        if any(v is None for v in values):
            return None
        words = ["yes" if v is True else "no" if v is False else v for v in values]
        if all(t is None or w in t for t, w in zip(arm.tests, words, strict=True)):
            return i
    return None


def _payers(arm: Arm) -> list[str]:
    return [s.payer.key for s in grids.all_shares(arm.shares)]
