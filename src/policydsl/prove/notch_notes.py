"""What is said of the leaps of a policy? Warnings about slabs, and the list of `check --notches`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import assert_never

from policydsl.diagnostics import codes_checks, codes_prove
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.expressions import Constant, Input
from policydsl.facts import Name
from policydsl.ir import Definition, Program, Schedule
from policydsl.kinds import Kind
from policydsl.model import Accept, Timeline
from policydsl.nodes import Span
from policydsl.prove import wording
from policydsl.prove.notches import (
    Falls,
    Jump,
    Notch,
    Steep,
    Steps,
    Unlisted,
    kind_of,
    notches,
    of_output,
    slab,
)
from policydsl.prove.whom import said

# schedules of whole amounts


def warnings(
    program: Program, accepts: Iterable[Accept], timelines: Iterable[Timeline] = ()
) -> Iterator[Diagnostic]:
    """The slabs that leap and whose author has not accepted it, and every `accept notch` for nothing. Of what
    is dated, each edition is looked at, and accepted by the common name."""
    accepted = [a for a in accepts if a.finding == "notch"]
    whole = {edition.key: line.name for line in timelines for edition in line.editions if edition.key}
    leaping: set[str] = set()
    for definition in program.definitions:
        body = definition.body
        if not isinstance(body, Schedule) or body.mode != "slab":
            continue
        name = whole.get(definition.name.key, definition.name)
        found = list(slab(program, definition, body))
        jumps = [n for n in found if isinstance(n.finding, Jump)]
        if jumps:
            leaping.add(name.key)
            if not any(a.target in (None, name.key) for a in accepted):
                yield _slab_jumps(program, definition, body, jumps, name)
        elif found:
            leaping.add(name.key)  # not followed: nobody can say that there is none
    for accept in accepted:
        if not _needed(program, accept, leaping):
            yield Diagnostic(
                codes_checks.ACCEPT_UNNEEDED,
                accept.span,
                {
                    "finding": Words("notch", "陡坎"),
                    "target": accept.target or Words("any definition", "各项"),
                },
            )


def _needed(program: Program, accept: Accept, leaping: set[str]) -> bool:
    """Whether what an `accept notch` is about does leap, or may."""
    if accept.target in leaping or (accept.target is None and leaping):
        return True
    keys = program.outputs if accept.target is None else (accept.target,)
    wanted = [d for d in program.definitions if d.name.key in keys]
    return any(isinstance(n.finding, Jump | Unlisted) for d in wanted for n in of_output(program, d))


def _slab_jumps(
    program: Program, definition: Definition, body: Schedule, found: Sequence[Notch], name: Name
) -> Diagnostic:
    first = found[0]
    jump = first.finding
    assert isinstance(jump, Jump)
    places = {n.finding.at for n in found if isinstance(n.finding, Jump)}
    more = len(places) - 1
    along = Words("the amount", "数额")
    if isinstance(body.amount, Input):
        along = wording.named(program.fact(body.amount.key).name)
    facts = _jump_facts(program, first, jump, body.amount.kind, along)
    facts["along"] = wording.leading(along)
    facts["output"] = wording.leading(wording.named(definition.name))
    facts["target"] = name.written
    facts["more"] = (
        Words(f", and at {more} other amount{'' if more == 1 else 's'}", f"；另有{more}处")
        if more
        else wording.NOTHING
    )
    return Diagnostic(codes_prove.SLAB_JUMPS, _band_at(body, jump.at) or definition.name.span, facts)


def _band_at(body: Schedule, at: Fraction) -> Span | None:
    """The place of the band that begins at an amount, as far as its figures say."""
    for before, band in zip(body.bands, body.bands[1:], strict=False):
        for edge in (band.printed.low, before.printed.high):
            if isinstance(edge, Constant) and edge.value == at:
                return band.printed.span
    return None


# in words


def notes(program: Program, accepts: Iterable[Accept] = ()) -> Iterator[Diagnostic]:
    """What `check --notches` lists; what the author has accepted is listed with the reason."""
    lines = tuple(accepts)
    for notch in notches(program):
        yield _note(program, notch, lines)


def _note(program: Program, notch: Notch, accepts: Sequence[Accept]) -> Diagnostic:
    fact = program.fact(notch.along)
    kind = kind_of(notch.definition, notch.part)
    along = wording.named(fact.name)
    facts: dict[str, str | int | Words] = {
        "output": wording.leading(wording.output(notch.definition, notch.part)),
        "along": wording.leading(along),
        "whom": _whom(notch, program),
    }
    finding = notch.finding
    match finding:
        case Jump():
            facts |= _jump_facts(program, notch, finding, fact.kind, along)
            facts["accepted"] = _accepted(notch, accepts)
            code = codes_prove.OUTPUT_JUMPS
        case Falls():
            facts |= _stretch(program, finding.low, finding.high, fact.kind)
            facts |= _each(program, finding.by, fact.kind, kind)
            code = codes_prove.OUTPUT_FALLS
        case Steep():
            facts |= _stretch(program, finding.low, finding.high, fact.kind)
            facts |= _each(program, finding.rate, fact.kind, kind)
            facts["rate"] = f"{wording.figure(finding.rate * 100)}%"
            code = codes_prove.OUTPUT_STEEP
        case Steps():
            code = codes_prove.OUTPUT_IN_STEPS
        case Unlisted(why="others"):
            names = wording.listed(wording.named(program.fact(k).name) for k in finding.others)
            facts["others"] = names
            code = codes_prove.NOTCHES_IN_PART
        case Unlisted():
            facts["why"] = (
                Words("too many kinds of people have to be told apart", "须区分的情形太多")
                if finding.why == "cells"
                else Words(
                    "amounts that vary together are multiplied or compared",
                    "其中有同时变动的数额相乘、相除或相比较",
                )
            )
            code = codes_prove.NOTCHES_UNLISTED
        case _:
            assert_never(finding)
    return Diagnostic(code, notch.definition.name.span, facts)


def _whom(notch: Notch, program: Program) -> Words:
    if not notch.people or notch.reach is None:
        return wording.NOTHING
    who = said(notch.people, notch.reach, program)
    return Words(f"; for {who.en}", f"；适用于{who.zh}") if who.zh else who


def _accepted(notch: Notch, accepts: Sequence[Accept]) -> Words:
    for accept in accepts:
        if accept.finding == "notch" and accept.target in (None, notch.definition.name.key):
            return Words(f"; accepted, because: {accept.because}", f"；已认可，理由：{accept.because}")
    return wording.NOTHING


def _jump_facts(
    program: Program, notch: Notch, jump: Jump, along_kind: Kind, along: Words
) -> dict[str, str | int | Words]:
    kind = kind_of(notch.definition, notch.part)
    at = wording.amount(jump.at, along_kind, program)
    before, after = (wording.amount(x, kind, program) for x in (jump.before, jump.after))
    rises = jump.after > jump.before
    size = wording.points(abs(jump.after - jump.before), kind, program)
    output = wording.output(notch.definition, notch.part)
    lead = wording.leading(along)
    until = wording.NOTHING
    if jump.until is not None:
        x = wording.amount(jump.until, along_kind, program)
        if rises:
            until = Words(
                f"; {along.en} less {output.en} is back at what it was only from {x.en} on",
                f"；{along.zh}减去{output.zh}后的余额，至{lead.zh}{x.zh}才恢复到跳变前",
            )
        else:
            until = Words(
                f"; it is back at {before.en} only from {x.en} on", f"；至{lead.zh}{x.zh}才恢复到{before.zh}"
            )
    elif not rises:
        until = Words("; it does not come back to that", "；此后不再恢复")
    return {
        "where": Words(f"over {at.en}", f"超过{at.zh}")
        if jump.side == "over"
        else Words(f"from {at.en}", f"达到{at.zh}"),
        "before": before,
        "after": after,
        "size": Words(f"{size.en} {'more' if rises else 'less'}", f"{'多' if rises else '少'}{size.zh}"),
        "whom": _whom(notch, program),
        "until": until,
    }


def _stretch(
    program: Program, low: Fraction, high: Fraction | None, kind: Kind
) -> dict[str, str | int | Words]:
    first = wording.amount(low, kind, program)
    if high is None:
        return {"stretch": Words(f"from {first.en} on", f"{first.zh}以上")}
    last = wording.amount(high, kind, program)
    return {"stretch": Words(f"from {first.en} to {last.en}", f"{first.zh}至{last.zh}")}


def _each(program: Program, by: Fraction, along: Kind, kind: Kind) -> dict[str, str | int | Words]:
    """By how much the output changes for each 100元 of the amount."""
    hundred = Fraction(100)
    return {
        "unit": wording.amount(hundred, along, program),
        "per": wording.points(by * hundred, kind, program),
    }
