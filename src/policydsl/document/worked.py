"""How do the policy's own examples stand on the page? As tables, one for each run of cases of one form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from policydsl.document import grids
from policydsl.document.sheet import Cell, Grid
from policydsl.document.voice import Voice
from policydsl.expressions import Value
from policydsl.facts import Name
from policydsl.ir import Example, Exceptions, Expectation, Program
from policydsl.kinds import Kind, Quantity
from policydsl.results import ground_names

_NUMBERED = re.compile(r" [0-9]+$")


def example_grids(program: Program, passed: Sequence[bool], voice: Voice) -> Iterator[Grid]:
    """Every example, in the order of the text; one that does not come out is marked."""
    cases = list(zip(program.examples, passed, strict=True))
    for form, group in groupby(cases, key=lambda case: _form(case[0])):
        write = _refused if form is None else _grid
        yield write(program, list(group), voice)


def _form(example: Example) -> tuple[object, ...] | None:
    """Cases of one form stand in one table: the rows of one example, or single ones with the same facts
    and results; None for those that are refused."""
    if example.refused:
        return None
    table = _NUMBERED.sub("", example.title) if _NUMBERED.search(example.title) else None
    return table, tuple(key for key, _ in example.facts), tuple((e.output, e.part) for e in example.expects)


def _refused(program: Program, cases: Sequence[tuple[Example, bool]], voice: Voice) -> Grid:
    """Cases that the policy gives no answer to, whatever facts each of them states."""
    rows = []
    for example, ok in cases:
        facts = [
            f"{voice.fact(key)}{voice.pick('：', ': ')}{_fact(value, program.fact(key).kind, False, voice)}"
            for key, value in example.facts
        ]
        result = voice.pick("不予计算", "refused") if ok else _not_so(voice)
        rows.append([Cell(example.title, head="row"), Cell(voice.pick("；", "; ").join(facts)), Cell(result)])
    heads = [voice.pick("举例", "example"), voice.pick("情况", "facts"), voice.pick("结果", "result")]
    return grids.plain_grid(voice.pick("不予计算的情形", "Cases that are refused"), heads, rows, titled=True)


def _not_so(voice: Voice) -> str:
    return voice.pick("与计算不符", "does not come out")


def _grid(program: Program, cases: Sequence[tuple[Example, bool]], voice: Voice) -> Grid:
    first = cases[0][0]
    titles = list(dict.fromkeys(_NUMBERED.sub("", e.title) for e, _ in cases))
    named = len(titles) > 1
    together = [list(group) for _, group in groupby(first.expects, key=lambda e: e.output)]
    depth = 2 if any(len(group) > 1 for group in together) else 1
    heads = [grids.head(voice.pick("举例", "example"), rows=depth)] if named else []
    below: list[Cell] = []
    kinds = [program.fact(key).kind for key, _ in first.facts]
    # A unit stands in the head where no cell lacks a value.
    bare = [all(dict(e.facts)[key] is not None for e, _ in cases) for key, _ in first.facts]
    for (key, _), kind, plain in zip(first.facts, kinds, bare, strict=True):
        heads.append(grids.headed(voice.fact(key), kind if plain else None, voice, rows=depth))
    for group in together:
        name = voice.name(program.definition(group[0].output).name)
        if len(group) == 1:
            part = _part(program, group[0], voice)
            words = f"{name}{voice.pick('·', ': ')}{part}" if group[0].part is not None else name
            heads.append(grids.headed(words, group[0].kind, voice, rows=depth))
            continue
        heads.append(grids.head(name, columns=len(group)))
        below += [grids.headed(_part(program, e, voice), e.kind, voice) for e in group]
    wrong = not all(ok for _, ok in cases)
    if wrong:
        heads.append(grids.head(voice.pick("结果", "result"), rows=depth))
    rows = []
    for example, ok in cases:
        cells = [Cell(example.title, head="row")] if named else []
        facts = dict(example.facts)
        for (key, _), kind, plain in zip(first.facts, kinds, bare, strict=True):
            cells.append(Cell(_fact(facts[key], kind, plain, voice), figure=isinstance(kind, Quantity)))
        for expected in example.expects:
            cells.append(
                Cell(_expected(program, expected, voice), figure=isinstance(expected.kind, Quantity))
            )
        if wrong:
            cells.append(Cell(voice.pick("相符", "comes out") if ok else _not_so(voice)))
        rows.append(tuple(cells))
    caption = titles[0] if not named else voice.pick("单项举例", "Single cases")
    above = (tuple(heads), tuple(below)) if depth > 1 else (tuple(heads),)
    return Grid(caption, above, tuple(rows), titled=True)


def _fact(value: Value, kind: Kind, plain: bool, voice: Voice) -> str:
    if value is None:
        return voice.pick("无", "none")
    return voice.bare(value, kind) if plain else voice.said(value, kind)


def _part(program: Program, expected: Expectation, voice: Voice) -> str:
    """What a part of a result is called: a payer, a column, the ground; 结果 for the value itself."""
    match expected.part:
        case None:
            return voice.pick("结果", "result")
        case "ground":
            return voice.pick("适用情形", "ground")
        case "total":
            return voice.pick("合计", "total")
        case part:
            return voice.part(program.definition(expected.output), part)


def _expected(program: Program, expected: Expectation, voice: Voice) -> str:
    if expected.kind is not None:
        return (
            voice.bare(expected.value, expected.kind)
            if expected.value is not None
            else voice.pick("无", "none")
        )
    if expected.part == "ground":
        body = program.definition(expected.output).body
        assert isinstance(body, Exceptions)
        names: dict[str, Name] = dict(ground_names(body.grounds))
        found = names.get(str(expected.value))
        return voice.name(found) if found is not None else voice.pick("一般情形", "the base")
    return str(expected.value)
