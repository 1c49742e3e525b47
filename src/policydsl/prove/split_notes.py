"""What does `check --verbose` say of splits? From which total each rounding acts, and what other readings pay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from policydsl.diagnostics import codes_prove as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.expressions import LARGEST_FRACTIONS, Input, Ref, RoundingMode
from policydsl.ir import Allotment, Program
from policydsl.kinds import Kind
from policydsl.prove import wording
from policydsl.prove.splits import Divided, Findings, Reading, findings, is_rounded, taker_of

_ZERO = Fraction(0)


def notes(program: Program) -> Iterator[Diagnostic]:
    """What `check --verbose` says of the splits of a policy."""
    by_split: dict[str, list[Findings]] = {}
    for found in findings(program):
        by_split.setdefault(found.definition.name.key, []).append(found)
    for each in by_split.values():
        yield from _said_of_split(each, program)


def _said_of_split(found: list[Findings], program: Program) -> Iterator[Diagnostic]:
    definition = found[0].definition
    kind = definition.kind
    name = _total_name(found[0], program)
    for f in found:
        if not f.sums and f.stated:
            yield _at_figure(f, name, program)
    lows = [f.negative_below for f in found if f.negative_below is not None]
    if all(f.sums for f in found) and len(lows) == len(found):
        low = max(*lows, found[0].low) if lows else found[0].low
        step = min(f.step for f in found)
        whole = low <= max(found[0].low, _ZERO)
        from_ = wording.amount(low, kind, program)
        yield Diagnostic(
            codes.SPLIT_HOLDS,
            definition.name.span,
            {
                "name": wording.named(definition.name),
                "total": wording.leading(name),
                "step": wording.amount(step, kind, program),
                "from": wording.NOTHING if whole else Words(f" from {from_.en} on", f"（不低于{from_.zh}）"),
            },
        )
    merged: dict[object, list[Findings]] = {}
    for f in found:
        rounding = f.division.rounding
        if rounding is not None and f.remainder is not None:
            merged.setdefault(_same(f), []).append(f)
    for alike in merged.values():
        yield from _said_of_rounding(alike, name, program)


def _same(f: Findings) -> object:
    """What two arms have in common that divide alike."""
    portions = tuple((p.payer, p.portion.how, p.portion.rate) for p in f.arm.parts)
    way = tuple((id(d), i) for d, _, i in f.above)
    return id(f.division), way, portions, f.stated, f.acts


def _said_of_rounding(alike: list[Findings], name: Words, program: Program) -> Iterator[Diagnostic]:
    f = alike[0]
    rounding = f.division.rounding
    assert rounding is not None and f.remainder is not None
    kind = f.definition.kind
    parts = f.arm.parts
    facts: dict[str, str | int | Words] = {
        "who": _heads(alike, program),
        "name": wording.leading(_whole_name(f, name)),
        "remainder": _remainder(f, program),
    }
    now = next((d for d in f.stated if is_rounded(parts, d, rounding.step)), None)
    if now is not None:
        yield Diagnostic(codes.ROUNDING_ACTS, rounding.span, {**facts, **_here(f, now, name, program)})
    elif f.acts is None:
        facts["step"] = wording.amount(f.step, kind, program)
        yield Diagnostic(codes.ROUNDING_NEVER_ACTS, rounding.span, facts)
    elif f.stated:
        exact = wording.listed(_whole(f, d, name, program) for d in f.stated)
        yield Diagnostic(
            codes.ROUNDING_EXACT_NOW,
            rounding.span,
            {**facts, "stated": exact, **_here(f, f.acts, name, program)},
        )
    else:
        yield Diagnostic(
            codes.ROUNDING_FIRST_ACTS, rounding.span, {**facts, **_here(f, f.acts, name, program)}
        )
    said = [_reading(f, r, name, program) for r in f.readings if r.first is not None or not r.holder]
    if said:
        yield Diagnostic(
            codes.ROUNDING_READ_OTHERWISE,
            rounding.span,
            {
                "who": facts["who"],
                "name": _whole_name(f, name),
                "readings": wording.listed(said, "; ", "；"),
            },
        )


def _here(f: Findings, at: Divided, name: Words, program: Program) -> dict[str, str | int | Words]:
    return {
        "whole": _whole(f, at, name, program),
        "exact": _terms(at.exact),
        "paid": _terms(at.paid),
    }


def _terms(figures: Iterable[Fraction]) -> str:
    return " + ".join(wording.figure(x) for x in figures)


def _whole(f: Findings, at: Divided, name: Words, program: Program) -> Words:
    """The amount divided, and for a share of a share the total that it comes from."""
    whole = wording.amount(at.whole, f.definition.kind, program)
    if not f.above:
        return whole
    total = wording.amount(at.total, f.definition.kind, program)
    lead = wording.leading(name)
    return Words(f"{whole.en} ({name.en} {total.en})", f"{whole.zh}（{lead.zh}{total.zh}）")


def _whole_name(f: Findings, name: Words) -> Words:
    if not f.above:
        return name
    _, arm, i = f.above[-1]
    payer = wording.part_name(f.definition, arm.parts[i].payer)
    return Words(f"{payer.en}'s share", f"{payer.zh}的份额")


def _total_name(f: Findings, program: Program) -> Words:
    body = f.definition.body
    assert isinstance(body, Allotment)
    if isinstance(body.total, Ref):
        return wording.output(program.definition(body.total.key), body.total.part)
    if isinstance(body.total, Input):
        return wording.named(program.fact(body.total.key).name)
    return Words("the total", "总额")


def _heads(alike: list[Findings], program: Program) -> Words:
    """For whom: the members of the arms, those of the divisions above first."""
    said: list[Words] = []
    for f in alike:
        ways = [*((d, a) for d, a, _ in f.above), (f.division, f.arm)]
        tests = [
            wording.members(test, key.category, program)
            for division, arm in ways
            for key, test in zip(division.keys, arm.tests, strict=True)
            if test is not None
        ]
        if tests:
            said.append(wording.listed(tests))
    if not said:
        return wording.NOTHING
    heads = wording.listed(dict.fromkeys(said), " and ", "；")
    return Words(f"for {heads.en}, ", f"{heads.zh}：")


def _remainder(f: Findings, program: Program) -> Words:
    rounding = f.division.rounding
    assert rounding is not None and f.remainder is not None
    most = wording.amount(f.remainder, f.definition.kind, program)
    if rounding.holder == LARGEST_FRACTIONS:
        return Words(
            f"no payer is more than {most.en} from the exact share", f"各方与应负担额相差至多{most.zh}"
        )
    taker = taker_of(f.arm.parts, rounding)
    if taker is None:
        return Words("nothing is ever left over", "从不产生尾差")
    who = wording.part_name(f.definition, f.arm.parts[taker].payer)
    if not f.remainder:
        return Words(f"nothing is ever left over for {who.en}", f"{who.zh}从不承担尾差")
    return Words(
        f"what is left over goes to {who.en}, at most {most.en}",
        f"尾差归{who.zh}，至多{most.zh}",
    )


MODE_WORDS: dict[RoundingMode, Words] = {
    "half_up": Words("half up", "四舍五入"),
    "half_down": Words("half down", "五舍六入"),
    "half_even": Words("half even", "四舍六入五成双"),
    "up": Words("rounding up", "进一"),
    "down": Words("rounding down", "舍去"),
    "ceiling": Words("rounding to the greater", "向上取整"),
    "floor": Words("rounding to the smaller", "向下取整"),
}


def _reading(f: Findings, reading: Reading, name: Words, program: Program) -> Words:
    mode, first = MODE_WORDS[reading.mode], reading.first
    if first is None:
        return Words(
            f"without a holder, {mode.en} always makes the whole too",
            f"不写尾差归谁，{mode.zh}后各方也总是合计相符",
        )
    whole = _whole(f, first, name, program)
    paid = _terms(first.paid)
    if not reading.holder:
        total = wording.amount(sum(first.paid, _ZERO), f.definition.kind, program)
        return Words(
            f"without a holder, {mode.en} pays {paid} of {whole.en}, together {total.en}",
            f"不写尾差归谁，{mode.zh}在{whole.zh}时为{paid}，合计{total.zh}",
        )
    return Words(
        f"{mode.en} differs from {whole.en} on: {paid} there", f"{mode.zh}自{whole.zh}起结果不同，为{paid}"
    )


def _at_figure(f: Findings, name: Words, program: Program) -> Diagnostic:
    kind: Kind = f.definition.kind
    return Diagnostic(
        codes.SPLIT_AT_FIGURE,
        f.arm.parts[0].span.to(f.arm.parts[-1].span),
        {
            "who": _heads([f], program),
            "name": wording.leading(_whole_name(f, name)),
            "parts": _terms(f.stated[0].paid),
            "whole": wording.listed(
                wording.amount(d.whole, kind, program) for d in {d.whole: d for d in f.stated}.values()
            ),
        },
    )
