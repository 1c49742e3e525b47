"""What does a notice consist of? Numbered clauses, and the words and figures in them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from policydsl.citations.fold import Folded, fold, simplified
from policydsl.nodes import Node, node
from policydsl.printed import Printed, figures, han_number, widths
from policydsl.source import Source

#: One step of a clause's number: how it is written (一、 is "plain", （五） "paren") and which one it is.
Step: TypeAlias = "tuple[str, int]"

#: The most places at which one phrase is looked for; who quotes words that stand there so often has to quote more.
MOST_PLACES = 100

_N = "一二三四五六七八九十百〇零"
_HEADING = (
    rf"^[ \t\u3000*]*(?:(?P<annex>附件|附表)[0-9{_N}]{{0,3}}[:：]?[ \t\r\u3000]*$"
    rf"|第(?P<n>[{_N}0-9]{{1,6}})(?P<kind>[章节節条條])"
    rf"|(?P<plain>[{_N}]{{1,4}})[、.．]"
    rf"|[（(](?P<paren>[{_N}]{{1,4}})[）)]"
    r"|(?P<digit>[0-9]{1,3})[、.．](?![0-9])"
    r"|[（(](?P<pdigit>[0-9]{1,3})[）)])"
)
_KINDS = {"章": "chapter", "节": "section", "節": "section", "条": "article", "條": "article"}
#: from the outermost heading to the innermost
_LEVELS = ("annex", "chapter", "section", "article", "plain", "paren", "digit", "pdigit")
_STEPS = (
    rf"(?P<annex>附件|附表)|第?(?P<n>[{_N}0-9]{{1,6}})(?P<kind>[章节節条條])|第?[{_N}0-9]{{1,6}}[款项項段]"
    rf"|[（(](?P<paren>[{_N}]{{1,4}})[）)]|[（(](?P<pdigit>[0-9]{{1,3}})[）)]|(?P<plain>[{_N}]{{1,4}})|(?P<digit>[0-9]{{1,3}})"
)


@node
class Passage(Node):
    """Folded characters `start` to `end` of a notice. `other_script`: it is the same only when traditional
    characters and simplified ones are taken for each other."""

    start: int
    end: int
    other_script: bool = False


class Notice:
    """The text of a notice, ready to be looked up in. Places are counted in the folded text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folded = Folded(source.text)

    @cached_property
    def digest(self) -> str:
        """What tells two texts apart, however they are spaced."""
        import hashlib

        return f"sha256:{hashlib.sha256(self.folded.text.encode()).hexdigest()}"

    @cached_property
    def simplified(self) -> str:
        """The folded text in simplified characters. Raises `NoConverter`."""
        return simplified(self.folded.text)

    @cached_property
    def figures(self) -> tuple[Printed, ...]:
        """Every printed figure, at its place in the original text."""
        return tuple(figures(self.source.text))

    @cached_property
    def _figure_starts(self) -> list[int]:
        return [figure.start for figure in self.figures]

    def figures_between(self, low: int, high: int) -> Iterator[int]:
        """The numbers of the figures that stand between two places of the original text."""
        for n in range(bisect_left(self._figure_starts, low), bisect_left(self._figure_starts, high)):
            if self.figures[n].end <= high:
                yield n

    # clauses

    @cached_property
    def _headings(self) -> list[tuple[int, tuple[Step, ...]]]:
        """Where each clause begins in the folded text, and its number from the outermost step on."""
        found: list[tuple[int, tuple[Step, ...]]] = [(0, ())]
        path: dict[str, int] = {}
        for match in re.finditer(_HEADING, self.source.text, re.MULTILINE):
            step = _step(match)
            if step is None:
                continue
            level = _LEVELS.index(step[0])
            path = {k: n for k, n in path.items() if _LEVELS.index(k) < level} | {step[0]: step[1]}
            found.append((self.folded.folded_at(match.start()), tuple(path.items())))
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._headings]

    def clause_at(self, place: int) -> tuple[Step, ...]:
        """The number of the clause that `place` stands in; () before the first."""
        return self._headings[bisect_right(self._starts, place) - 1][1]

    def clause_end(self, place: int) -> int:
        """Where the clause that `place` stands in ends."""
        after = bisect_right(self._starts, place)
        return self._starts[after] if after < len(self._starts) else len(self.folded.text)

    # words

    def find(self, words: str) -> list[Passage]:
        """Where these words stand, in the order of the text. Traditional and simplified characters are taken
        for each other only when they stand nowhere as they are; that raises `NoConverter` without OpenCC."""
        wanted = fold(words)
        if not wanted:
            return []
        found = [Passage(at, at + len(wanted)) for at in _places(self.folded.text, wanted)]
        if found or not self.mixes_scripts(wanted):
            return found
        return [Passage(at, at + len(wanted), True) for at in _places(self.simplified, simplified(wanted))]

    def mixes_scripts(self, wanted: str) -> bool:
        """Whether `wanted` could be these words of the notice in the other script."""
        mine = self.folded.script
        theirs = Folded(wanted).script
        return "hant" in (mine, theirs) and not (mine is None and theirs is None)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the folded text as places of the original."""
        return self.folded.original_span(start, end)


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(wanted, at + 1)


def _step(match: re.Match[str]) -> Step | None:
    for name, written in match.groupdict().items():
        if written is None or name == "kind":
            continue
        if name == "annex":
            return "annex", 0
        number = int(written) if written.isascii() else han_number(written)
        if number is None:
            return None
        return (_KINDS[match["kind"]] if name == "n" else name), int(number)
    return None


def steps(clause: str) -> tuple[Step, ...]:
    """The number of a clause as a quote gives it: 二（五）, 第三条, 附表. Paragraphs (第二款, 末段) are not counted."""
    return tuple(step for match in re.finditer(_STEPS, widths(clause)) if (step := _step(match)) is not None)


def fits(number: tuple[Step, ...], path: tuple[Step, ...]) -> bool:
    """Whether a clause of that full number is the one, or lies in the one, that is meant by `number`."""
    n = len(number)
    return any(path[i : i + n] == number for i in range(len(path) - n + 1))


_WRITTEN = {"plain": "{}", "paren": "（{}）", "digit": "{}", "pdigit": "（{}）", "article": "第{}条"}


def say_clause(path: tuple[Step, ...]) -> str:
    """A clause's number as a quote gives it: 二（五）; "" before the first clause."""
    out = ""
    for kind, n in path:
        written = str(n) if kind in ("digit", "pdigit") else _han(n)
        if kind == "annex":
            continue
        template = {"chapter": "第{}章", "section": "第{}节", **_WRITTEN}[kind]
        out += template.format(written)
    return out


def _han(n: int) -> str:
    digits = "零一二三四五六七八九"
    if n < 10:
        return digits[n]
    tens, ones = divmod(n, 10)
    if tens >= 10:
        hundreds, tens = divmod(tens, 10)
        return (
            digits[hundreds]
            + "百"
            + (digits[tens] + "十" if tens else "零" if ones else "")
            + (digits[ones] if ones else "")
        )
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
