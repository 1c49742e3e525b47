"""What does one cell say in the words of a policy? Figures, ranges and names, and why a cell says none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Code, Diagnostic, Fact, Language, Words, listed
from policydsl.nodes import Node, Span, evolve, node
from policydsl.sheets import figures
from policydsl.sheets.grid import Cell, fold, fold_all
from policydsl.sheets.ranges import read_bounds, write_bounds
from policydsl.sheets.vocabulary import (
    Kind,
    Named,
    Vocabulary,
    around,
    exactly,
    near,
    parted,
    quoted,
    some,
    within,
)
from policydsl.syntax import ast
from policydsl.syntax.words import spelling

ANY_WORDS = frozenset(("不限", "任意", "全部", "所有", "any", "all"))

FIGURE = Words("a figure", "数字")
BAND = Words("a range", "范围")
MEMBER = Words("the name of a member", "类别中的一项")


@node
class Wishes(Node):
    """What the caller has said of the block; None where the table is to tell. `like` is the declaration
    of the policy that the block is to take the place of."""

    name: str
    language: Language
    kind: Literal["tiers", "table"] | None = None
    mode: str | None = None
    keys: tuple[str, ...] = ()
    amount: str | None = None
    words: Vocabulary | None = None
    like: ast.Tiers | ast.Table | None = None


def among(wishes: Wishes, file: ast.File, words: Vocabulary) -> Wishes:
    """The same with the words of the policy `file`, its language, and its declaration of that name."""
    named = (d for d in file.declarations if isinstance(d, ast.Tiers | ast.Table))
    like = next((d for d in named if wishes.name in (d.name.written, d.name.alias)), None)
    return evolve(wishes, words=words, language=words.language, like=like)


class Found:
    """Diagnostics gathered on the way; reading goes on after each, so that all are told at once."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def say(self, code: Code, place: Cell | Span, **facts: Fact) -> None:
        span = place.span if isinstance(place, Cell) else place
        if isinstance(place, Cell):
            facts["cell"] = say_cell(place)
        self.diagnostics.append(Diagnostic(code, span, facts))

    @property
    def failed(self) -> bool:
        return any(d.code.severity == "error" for d in self.diagnostics)


def say_cell(cell: Cell) -> Words:
    """What a cell is called: Sheet1!C7, or in pasted text its line."""
    if "!" in cell.ref:
        return Words(f"cell {cell.ref}", f"单元格{cell.ref}")
    line, _, column = cell.ref.partition(":")
    return Words(f"the cell in line {line}, column {column},", f"第{line}行第{column}格")


