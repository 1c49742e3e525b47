"""What can be written at all? Declarations made from the grammar itself, each alternative at least once.

They mean nothing, and a new rule of the grammar is in them without anybody writing an example. A
sentence that the builder refuses (a ratio with a weight too few) is made again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from random import Random
from typing import Any

from policydsl.source import Source
from policydsl.syntax import build
from policydsl.syntax.parse import parse
from policydsl.syntax.tables import WORDS
from policydsl.syntax.words import DECLARATIONS, GROUNDS

_LARK = build._build((build.grammar_folder() / "policy.lark").read_text("utf-8"))
RULES: tuple[Any, ...] = tuple(sorted(_LARK.rules, key=repr))
_OF: dict[str, list[Any]] = {}
for _rule in RULES:
    _OF.setdefault(_rule.origin.name, []).append(_rule)

_KEYWORDS = {t: WORDS[s][t] for s in ("declarations", "grounds", "connectives") for t in WORDS[s]}
_MARKS = {
    "COLON": ":：", "COMMA": ",，、", "SEMI": ";；", "LPAR": "(（", "RPAR": ")）", "BAR": "|", "EQ": "=＝", "PLUS": "+",
    "MINUS": "-", "TIMES": "×*", "DIV": "÷", "LT": "<", "LE": "≤", "GT": ">", "GE": "≥", "NE": "≠", "DOT": ".",
    "HYPHEN": "-",
}  # fmt: skip
_NAMES = (
    "x",
    "y",
    "cost",
    "县类",
    "人员身份",
    "“20种大病”",
    '"a “b”"',
    "more",
    "limit",
    "whole",
    "set",
    "标准",
    "rule",
)
_FIGURES = (
    "5元",
    "60%",
    "3个月",
    "18周岁",
    "1/3",
    "580元/人·年",
    "10",
    "2个百分点",
    "3 months",
    "1.5万元",
    "100 CNY",
)
_DAYS = ("2021-01-01", "2021年8月10日")
_STRINGS = ("“因为”", '"why"', "「一」", '"a\'b"', "“8∶2”", '"“内”"')
#: what a rule wants for a word that is read by its position
_POSITIONS = {
    "field": ("effective", "成文", "issued"), "field_word": ("document", "原文", "發文機關", "place"),
    "type": ("money", "比例", "天數"), "tiers": ("marginal", "全额累进"), "hit": ("first", "就高"),
    "several": ("greatest", "累加"), "accept": ("gap", "陡坎"), "alias": ("an_alias",), "head_unit": ("元",),
    "input_mod": ("元",),
}  # fmt: skip


def _least() -> dict[str, int]:
    """How many words the shortest text of each symbol has."""
    least: dict[str, int] = {}
    changed = True
    while changed:
        changed = False
        for rule in RULES:
            size = 0
            for symbol in rule.expansion:
                size += 1 if symbol.is_term else least.get(symbol.name, 10_000)
            if size < least.get(rule.origin.name, 10_000):
                least[rule.origin.name] = size
                changed = True
    return least


_LEAST = _least()


def _cost(rule: Any) -> int:
    return sum(1 if s.is_term else _LEAST[s.name] for s in rule.expansion)


def _ways() -> dict[str, tuple[tuple[Any, int], ...]]:
    """For each symbol the rules that lead to it from the start, and at which place of each to go on."""
    ways: dict[str, tuple[tuple[Any, int], ...]] = {"start": ()}
    queue = deque(["start"])
    while queue:
        name = queue.popleft()
        for rule in sorted(_OF[name], key=_cost):
            for place, symbol in enumerate(rule.expansion):
                if not symbol.is_term and symbol.name not in ways:
                    ways[symbol.name] = (*ways[name], (rule, place))
                    queue.append(symbol.name)
    return ways


_WAYS = _ways()


class _Writer:
    def __init__(self, random: Random, script: str) -> None:
        self.random = random
        self.script = script

    def expand(
        self, rule: Any, depth: int, way: tuple[tuple[Any, int], ...] = (), last: Any = None
    ) -> list[str]:
        """The words of a rule; with `way` its place there leads on, in the end to the rule `last`."""
        words: list[str] = []
        if rule.origin.name in ("head", "row"):
            words.append("\n")
        for place, symbol in enumerate(rule.expansion):
            if symbol.is_term:
                words.append(self.word(symbol.name, rule, words))
            elif way and place == way[0][1]:
                words += self.expand(way[1][0] if way[1:] else last, depth, way[1:], last)
            else:
                words += self.symbol(symbol.name, depth - 1)
        return words

    def symbol(self, name: str, depth: int) -> list[str]:
        rules = _OF[name]
        rule = self.random.choice(rules) if depth > 0 else min(rules, key=_cost)
        return self.expand(rule, depth)

    def word(self, terminal: str, rule: Any, before: list[str]) -> str:
        choose = self.random.choice
        if terminal in _KEYWORDS:
            languages = _KEYWORDS[terminal]
            word = choose(languages.get(self.script) or languages["zh"])
            return f"\n{word}" if word.split()[0] in DECLARATIONS or word in GROUNDS else word
        if terminal in _MARKS:
            return f"\0{_MARKS[terminal]}\0" if terminal == "HYPHEN" else choose(_MARKS[terminal])
        if terminal == "NAME" and rule.alias == "type_per":
            return choose(("person", "人", "年", "months"))
        if (
            terminal == "NAME"
            and rule.origin.name in _POSITIONS
            and (rule.origin.name != "field" or not before)
        ):
            return choose(_POSITIONS[rule.origin.name])
        match terminal:
            case "NAME":
                return choose([n for n in _NAMES if n[0] not in '“"'])
            case "STRING":
                return choose(_STRINGS if rule.origin.name != "word" else [n for n in _NAMES if n[0] in '“"'])
            case "NUMBER":
                return choose(_FIGURES)
            case "DATE":
                return choose(_DAYS)
            case "RATIO":
                return choose(("8:2", "6∶4", "1：2：3", "2:1.5"))
            case "UNIT":
                return choose(("元/人·年", "%") if rule.origin.name != "type" else ("金额/人·年", "money/人"))
            case "DOTDOT":
                return ".."
            case other:
                raise AssertionError(other)


def sentence(rule: Any, seed: int) -> str | None:
    """A declaration that uses `rule` somewhere; None when none was found that can be read."""
    for attempt in range(60):
        random = Random(f"{seed} {attempt} {rule!r}")
        writer = _Writer(random, random.choice(("en", "zh", "hant")))
        way = _WAYS[rule.origin.name]
        words = writer.expand(way[0][0] if way else rule, random.randrange(1, 6), way, rule)
        text = " ".join(words).replace(" \0", "").replace("\0 ", "").strip() + "\n"
        if len(text) < 3000 and not parse(Source("t", text))[1]:
            return text
    return None


def sentences(seed: int) -> Iterator[tuple[Any, str | None]]:
    """For each alternative of the grammar a declaration that uses it."""
    for rule in RULES:
        yield rule, sentence(rule, seed)
