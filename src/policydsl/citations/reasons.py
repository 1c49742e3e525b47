"""Is every choice that no quote makes explained? Roundings, readings, and which of several wins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.facts import Quote
from policydsl.source import Span
from policydsl.syntax import ast
from policydsl.syntax.words import meaning

#: words of a notice that make a choice, in either script
_ROUNDING = (
    "四舍五入",
    "四捨五入",
    "五舍六入",
    "四舍六入",
    "进一",
    "進一",
    "舍去",
    "捨去",
    "取整",
    "精确到",
    "精確到",
    "保留",
)
_SEVERAL = {
    "first": ("先后次序", "先後次序", "依次", "顺序", "順序"),
    "greatest": ("就高", "从高", "從高", "较高", "較高", "最高"),
    "least": ("就低", "从低", "從低", "较低", "較低", "最低"),
    "sum": ("累加", "叠加", "疊加", "合计", "合計", "累计", "累計", "同时享受", "同時享受"),
    "count": ("计数", "計數"),
}
_READING = {
    "marginal": ("累进", "累進", "分段", "部分", "各段"),
    "slab": ("全额", "全額", "按档", "按檔", "定额", "定額"),
    "interpolated": ("内插", "內插", "按比例"),
}
_CONTINUOUS = ("以上", "以下", "超过", "超過", "不满", "不滿")


def check(file: ast.File) -> Iterator[Diagnostic]:
    """Each rounding, reading of bands and rule for overlaps that has neither a quote that says it nor a reason."""
    for declaration in file.declarations:
        match declaration:
            case ast.Split() | ast.Param():
                yield from _clauses(declaration.clauses, declaration.quotes)
            case ast.Rule():
                yield from _clauses(declaration.clauses, declaration.quotes)
                yield from _several(declaration)
            case ast.Tiers():
                yield from _clauses(declaration.clauses, declaration.quotes)
                yield from _mode(declaration)
            case ast.Table():
                yield from _clauses(declaration.clauses, declaration.quotes)
                yield from _overlap(declaration)
            case _:
                continue


def _clauses(clauses: tuple[ast.Clause, ...], quotes: tuple[Quote, ...]) -> Iterator[Diagnostic]:
    for clause in clauses:
        match clause:
            case ast.Round():
                if clause.because is None and not _says(quotes, _ROUNDING):
                    yield _missing(clause.span, Words("the rounding", "取整方式"))
            case ast.Continuous():
                if clause.because is None and not _says(quotes, _CONTINUOUS):
                    yield _missing(clause.span, Words("what belongs between the bands", "各段之间如何衔接"))
            case ast.Limit() | ast.AsPrinted() | ast.Because():
                pass
            case _:
                assert_never(clause)


def _several(rule: ast.Rule) -> Iterator[Diagnostic]:
    several = rule.several
    if several is not None and several.because is None:
        quotes = (*rule.quotes, *(q for g in rule.grounds for q in g.quotes))
        if not _says(quotes, _SEVERAL.get(meaning("overlaps", several.word.words[0]) or "", ())):
            yield _missing(several.span, Words("which of several grounds counts", "同时符合几项时如何处理"))


def _overlap(table: ast.Table) -> Iterator[Diagnostic]:
    if table.overlap is None or table.overlap_because is not None:
        return
    if not _says(table.quotes, _SEVERAL.get(meaning("overlaps", table.overlap.words[0]) or "", ())):
        yield _missing(table.overlap.span, Words("which of several rows counts", "同时符合几行时如何处理"))


def _mode(tiers: ast.Tiers) -> Iterator[Diagnostic]:
    if tiers.mode is None or any(isinstance(c, ast.Because) for c in tiers.clauses):
        return
    if not _says(tiers.quotes, _READING.get(meaning("kinds", tiers.mode.words[0]) or "", ())):
        yield _missing(tiers.mode.span, Words("how the bands are read", "各段如何计算"))


def _says(quotes: tuple[Quote, ...], words: tuple[str, ...]) -> bool:
    return any(word in quote.words for quote in quotes for word in words)


def _missing(span: Span, what: Words) -> Diagnostic:
    return Diagnostic(codes.REASON_MISSING, span, {"what": what})
