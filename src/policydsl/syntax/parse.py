"""What does a text say? Tokens to records, one declaration at a time, so that each broken one gives
its own error and the rest of the file is read."""

from __future__ import annotations

from typing import Any

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Diagnostic
from policydsl.source import Source, Span
from policydsl.syntax import ast
from policydsl.syntax.builder import LISTS, Builder, builders
from policydsl.syntax.errors import unexpected
from policydsl.syntax.lexer import MAX_BANDS, Lexed, lex
from policydsl.syntax.tables import END, RULES, STATES
from policydsl.syntax.tokens import Token

#: tokens that only hold the shape together; a rule's method does not get them
_DROPPED = frozenset(
    "COLON COMMA SEMI LPAR RPAR BAR DOT POLICY CATEGORY PERIOD INPUT GIVEN PARAM SPLIT TIERS TABLE RULE REQUIRE "
    "ENSURE EXAMPLE WAIVE ACCEPT EXCEPT EXEMPT SEVERAL IF THEN ELSE AND OR NOT HAS WITHIN AFTER STANDS "
    "INSIDE AS RISES EXACTLY_WHEN OPEN UNDEFINED EQ GIVES REFUSED PER OF BY INSTEAD WHEN WHEN_END "
    "REMAINDER_TO OF_WHICH THE_PART NONE STARTING WAS ABOUT ABOUT_END".split()
)

_decoded: dict[int, dict[str, int]] = {}


def state(number: int) -> dict[str, int]:
    """The row of a state, decoded when it is first met: most files meet a third of them."""
    row = _decoded.get(number)
    if row is None:
        words = STATES[number].split()
        row = _decoded[number] = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    return row


def parse(source: Source) -> tuple[ast.File, tuple[Diagnostic, ...]]:
    """The declarations of `source` that can be read, and everything that is wrong with its syntax."""
    return parse_words(source, lex(source))


def parse_words(source: Source, lexed: Lexed) -> tuple[ast.File, tuple[Diagnostic, ...]]:
    """The same of a text whose words are known."""
    diagnostics = lexed.diagnostics
    tokens = [token for piece in lexed.pieces for token in piece]
    builder = Builder(source, tokens, diagnostics)
    methods = builders(builder, {rule[0] for rule in RULES if not rule[3] or rule[0] != rule[1]})
    declarations: list[ast.Declaration] = []
    broken: set[str] = set()
    spoilt = [d.span.start for d in diagnostics]
    for piece in lexed.pieces:
        before = len(diagnostics)
        # where the characters are wrong already, what follows from that is no news
        result = None if _spoilt(piece, spoilt) else _parse_piece(piece, source, methods)
        if isinstance(result, Diagnostic):
            diagnostics.append(result)
        if result is None or len(diagnostics) > before:
            broken.update(token.text for token in piece if token.type in ("NAME", "STRING"))
            continue
        rows = getattr(result, "rows", None)
        if isinstance(rows, ast.Rows) and len(rows.rows) > MAX_BANDS and isinstance(result, ast.Tiers):
            span = rows.rows[MAX_BANDS].span
            diagnostics.append(Diagnostic(codes.TOO_MANY_BANDS, span, {"limit": MAX_BANDS}))
            continue
        declarations.append(result)
    whole = Span(source, 0, len(source.text))
    return ast.File(tuple(declarations), frozenset(broken), span=whole), tuple(diagnostics)


def _spoilt(piece: list[Token], places: list[int]) -> bool:
    return any(piece[0].start <= place <= piece[-1].end for place in places)


def _parse_piece(tokens: list[Token], source: Source, methods: dict[str, Any]) -> Any:
    """Shift and reduce over one declaration; its record, or the diagnostic of the first wrong token."""
    states = [0]
    values: list[tuple[str, Any, int, int]] = []  # symbol, value, start, end
    end = Token("$END", "", tokens[-1].end, tokens[-1].end, False)
    for index, token in enumerate([*tokens, end]):
        while True:
            action = state(states[-1]).get(token.type)
            if action is None:
                if token.type == "$END" and states[-1] == END:
                    return values[-1][1]
                return unexpected(tokens, index, _expected(states), source)
            if action > 0:
                states.append(action - 1)
                values.append((token.type, token, token.start, token.end))
                break
            _reduce(-action - 1, states, values, token, source, methods)


def _reduce(
    rule: int, states: list[int], values: list[tuple[str, Any, int, int]], ahead: Token, source: Source,
    methods: dict[str, Any],
) -> None:  # fmt: skip
    name, symbol, length, transparent = RULES[rule]
    popped = values[len(values) - length :] if length else []
    if length:
        del values[-length:]
        del states[-length:]
        covering = [p for p in popped if p[3] > p[2]]
        start, end = (covering[0][2], covering[-1][3]) if covering else (ahead.start, ahead.start)
    else:
        start = end = ahead.start
    children = [value for kind, value, _, _ in popped if kind not in _DROPPED]
    if transparent and name == symbol and len(children) == 1:
        value = children[0]
    elif name in LISTS:
        gathered = bool(popped) and popped[0][0] == symbol
        value = [*children[0], *children[1:]] if gathered else children
    else:
        value = methods[name](children, Span(source, start, end))
    action = state(states[-1])[symbol]
    states.append(action - 1)
    values.append((symbol, value, start, end))


def _expected(states: list[int]) -> set[str]:
    """The terminals that can follow, found by trying each on the stack of states without its values."""
    found = set()
    for terminal in state(states[-1]):
        if not terminal.isupper() and terminal != "$END":
            continue
        trial = list(states)
        while True:
            action = state(trial[-1]).get(terminal)
            if action is None:
                if terminal == "$END" and trial[-1] == END:
                    found.add(terminal)
                break
            if action > 0:
                found.add(terminal)
                break
            _, symbol, length, _ = RULES[-action - 1]
            if length:
                del trial[-length:]
            trial.append(state(trial[-1])[symbol] - 1)
    return found