class Maker:
    """Turns what cells print into what a policy writes; `strict` takes no name for another that holds it."""

    def __init__(self, wishes: Wishes, found: Found, *, strict: bool = False) -> None:
        self.wishes = wishes
        self.strict = strict
        self.found = found
        self.marks = "“”" if wishes.language == "zh" else '""'
        self._told: set[str] = set()

    def quoted(self, text: str) -> str:
        return quoted(text, self.marks)

    def read_as(self, cell: Cell, text: str, named: Sequence[Named]) -> None:
        """Say, once, that words were read as something that is called a little otherwise."""
        if text not in self._told:
            self._told.add(text)
            names = listed(n.shown if n.shown == n.written else f"{n.written} ({n.shown})" for n in named)
            what = Words(f"“{text}” is read as {names.en}", f"“{text}”视为{names.zh}")
            self.found.say(codes.TABLE_READ_AS, cell, what=what)

    def figure(self, cell: Cell, unit: str) -> str:
        """The figure of a cell under a head with that unit; "" when there is none, which is told."""
        figure = figures.read_figure(cell)
        if figure is None:
            refuse(cell, FIGURE, self.found)
            return ""
        whole, _, part = figure.digits.partition(".")
        if len(whole) > 18 or len(part) > 9:
            self.found.say(codes.FIGURE_INEXACT, cell, figure=figure.digits)
        if unit and figure.unit and not _agree(figure.unit, unit):
            of = Words(f" of the column's unit {unit}", f"，这一栏的单位是{unit}")
            self.found.say(codes.FIGURE_UNREADABLE, cell, text=cell.text + cell.unit, of=of)
        return figures.written(figure, unit)

    def band(self, cell: Cell, unit: str) -> str:
        """The range of a cell; a figure alone is the range of that figure."""
        if cell.kind == "number" and not cell.flaw:
            return self.figure(cell, unit)
        if cell.kind != "text":
            refuse(cell, BAND, self.found)
            return ""
        if fold_all(cell.text).lower() in ANY_WORDS:
            return spelling("ANY", self.wishes.language) or "any"
        bounds = read_bounds(cell.text)
        if bounds is None:
            if figures.read_text(cell.text) is not None:
                return self.figure(cell, unit)
            self.found.say(codes.BAND_UNREADABLE, cell, text=cell.text)
            return ""
        return write_bounds(bounds, lambda text: self._bound(cell, text, unit), self.wishes.language) or ""

    def _bound(self, cell: Cell, text: str, unit: str) -> str:
        figure = figures.read_text(text)
        if figure is not None:
            return figures.written(figure, unit)
        if any(c.isdigit() for c in text) and self.wishes.words is None:
            self.found.say(codes.BAND_UNREADABLE, cell, text=cell.text)
            return ""
        return self.amount(cell, text)

    def amount(self, cell: Cell, text: str) -> str:
        """The name of an input, figure or result that the text means."""
        words = self.wishes.words
        if words is None:
            return self.quoted(text)
        named = list({n.written: n for n in exactly(text, words.amounts)}.values())
        if not named and not self.strict:
            named = around(text, words.amounts) or within(text, words.amounts)
            if len(named) == 1:
                self.read_as(cell, text, named)
        if len(named) == 1:
            return named[0].written
        if named:
            self.found.say(codes.WORD_AMBIGUOUS, cell, text=text, readings=listed(n.shown for n in named))
        else:
            what = Words("input, figure or table", "输入、标准或表")
            self.found.say(
                codes.WORD_UNKNOWN, cell, text=text, what=what, near=near(text, words.amounts),
                known=some(words.amounts),
            )  # fmt: skip
        return self.quoted(text)

    def members(self, cell: Cell, kind: Kind | None) -> str:
        """The members of `kind` that a cell names; without a policy the words as they stand."""
        if cell.kind != "text":
            if cell.kind == "number" and not cell.flaw and kind is None:
                return self.quoted(cell.text + cell.unit)
            if not (cell.kind == "number" and kind is not None and exactly(cell.text, kind.members)):
                refuse(cell, MEMBER, self.found)
                return ""
        text = fold(cell.text)
        if text.lower() in ANY_WORDS:
            return spelling("ANY", self.wishes.language) or "any"
        separator = "、" if self.wishes.language == "zh" else ", "
        if kind is None:
            return separator.join(self.quoted(part) for part in parted(text)) or self.quoted(text)
        whole = exactly(text, kind.members)
        if whole:
            return whole[0].written
        each = list(parted(text)) or [text]
        return separator.join(w for part in each if (w := self._member(cell, part, kind)))

    def _member(self, cell: Cell, text: str, kind: Kind) -> str:
        named = exactly(text, kind.members)
        if named:
            return named[0].written
        for ending in ("以上", "以下"):
            if text.endswith(ending) and (level := exactly(text.removesuffix(ending), kind.members)):
                return f"{level[0].written} {spelling('AND_OVER' if ending == '以上' else 'AND_UNDER', self.wishes.language)}"
        named = [] if self.strict else within(text, kind.members)
        if len(named) == 1:
            self.read_as(cell, text, named)
            return named[0].written
        if named:
            self.found.say(codes.WORD_AMBIGUOUS, cell, text=text, readings=listed(n.shown for n in named))
        else:
            what = Words(f"member of {kind.name.shown}", f"“{kind.name.shown}”项目")
            self.found.say(
                codes.WORD_UNKNOWN, cell, text=text, what=what, near=near(text, kind.members),
                known=some(kind.members),
            )  # fmt: skip
        return ""


def _agree(unit: str, head: str) -> bool:
    """Whether a figure with that unit may stand under a head with that one; the language checks the rest."""
    rate = ("%", "‰", "个百分点", "個百分點")
    return unit == head or (unit in rate) == (head in rate)


def refuse(cell: Cell, wanted: Words, found: Found) -> None:
    """Say why the cell is not what is wanted."""
    what = {
        "day": Words(f"the day {cell.text}", f"日期{cell.text}"),
        "truth": Words(f"the truth value {cell.text}", f"逻辑值{cell.text}"),
        "error": Words(f"{cell.text}", f"{cell.text}"),
        "number": Words(f"the number {cell.text}", f"数值{cell.text}"),
    }
    if cell.kind == "empty":
        found.say(codes.CELL_EMPTY, cell, what=wanted)
    elif cell.kind == "formula":
        found.say(codes.CELL_FORMULA, cell, formula=cell.text)
    elif cell.flaw == "inexact":
        found.say(codes.FIGURE_INEXACT, cell, figure=cell.text)
    elif cell.flaw:
        found.say(codes.FIGURE_SHOWN_OTHERWISE, cell, figure=cell.text, format=f"“{cell.flaw}”")
    elif cell.kind == "text" or wanted is FIGURE:
        if cell.kind in ("day", "truth", "error"):
            found.say(codes.CELL_WRONG_TYPE, cell, what=what[cell.kind], wanted=wanted)
        else:
            found.say(codes.FIGURE_UNREADABLE, cell, text=cell.text, of=Words("", ""))
    else:
        found.say(codes.CELL_WRONG_TYPE, cell, what=what[cell.kind], wanted=wanted)
