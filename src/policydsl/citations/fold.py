"""Which differences of writing do not count when words are looked up in a notice? Spaces, widths, brackets, scripts."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import Literal

_BRACKETS = {
    **dict.fromkeys(map(ord, "（〔﹝［[【〖﹙｟"), "("),
    **dict.fromkeys(map(ord, "）〕﹞］]】〗﹚｠"), ")"),
    ord("〈"): "《",
    ord("〉"): "》",
}
#: spaces, line ends and what takes no room on paper
_DROPPED = dict.fromkeys(
    (*map(ord, " \t\n\r\v\f\u00a0\u00ad\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"), *range(0x2000, 0x200E))
)
_FOLDED: dict[int, str | None] = {
    **{c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},
    **dict(zip(map(ord, "｡｢｣､∶︰￥"), "。「」、::¥", strict=True)),
    **_BRACKETS,
    **_DROPPED,
}

Script = Literal["hans", "hant"]


def fold(text: str) -> str:
    """`text` without spaces and line ends, with half-width signs and one form of each bracket and colon."""
    return text.translate(_FOLDED)


class Folded:
    """A text folded, and where each of its characters stands in the text as it was."""

    def __init__(self, original: str) -> None:
        self.original = original
        self.text = fold(original)

    @cached_property
    def _places(self) -> list[int]:
        return [i for i, c in enumerate(self.original) if ord(c) not in _DROPPED]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The characters `start` to `end` of the folded text, as places of the original; of none, the
        place between its neighbours."""
        places = self._places
        if start >= len(places):
            return len(self.original), len(self.original)
        return places[start], places[end - 1] + 1 if end > start else places[start]

    def folded_at(self, offset: int) -> int:
        """The first character of the folded text that stands at `offset` of the original or after it."""
        return bisect_left(self._places, offset)

    @cached_property
    def script(self) -> Script | None:
        return script(self.text)


# Simplified and traditional characters

_PAIRS = (
    "医醫疗療险險费費额額标標补補贴貼缴繳员員规規说說类類转轉办辦发發时時间間两兩为為农農县縣区區财財务務国國关關"
    "进進个個这這门門业業实實达達资資统統单單独獨条條级級数數总總据據从從应應学學对對贵貴难難处處专專东東车車长長"
    "电電话話书書报報质質见見场場线線组組织織经經验驗给給结結论論认認识識让讓访訪议議设設计計评評审審证證词詞试試"
    "许許该該岁歲儿兒药藥优優异異张張号號乡鄉镇鎮济濟预預请請续續满滿额額户戶众眾贫貧困困无無随隨仅僅则則构構"
)
_ONLY_HANS = frozenset(_PAIRS[0::2]) - frozenset(_PAIRS[1::2])
_ONLY_HANT = frozenset(_PAIRS[1::2]) - frozenset(_PAIRS[0::2])


def script(text: str) -> Script | None:
    """Whether `text` is written in simplified or traditional characters; None where its words are the same in both."""
    hans = sum(c in _ONLY_HANS for c in text)
    hant = sum(c in _ONLY_HANT for c in text)
    if hans == hant:
        return None
    return "hans" if hans > hant else "hant"


class NoConverter(Exception):
    """OpenCC, which tells traditional characters from simplified ones, is not installed."""


def simplified(text: str) -> str:
    """`text` in simplified characters, each of them by itself, so that every place stays. Raises NoConverter."""
    try:
        from opencc import OpenCC
    except ImportError:
        raise NoConverter from None
    kinds = sorted({c for c in text if c > "\u33ff"})
    made = OpenCC("t2s").convert("\n".join(kinds)).split("\n")
    if len(made) != len(kinds):
        return text
    return text.translate({ord(c): s for c, s in zip(kinds, made, strict=True) if len(s) == 1})
