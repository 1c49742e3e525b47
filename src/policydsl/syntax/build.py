"""How do grammar/policy.lark and grammar/keywords.toml become `tables.py`? By Lark, when one of them changes.

Run `python -m policydsl.syntax.build`. Shipping the LALR tables keeps Lark's import and the
building of tables, 70 ms together, out of every start; a test fails when the file is stale.
"""

from __future__ import annotations

import io
import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lark import Lark, Token, logger
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

HERE = Path(__file__).resolve().parent
TABLES = HERE / "tables.py"


def grammar_folder() -> Path:
    """`grammar/` inside an installed package, or at the top of a checkout."""
    installed = HERE.parent / "grammar"
    return installed if installed.is_dir() else HERE.parents[2] / "grammar"


class _NoLexer(Lexer):
    """The tokens come from `lexer.py`; Lark only builds the tables."""

    def __init__(self, conf: object) -> None:
        del conf

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
        raise NotImplementedError


def conflicts(grammar: str) -> str:
    """What Lark logs of shift/reduce conflicts, which it resolves silently; "" when there are none."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        _build(grammar, debug=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return log.getvalue()


def _build(grammar: str, debug: bool = False) -> Any:
    return Lark(grammar, parser="lalr", lexer=_NoLexer, debug=debug, maybe_placeholders=False)


def render(grammar: str, keywords: str) -> str:
    """The text of `tables.py` for a grammar and a table of keywords."""
    lark = _build(grammar)
    table = lark.parser.parser._parse_table
    # Lark numbers states as its sets come; numbered as they are met from the start, they are the same every time
    order = [table.start_states["start"]]
    numbers = {order[0]: 0}
    rules = sorted({target for row in table.states.values() for action, target in row.values() if action is not Shift},
                   key=lambda rule: (rule.origin.name, [s.name for s in rule.expansion]))  # fmt: skip
    rule_numbers = {rule: i for i, rule in enumerate(rules)}
    rows = []
    for state in order:
        row = []
        for symbol, (action, target) in sorted(table.states[state].items()):
            if action is Shift:
                if target not in numbers:
                    numbers[target] = len(order)
                    order.append(target)
                row.append(f"{symbol} {numbers[target] + 1}")
            else:
                row.append(f"{symbol} {-1 - rule_numbers[target]}")
        rows.append(" ".join(row))
    shapes = [
        (
            rule.alias or str(rule.origin.name),
            str(rule.origin.name),
            len(rule.expansion),
            rule.options.expand1,
        )
        for rule in rules
    ]
    lines = [
        '"""The LALR tables and the words of the language. Made by `python -m policydsl.syntax.build`; edit',
        'grammar/policy.lark or grammar/keywords.toml instead."""',
        "",
        "# ruff: noqa",
        f"END = {numbers[table.end_states['start']]}",
        "#: (builder, symbol, length, whether a single child stands for it)",
        "RULES: tuple[tuple[str, str, int, bool], ...] = (",
        *(f"    {shape!r}," for shape in shapes),
        ")",
        "#: for each state, the start first: symbol and next state + 1, or −1 − rule to reduce, parted by spaces",
        "STATES: tuple[str, ...] = (",
        *(f"    {row!r}," for row in rows),
        ")",
        "#: section → terminal or meaning → language → spellings",
        "WORDS: dict[str, dict[str, dict[str, list[str]]]] = {",
    ]
    for section, words in tomllib.loads(keywords).items():
        lines.append(f"    {section!r}: {{")
        lines += [f"        {key!r}: {spellings!r}," for key, spellings in words.items()]
        lines.append("    },")
    lines.append("}")
    return "\n".join(lines) + "\n"


def main() -> None:
    folder = grammar_folder()
    grammar = (folder / "policy.lark").read_text("utf-8")
    trouble = conflicts(grammar)
    if trouble:
        raise SystemExit(trouble)
    text = render(grammar, (folder / "keywords.toml").read_text("utf-8"))
    temporary = TABLES.with_suffix(".tmp")
    temporary.write_text(text, "utf-8")
    temporary.replace(TABLES)


if __name__ == "__main__":
    main()
