"""Who pays what? Payers named once for a split and the splits of its shares, arms bound to members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from policydsl.amounts import say_rate
from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Label, Words
from policydsl.expressions import LARGEST_FRACTIONS, Rounding
from policydsl.facts import Name
from policydsl.kinds import MONEY, PURE, Kind, Quantity
from policydsl.model import Arm, Portion, Restated, Share, Split
from policydsl.nodes import evolve
from policydsl.resolve.scope import Failed, Result, Scope, spellings
from policydsl.resolve.tables import keys, members_by_key
from policydsl.resolve.values import Values
from policydsl.syntax import ast
from policydsl.syntax.words import entry

Payers = Mapping[str, Name]


def payers(scope: Scope, splits: Sequence[ast.Split]) -> dict[str, Name]:
    """The payers of a split and of the splits of its shares, by every spelling, aliases and labels merged.

    A payer may have its alias at one place only; it is the same payer wherever its name stands.
    """
    merged: dict[str, Name] = {}
    for split in splits:
        for name in _names(share for arm in split.arms for share in arm.shares):
            known = merged.get(name.written)
            if known is None:
                known = name
            elif name.alias and known.alias and name.alias != known.alias:
                scope.report(
                    codes.ALIAS_NEEDED_ONCE, name.span, Label(known.span, Words("the other alias", "另一个别名")),
                    name=name.written, one=known.alias, other=name.alias,
                )  # fmt: skip
            else:
                known = evolve(known, alias=known.alias or name.alias, label=known.label or name.label)
            merged[name.written] = known
    return {spelling: name for name in merged.values() for spelling in spellings(name)}


def _names(shares: object) -> list[Name]:
    found: list[Name] = []
    for share in shares:  # type: ignore[attr-defined]
        found.append(share.payer)
        found += _names(share.parts)
    return found


def split_result(name: Name, kind: Kind, known: Payers) -> Result:
    """How others refer to a split: by its payers, subtotals included, and by `total`."""
    parts = {spelling: (payer.key, kind) for spelling, payer in known.items()}
    for word in chain.from_iterable(entry("parts", "total").values()):
        parts.setdefault(word, ("total", kind))
    return Result(name, None, parts, Words("a split", "分担"))


def split(
    scope: Scope, values: Values, declared: ast.Split, known: Payers, kind: Kind | None
) -> tuple[Split, Kind]:
    """A split, with `kind` that of the share it divides (None: its own total says)."""
    before = len(scope.diagnostics)
    name, parent, total = declared.name, None, None
    if declared.total is not None:
        total = values.value(declared.total, frozenset())
        kind = total.kind
    else:
        assert declared.parent is not None and kind is not None
        root = scope.results[declared.parent.words[0]].name.key
        payer = known.get(declared.parent.words[-1])
        if payer is None:
            scope.fail(
                codes.NO_SUCH_PART, declared.parent.span, name=declared.parent.words[0], part=declared.parent.words[-1],
                remedy=Words(f"its payers are {', '.join(known)}", f"承担方有{'、'.join(known)}"),
            )  # fmt: skip
        parent = (root, payer.key)
        name = Name(f"{root}.{payer.key}", span=declared.name.span)
    if not isinstance(kind, Quantity):
        assert total is not None
        values.wrong_kind(total, Quantity(MONEY))
        raise Failed
    keys_ = keys(scope, values, declared.keys)
    arms = []
    for arm in declared.arms:
        try:
            paths = [ast.Path((member.written,), span=member.span) for member in arm.members]
            tests = members_by_key(scope, values, keys_, paths, arm.span)
            shares = tuple(_share(scope, values, share, known, kind) for share in arm.shares)
            head = "、".join(member.written for member in arm.members)
            arms.append(Arm(tests, shares, head, arm.quotes, span=arm.span))
        except Failed:
            continue
    rounding, because = _lines(scope, values, declared, known, kind)
    if len(scope.diagnostics) > before:
        raise Failed
    return (
        Split(
            name, parent, total, keys_, tuple(arms), rounding, declared.quotes, declared.notes, because,
            span=declared.span,
        ),
        kind,
    )  # fmt: skip


def _share(scope: Scope, values: Values, share: ast.Share, known: Payers, kind: Quantity) -> Share:
    payer = evolve(known[share.payer.written], span=share.payer.span)
    restated = tuple(_restated(values, r, kind) for r in share.restated)
    parts = tuple(_share(scope, values, part, known, kind) for part in share.parts)
    return Share(payer, _portion(scope, values, share.portion, kind), restated, parts, span=share.span)


def _restated(values: Values, restate: ast.Restate, kind: Kind) -> Restated:
    value = values.constant(restate.figure, kind)
    within = values.constant(restate.within, kind).value if restate.within is not None else None
    return Restated(value, within, span=restate.span)  # type: ignore[arg-type]


def _portion(scope: Scope, values: Values, portion: ast.Portion, kind: Quantity) -> Portion:
    if portion.how == "ratio":
        return Portion("ratio", weight=portion.weight, weights=portion.weights, span=portion.span)
    if portion.how in ("rest", "all"):
        return Portion(portion.how, span=portion.span)
    if portion.how == "named":
        assert portion.named is not None
        value = values.path(portion.named, frozenset())
        if isinstance(value.kind, Quantity) and value.kind.unit == PURE:
            scope.fail(
                codes.WRONG_KIND, portion.span, found=scope.say_kind(value.kind), wanted=scope.say_kind(kind)
            )
        return Portion("fixed", amount=values.adopt(value, kind), span=portion.span)
    figure = portion.figure
    assert figure is not None
    constant = values.figure(figure)
    if figure.unit.powers:
        return Portion("fixed", amount=values.adopt(constant, kind), span=portion.span)
    if not figure.percent and "/" not in figure.written:
        scope.fail(
            codes.RATE_WITHOUT_PERCENT, portion.span, figure=figure.written, percent=say_rate(figure.value)
        )
    return Portion("percent", rate=figure.value, span=portion.span)


def _lines(
    scope: Scope, values: Values, declared: ast.Split, known: Payers, kind: Kind
) -> tuple[Rounding | None, tuple[str, ...]]:
    rounding: Rounding | None = None
    because: list[str] = []
    for clause in declared.clauses:
        match clause:
            case ast.Round(scope="total"):
                try:
                    rounding = evolve(values.rounding(clause, kind), holder=_holder(clause.holder, known))
                except Failed:
                    continue
            case ast.Because():
                because.append(clause.text)
            case ast.Round():
                scope.report(codes.SLICE_ROUNDING, clause.span)
            case _:
                scope.report(codes.CLAUSE_OUT_OF_PLACE, clause.span, word=Words("split", "分担"))
    return rounding, tuple(because)


def _holder(holder: ast.Path | str | None, known: Payers) -> str | None:
    """The key of the payer who takes the remainder; a name that is no payer stays as it is, for the check."""
    if holder is None or isinstance(holder, str):
        return LARGEST_FRACTIONS if holder else None
    word = ".".join(holder.words)
    return known[word].key if word in known else word
