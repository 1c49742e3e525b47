"""Which record does each rule of the grammar make? One method a rule, named as in policy.lark.

Shape only: names are not looked up and figures not compared here. A method takes the children
that carry meaning (punctuation is left out by the parser) and the span they cover.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Diagnostic, Fact
from policydsl.facts import Name
from policydsl.nodes import Node, evolve, node
from policydsl.source import Source, Span
from policydsl.syntax import ast
from policydsl.syntax.figures import read_date, read_figure
from policydsl.syntax.tokens import Token
from policydsl.syntax.words import choices, meaning, spellings

Children = list[Any]

_ROUND_MODES = {
    "ROUND_HALF_UP": "half_up", "ROUND_HALF_DOWN": "half_down", "ROUND_HALF_EVEN": "half_even", "ROUND_UP": "up",
    "ROUND_DOWN": "down", "ROUND_CEILING": "ceiling", "ROUND_FLOOR": "floor", "ROUND_BARE": None,
}  # fmt: skip
_COMPARE = {
    "LT": "<", "BELOW": "<", "LE": "<=", "UPTO": "<=", "GT": ">", "OVER": ">", "GE": ">=", "FROM": ">=",
}  # fmt: skip
#: keywords that may stand before a payer: 其中市级 reads as one name, and is not meant as one
_BEFORE_PAYERS = tuple(
    spelling
    for terminal in ("OF_WHICH", "REMAINDER_TO", "REST", "ALL")
    for spelling in spellings(terminal, "zh")
)
_ARITHMETIC = {"PLUS": "+", "MINUS": "-", "TIMES": "*", "DIV": "/"}


@node
class _Remainder(Node):
    holder: ast.Path | str


@node
class _Scope(Node):
    scope: str


class Builder:
    """Makes the records of one file. `heads` are the first tokens of declarations, grounds, arms and
    rows by offset: they carry the quotes and comments above them."""

    def __init__(self, source: Source, tokens: list[Token], diagnostics: list[Diagnostic]) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.above = {token.start: token for token in tokens if token.quotes or token.notes}

    def report(self, code: Any, span: Span, **facts: Fact) -> None:
        self.diagnostics.append(Diagnostic(code, span, facts))

    def quotes(self, span: Span) -> Any:
        token = self.above.get(span.start)
        return token.quotes if token else ()

    def head(self, span: Span) -> dict[str, Any]:
        """Quotes, comments and place of a declaration."""
        token = self.above.get(span.start)
        return {"quotes": token.quotes if token else (), "notes": token.notes if token else (), "span": span}

    def span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    # names

    def word(self, c: Children, span: Span) -> ast.Path:
        return ast.Path((c[0].text,), span=span)

    def path(self, c: Children, span: Span) -> ast.Path:
        return c[0]  # type: ignore[no-any-return]

    def path_more(self, c: Children, span: Span) -> ast.Path:
        # no name has so many parts; kept short, a flood of dots stays quick and is an unknown name
        return ast.Path((c[0].words + c[1].words)[:8], span=span)

    def alias(self, c: Children, span: Span) -> _Alias:
        if not c[0].text.isascii():
            self.report(codes.ALIAS_NOT_ASCII, self.span(c[0]), alias=c[0].text)
        return _Alias(c[0].text)

    def decl_name(self, c: Children, span: Span) -> Name:
        word, alias, label = c[0], None, None
        for child in c[1:]:
            if isinstance(child, _Alias):
                alias = child.text
            else:
                label = child.text
        return Name(word.words[0], alias, label, span=word.span)

    def by(self, c: Children, span: Span) -> _By:
        return _By(tuple(c[0]))

    # policy and what it knows

    def policy(self, c: Children, span: Span) -> ast.Policy:
        return ast.Policy(c[0], tuple(c[1]), **self.head(span))

    def field(self, c: Children, span: Span) -> ast.Field:
        key = meaning("fields", c[0].text)
        if key is None:
            self.report(codes.UNKNOWN_WORD, self.span(c[0]), word=c[0].text, choices=choices("fields"))
        days = tuple(read_date(t.text, self.span(t)) for t in c[1:] if t.type == "DATE")
        return ast.Field(key or c[0].text, days, span=span)

    def field_word(self, c: Children, span: Span) -> Any:
        return c[0]

    def field_names(self, c: Children, span: Span) -> ast.Field:
        word, paths, *title, reasons = c
        key = meaning("fields", word.text)
        if key is None:
            self.report(codes.UNKNOWN_WORD, self.span(word), word=word.text, choices=choices("fields"))
        names = tuple(".".join(path.words) for path in paths)
        return ast.Field(
            key or word.text, names, tuple(paths), title[0].text if title else None, _join(reasons), span=span
        )

    def since(self, c: Children, span: Span) -> ast.Days:
        days = [read_date(t.text, self.span(t)) for t in c if t.type == "DATE"]
        return ast.Days(days[0], days[1] if len(days) > 1 else None, span=span)

    def period(self, c: Children, span: Span) -> ast.Period:
        name, first, last, reasons = (child for child in c if not _is_word(child, "TO"))
        return ast.Period(name, first, last, _join(reasons), **self.head(span))

    def category(self, c: Children, span: Span) -> ast.Category:
        ordered = isinstance(c[0], Token)
        name, members, groups = c[1:] if ordered else c
        return ast.Category(name, tuple(members), tuple(groups), ordered, **self.head(span))

    def member(self, c: Children, span: Span) -> ast.Member:
        return ast.Member(self.decl_name(c, span), span=span)

    def member_coded(self, c: Children, span: Span) -> ast.Member:
        return ast.Member(self.decl_name(c[:-1], span), c[-1].text, span=span)

    def ours(self, c: Children, span: Span) -> ast.Member | ast.Group:
        return evolve(c[0], because=c[-1].text, span=span)  # type: ignore[no-any-return]

    def group(self, c: Children, span: Span) -> ast.Group:
        return ast.Group(c[0], tuple(c[1]), span=span)

    def type(self, c: Children, span: Span) -> ast.Type:
        token = c[0]
        if token.type == "UNIT":
            word, _, per = token.text.partition("/")
            return ast.Type(ast.Path((word,), span=span), unit="/" + per, span=span)
        return ast.Type(ast.Path((token.text,), span=span), span=span)

    def type_per(self, c: Children, span: Span) -> ast.Type:
        type_: ast.Type = c[0]
        dimension = meaning("dimensions", c[1].text)
        if dimension is None:
            self.report(codes.UNKNOWN_WORD, self.span(c[1]), word=c[1].text, choices=choices("dimensions"))
            return evolve(type_, span=span)
        return evolve(type_, per=(*type_.per, dimension), span=span)

    def input_type(self, c: Children, span: Span) -> ast.Type:
        if not isinstance(c[0], Token):
            return c[0]  # type: ignore[no-any-return]
        if c[0].type == "OPTIONAL":
            type_: ast.Type = c[1]
            return evolve(type_, optional=True, span=span)
        return ast.Type(c[1], set_of=True, span=span)

    def input(self, c: Children, span: Span) -> ast.Input:
        name, type_, mods = c
        made: dict[str, Any] = {"because": ()}
        for key, value in mods:
            if key == "because":
                made[key] = (*made[key], value)
            else:
                made[key] = value
        return ast.Input(name, type_, **made, **self.head(span))

    def input_mod(self, c: Children, span: Span) -> tuple[str, Any]:
        match c[0].type:
            case "IN":
                return "range", c[1]
            case "IN_WHOLE":
                return "whole", ast.Path((c[1].text,), span=self.span(c[1]))
            case "IF_NOT_GIVEN":
                return "default", c[1]
            case _:
                return "because", c[1].text

    def span_(self, c: Children, span: Span) -> ast.InputRange:
        values = [child for child in c if not isinstance(child, Token)]
        return ast.InputRange(values[0], values[1] if len(values) > 1 else None, span=span)

    def given(self, c: Children, span: Span) -> ast.Given:
        return ast.Given(c[0], because=_join(c[1]), **self.head(span))

    def given_when(self, c: Children, span: Span) -> ast.Given:
        return ast.Given(c[0], c[1], because=_join(c[2]), **self.head(span))

    def given_exactly(self, c: Children, span: Span) -> ast.Given:
        return ast.Given(c[0], c[1], exactly=True, because=_join(c[2]), **self.head(span))

    # figures

    def name_typed(self, c: Children, span: Span) -> _Typed:
        return _Typed(c[0], c[1])

    def param(self, c: Children, span: Span) -> ast.Param:
        name, type_ = _typed(c[0])
        days, (value, tails) = _days(c[1:])
        restated, rise, clauses = self.tail_parts(tails)
        version = ast.Version(None, value, restated, span=value.span)
        return ast.Param(
            name, type_, (version,), rise=rise, clauses=clauses, prior=_prior(tails), days=days,
            **self.head(span),
        )  # fmt: skip

    def param_dated(self, c: Children, span: Span) -> ast.Param:
        name, type_ = _typed(c[0])
        _, rise, clauses = self.tail_parts(c[2])
        return ast.Param(
            name, type_, tuple(c[1]), rise=rise, clauses=clauses, prior=_prior(c[2]), **self.head(span)
        )

    def param_open(self, c: Children, span: Span) -> ast.Param:
        name, type_ = _typed(c[0])
        range_ = next((child for child in c[1:] if isinstance(child, ast.InputRange)), None)
        _, rise, clauses = self.tail_parts(c[-1])
        return ast.Param(name, type_, (), True, range_, rise, clauses, **self.head(span))

    def version(self, c: Children, span: Span) -> ast.Version:
        days: ast.Days = c[0]
        return ast.Version(days.first, c[1], tuple(c[2]), days.last, span=span)

    def prior(self, c: Children, span: Span) -> ast.Prior:
        figure: ast.Figure = c[0]
        origin = c[1].text if len(c) > 1 else None
        return ast.Prior(evolve(figure, origin=origin), span=span)

    def rise(self, c: Children, span: Span) -> ast.Rise:
        return ast.Rise(c[1], c[0].type == "DOWN", span=span)

    def restate(self, c: Children, span: Span) -> ast.Restate:
        figures = [child for child in c if isinstance(child, ast.Figure)]
        return ast.Restate(figures[0], figures[1] if len(figures) > 1 else None, span=figures[0].span)

    def tail_parts(
        self, tails: Children
    ) -> tuple[tuple[ast.Restate, ...], ast.Rise | None, tuple[ast.Clause, ...]]:
        restated = tuple(t for t in tails if isinstance(t, ast.Restate))
        rise = next((t for t in tails if isinstance(t, ast.Rise)), None)
        return (
            restated,
            rise,
            self.clause_lines([t for t in tails if not isinstance(t, ast.Restate | ast.Rise | ast.Prior)]),
        )

    # splits

    def split(self, c: Children, span: Span) -> ast.Split:
        name, parent, total, days = c[0]
        keys = c[1].paths if isinstance(c[1], _By) else ()
        body, clauses = c[-2:]
        if isinstance(body[0], ast.Arm):
            arms = tuple(body)
        else:
            shares = tuple(share for group in body for share in group)
            arms = (ast.Arm((), shares, span=shares[0].span.to(shares[-1].span)),)
        return ast.Split(
            name, parent, total, keys, arms, self.clause_lines(clauses), days=days, **self.head(span)
        )

    def split_of(self, c: Children, span: Span) -> tuple[Name, None, Any, ast.Days | None]:
        days, rest = _days(c[1:])
        return c[0], None, rest[-1], days

    def split_part(self, c: Children, span: Span) -> tuple[Name, ast.Path, None, ast.Days | None]:
        days, _ = _days(c[2:])
        parent = ast.Path(c[0].words + c[1].words, span=c[0].span.to(c[1].span))
        return Name(c[1].words[0], span=c[1].span), parent, None, days

    def total(self, c: Children, span: Span) -> Any:
        return c[0]

    def total_paren(self, c: Children, span: Span) -> Any:
        return c[0]

    def arm(self, c: Children, span: Span) -> ast.Arm:
        members = () if isinstance(c[0], Token) else tuple(c[0])
        shares = tuple(share for group in c[1] for share in group)
        return ast.Arm(members, shares, self.quotes(span), span=span)

    def shares(self, c: Children, span: Span) -> tuple[ast.Share, ...]:
        return c[0] if isinstance(c[0], tuple) else (c[0],)

    def shares_more(self, c: Children, span: Span) -> tuple[ast.Share, ...]:
        return (c[0], *c[1])

    def shares_parts(self, c: Children, span: Span) -> tuple[ast.Share, ...]:
        return (evolve(c[0], parts=c[1], span=span),)

    def ratio(self, c: Children, span: Span) -> tuple[ast.Share, ...]:
        names, ratio = c[0], c[1]
        weights = tuple(Fraction(w) for w in ratio.text.replace("：", ":").replace("∶", ":").split(":"))
        figures: list[ast.Figure] = c[-1] if len(c) > 2 else []
        if len(weights) != len(names):
            self.report(
                codes.RATIO_LENGTH,
                self.span(ratio),
                payers=len(names),
                weights=len(weights),
                ratio=ratio.text,
            )
            weights = (*weights, *(Fraction(0) for _ in names))[: len(names)]
        if figures and len(figures) != len(names):
            self.report(codes.RATIO_LENGTH, figures[0].span.to(figures[-1].span), payers=len(names),
                        weights=len(figures), ratio=ratio.text)  # fmt: skip
            figures = []
        return tuple(
            ast.Share(
                name,
                ast.Portion("ratio", weight=weight, weights=weights, span=self.span(ratio)),
                (ast.Restate(figures[i], span=figures[i].span),) if figures else (),
                span=name.span,
            )
            for i, (name, weight) in enumerate(zip(names, weights, strict=True))
        )

    def share(self, c: Children, span: Span) -> ast.Share:
        word = c[0].span.text
        keyword = next((k for k in _BEFORE_PAYERS if word.startswith(k) and word != k), None)
        if keyword is not None:
            spaced = f"{keyword} {word[len(keyword) :]}"
            self.report(codes.GLUED_KEYWORD, c[0].span, word=word, keyword=keyword, spaced=spaced)
        return ast.Share(c[0], c[1], tuple(c[2]), span=span)

    def portion(self, c: Children, span: Span) -> ast.Portion:
        match c[0]:
            case ast.Figure():
                return ast.Portion("figure", c[0], span=span)
            case ast.Path():
                return ast.Portion("named", named=c[0], span=span)
            case token:
                return ast.Portion("rest" if token.type == "REST" else "all", span=span)

    def named_amount(self, c: Children, span: Span) -> ast.Path:
        return ast.Path((c[0].text, *(c[1].words if len(c) > 1 else ())), span=span)

    # bands and tables

    def tiers(self, c: Children, span: Span) -> ast.Tiers:
        days, (name, amount, *middle, rows, clauses) = _days(c)
        mode = next((ast.Path((t.text,), span=self.span(t)) for t in middle if isinstance(t, Token)), None)
        keys = next((by.paths for by in middle if isinstance(by, _By)), ())
        return ast.Tiers(
            name, amount, mode, keys, rows, self.clause_lines(clauses), days=days, **self.head(span)
        )

    def table(self, c: Children, span: Span) -> ast.Table:
        days, (name, *middle, rows, clauses) = _days(c)
        type_ = next((m for m in middle if isinstance(m, ast.Type)), None)
        hit = next((m for m in middle if isinstance(m, _Hit)), _Hit(None, None))
        keys = next(by.paths for by in middle if isinstance(by, _By))
        return ast.Table(
            name, type_, hit.word, hit.because, keys, rows, self.clause_lines(clauses), days=days,
            **self.head(span),
        )  # fmt: skip

    table_untyped = table

    def hit(self, c: Children, span: Span) -> _Hit:
        return _Hit(ast.Path((c[0].text,), span=self.span(c[0])), _join(c[1]))

    def rows(self, c: Children, span: Span) -> ast.Rows:
        if isinstance(c[0], ast.Rows):
            return evolve(c[0], rows=(*c[0].rows, c[1]), span=span)
        return ast.Rows(tuple(c[0]), (), span=span)

    def head_row(self, c: Children, span: Span) -> Any:
        return c[0]

    def head_cell(self, c: Children, span: Span) -> ast.Head:
        words = tuple(w if isinstance(w, ast.Path) else ast.Any(span=self.span(w)) for w in c[0])
        return ast.Head(words, c[1] if len(c) > 1 else None, span=span)

    def head_check(self, c: Children, span: Span) -> ast.Head:
        return evolve(self.head_cell(c, span), check=True)

    def head_word(self, c: Children, span: Span) -> Any:
        return c[0] if isinstance(c[0], ast.Path) else ast.Any(span=span)

    def head_unit(self, c: Children, span: Span) -> str:
        return c[0].text  # type: ignore[no-any-return]

    def row(self, c: Children, span: Span) -> ast.Row:
        return ast.Row(tuple(c[0]), self.quotes(span), span=span)

    def cell_list(self, c: Children, span: Span) -> ast.Members:
        return ast.Members((c[0], *c[1]), span=span)

    def cell_any(self, c: Children, span: Span) -> ast.Any:
        return ast.Any(span=span)

    def cell_none(self, c: Children, span: Span) -> ast.Nothing:
        return ast.Nothing(span=span)

    def cell_no_limit(self, c: Children, span: Span) -> ast.NoLimit:
        return ast.NoLimit(span=span)

    def cell_undefined(self, c: Children, span: Span) -> ast.Undefined:
        return ast.Undefined(c[-1].text, span=span)

    def bare_range(self, c: Children, span: Span) -> ast.Range:
        words = tuple(child.type for child in c if isinstance(child, Token))
        values = [child for child in c if not isinstance(child, Token)]
        low, low_closed, high, high_closed = _RANGES[words]
        low_value = values[0] if low else None
        high_value = values[-1] if high else None
        return ast.Range(low_value, low_closed, high_value, high_closed, span=span)

    def range_part(self, c: Children, span: Span) -> ast.Range:
        range_: ast.Range = c[0]
        return evolve(range_, the_part=True, span=span)

    # rules

    def rule(self, c: Children, span: Span) -> ast.Rule:
        days, (name, value, items) = _days(c)
        return self.rule_of(name, None, value, items, span, days, yes_no=False)

    def rule_typed(self, c: Children, span: Span) -> ast.Rule:
        days, (name, type_, value, items) = _days(c)
        return self.rule_of(name, type_, value, items, span, days, yes_no=False)

    def rule_when(self, c: Children, span: Span) -> ast.Rule:
        days, (name, value, items) = _days(c)
        return self.rule_of(name, None, value, items, span, days, yes_no=True)

    def rule_of(
        self,
        name: Name,
        type_: ast.Type | None,
        value: ast.Value,
        items: Children,
        span: Span,
        days: ast.Days | None,
        *,
        yes_no: bool,
    ) -> ast.Rule:
        restated: list[ast.Restate] = []
        grounds: list[ast.Ground] = []
        several: ast.Several | None = None
        lines: Children = []
        latest: Any = None
        for item in items:
            match item:
                case ast.Restate():
                    restated.append(item)
                case ast.Ground():
                    grounds.append(item)
                    latest = item
                case ast.Several():
                    several = latest = item
                case ast.Because() if isinstance(latest, ast.Ground):
                    grounds[-1] = latest = evolve(latest, because=_join([latest.because, item.text]))
                case ast.Because() if isinstance(latest, ast.Several):
                    several = latest = evolve(latest, because=_join([latest.because, item.text]))
                case _:
                    lines.append(item)
                    latest = None
        return ast.Rule(
            name, type_, value, yes_no, tuple(restated), tuple(grounds), several, self.clause_lines(lines),
            days=days, **self.head(span),
        )  # fmt: skip

    def ground(self, c: Children, span: Span) -> ast.Ground:
        outer, name = c[0]
        rest = [child for child in c[1:] if not isinstance(child, Token)]
        value = rest[1] if len(rest) > 1 else None
        return ast.Ground(name, outer, rest[0], value, quotes=self.quotes(span), span=span)

    def ground_name(self, c: Children, span: Span) -> tuple[str | None, Name]:
        return (c[0].words[0], c[1]) if len(c) > 1 else (None, c[0])

    def several(self, c: Children, span: Span) -> ast.Several:
        return ast.Several(ast.Path((c[-1].text,), span=self.span(c[-1])), span=span)

    # clauses

    def clause_round(self, c: Children, span: Span) -> ast.Round:
        mode: Any = _ROUND_MODES[c[0].type]
        return ast.Round(mode, c[1] if len(c) > 1 else None, span=span)

    def clause_limit(self, c: Children, span: Span) -> ast.Limit:
        which: Any = {"CAPPED_AT": "cap", "AT_LEAST": "floor", "CAP": "amount_cap"}[c[0].type]
        return ast.Limit(which, c[1], span=span)

    def clause_word(self, c: Children, span: Span) -> ast.Continuous | ast.AsPrinted | _Scope:
        if c[0].type == "CONTINUOUS":
            return ast.Continuous(span=span)
        if c[0].type == "AS_PRINTED":
            return ast.AsPrinted(span=span)
        return _Scope("slice" if c[0].type == "EACH_SLICE" else "product")

    def clause_remainder(self, c: Children, span: Span) -> _Remainder:
        return _Remainder("*" if isinstance(c[0], Token) else c[0])

    def clause_because(self, c: Children, span: Span) -> ast.Because:
        return ast.Because(c[-1].text, span=span)

    def clause_lines(self, items: Children) -> tuple[ast.Clause, ...]:
        """Fold `each slice`, `remainder to` and `because` into the line they stand behind."""
        result: list[ast.Clause] = []
        for item in items:
            last = result[-1] if result else None
            match item:
                case _Scope(scope) if isinstance(last, ast.Round):
                    result[-1] = evolve(last, scope=scope)
                case _Remainder(holder) if isinstance(last, ast.Round):
                    result[-1] = evolve(last, holder=holder)
                case _Scope() | _Remainder():
                    pass  # the grammar lets them stand alone; without a rounding they say nothing
                case ast.Because() if (
                    isinstance(last, ast.Round | ast.Limit | ast.Continuous | ast.AsPrinted)
                    and not last.because
                ):
                    result[-1] = evolve(last, because=item.text)
                case _:
                    result.append(item)
        return tuple(result)

    # properties and examples

    def require(self, c: Children, span: Span) -> ast.Promise:
        in_principle = _is_word(c[0], "IN_PRINCIPLE")
        promise = self.promise(c[1:] if in_principle else c, span, below=True)
        return evolve(promise, in_principle=in_principle)

    def ensure(self, c: Children, span: Span) -> ast.Promise:
        return self.promise(c, span, below=False)

    def promise(self, c: Children, span: Span, *, below: bool) -> ast.Promise:
        when = c[1].condition if isinstance(c[1], _When) else None
        about = isinstance(c[0], _About)
        property_ = c[0].equal if about else c[0]
        return ast.Promise(property_, below, when, _join(c[-1]), about=about, **self.head(span))

    def when(self, c: Children, span: Span) -> _When:
        return _When(c[0])

    def property(self, c: Children, span: Span) -> Any:
        return c[0]

    def property_equal(self, c: Children, span: Span) -> ast.Equal:
        return ast.Equal(c[0], c[1], span=span)

    def property_about(self, c: Children, span: Span) -> _About:
        left, right = (child for child in c if not isinstance(child, Token))
        return _About(ast.Equal(left, right, span=span))

    def property_change(self, c: Children, span: Span) -> ast.Change:
        change: Any = {"NOT_FALL": "fall", "NOT_RISE": "rise", "NOT_JUMP": "jump"}[c[2].type]
        return ast.Change(c[0], c[1], change, span=span)

    def property_step(self, c: Children, span: Span) -> ast.Change:
        along, low, high, output, change = [child for child in c if not _is_word(child, "FROM", "TO")]
        return ast.Change(
            along, output, "fall" if change.type == "NOT_FALL" else "rise", (low, high), span=span
        )

    def example(self, c: Children, span: Span) -> ast.Example:
        title, c = _title(c)
        return ast.Example(title, tuple(c[0]), tuple(c[1]), **self.head(span))

    def example_bare(self, c: Children, span: Span) -> ast.Example:
        title, c = _title(c)
        return ast.Example(title, (), tuple(c[0]), **self.head(span))

    def example_refused(self, c: Children, span: Span) -> ast.Example:
        title, c = _title(c)
        return ast.Example(title, tuple(c[0]), (), refused=True, **self.head(span))

    def example_table(self, c: Children, span: Span) -> ast.Example:
        title, c = _title(c)
        return ast.Example(title, (), (), rows=c[0], **self.head(span))

    def binding(self, c: Children, span: Span) -> ast.Binding:
        return ast.Binding(c[0], c[-1], span=span)

    def datum_negative(self, c: Children, span: Span) -> ast.Negative:
        return ast.Negative(c[1], span=span)

    def datum_list(self, c: Children, span: Span) -> ast.Members:
        return ast.Members(tuple(c[0]), span=span)

    def waive(self, c: Children, span: Span) -> ast.Waive:
        return ast.Waive(tuple(t.text for t in c[0]), c[-1].text, **self.head(span))

    def accept(self, c: Children, span: Span) -> ast.Accept:
        target = c[1] if isinstance(c[1], ast.Path) else None
        finding = ast.Path((c[0].text,), span=self.span(c[0]))
        return ast.Accept(finding, target, c[-1].text, **self.head(span))

    # values

    def if_then(self, c: Children, span: Span) -> ast.IfThen:
        return ast.IfThen(c[0], c[1], c[2], span=span)

    def undefined(self, c: Children, span: Span) -> ast.Undefined:
        return ast.Undefined(span=span)

    def arithmetic(self, c: Children, span: Span) -> ast.Arithmetic:
        op: Any = _ARITHMETIC[c[1].type]
        return ast.Arithmetic(op, c[0], c[2], span=span)

    def negative(self, c: Children, span: Span) -> ast.Negative:
        return ast.Negative(c[1], span=span)

    def figure(self, c: Children, span: Span) -> ast.Figure:
        return read_figure(c[0].text, span)

    def figure_origin(self, c: Children, span: Span) -> ast.Figure:
        figure: ast.Figure = c[0]
        return evolve(figure, origin=c[1].text, span=figure.span)

    def datum_date(self, c: Children, span: Span) -> ast.DateFigure:
        return read_date(c[0].text, span)

    def datum_yes(self, c: Children, span: Span) -> ast.YesNo:
        return ast.YesNo(True, span=span)

    def datum_no(self, c: Children, span: Span) -> ast.YesNo:
        return ast.YesNo(False, span=span)

    def parenthesis(self, c: Children, span: Span) -> Any:
        return c[0]

    def extreme(self, c: Children, span: Span) -> ast.Extreme:
        return ast.Extreme("greatest" if c[0].type == "GREATER_OF" else "least", tuple(c[1]), span=span)

    def finished(self, c: Children, span: Span) -> ast.Finished:
        return ast.Finished(c[0], self.clause_lines([c[1], *c[2]]), span=span)

    # conditions

    def either(self, c: Children, span: Span) -> ast.Logic:
        return _logic("or", c, span)

    def both(self, c: Children, span: Span) -> ast.Logic:
        return _logic("and", c, span)

    def negated(self, c: Children, span: Span) -> ast.Not:
        return ast.Not(c[0], span=span)

    def compare(self, c: Children, span: Span) -> ast.Compare:
        op: Any = _COMPARE[c[1].type]
        return ast.Compare(op, c[0], c[2], span=span)

    def compare_after(self, c: Children, span: Span) -> ast.Compare:
        return ast.Compare(">=" if c[2].type == "AND_OVER" else "<=", c[0], c[1], span=span)

    def is_test(self, c: Children, span: Span) -> ast.Is:
        reach: Any = None
        if len(c) > 3:
            reach = "over" if c[3].type == "AND_OVER" else "under"
        return ast.Is(c[0], c[2], c[1].type != "IS", reach, span=span)

    def in_test(self, c: Children, span: Span) -> ast.In | ast.Has:
        if c[1].type == "HAS_ANY":
            return ast.Has(c[0], tuple(c[2]), span=span)
        return ast.In(c[0], tuple(c[2]), c[1].type == "NOT_IN", span=span)

    def has_test(self, c: Children, span: Span) -> ast.Has:
        return ast.Has(c[0], (c[1],), span=span)

    def presence(self, c: Children, span: Span) -> ast.Presence:
        return ast.Presence(c[0], span=span)

    def within_after(self, c: Children, span: Span) -> ast.Within:
        return ast.Within(c[0], c[1], c[2], span=span)

    def within_period(self, c: Children, span: Span) -> ast.InPeriod:
        return ast.InPeriod(c[0], c[1], span=span)

    def stands_after(self, c: Children, span: Span) -> ast.Within:
        return ast.Within(c[0], c[2], c[1], span=span)

    def member_set(self, c: Children, span: Span) -> Any:
        return c[0] if isinstance(c[0], list) else [c[0]]


@node
class _Alias(Node):
    text: str


@node
class _Typed(Node):
    name: Name
    type: ast.Type


@node
class _By(Node):
    paths: tuple[ast.Path, ...]


@node
class _Hit(Node):
    word: ast.Path | None
    because: str | None


@node
class _About(Node):
    equal: ast.Equal


@node
class _When(Node):
    condition: ast.Value


def _is_word(child: Any, *terminals: str) -> bool:
    return isinstance(child, Token) and child.type in terminals


def _typed(named: Name | _Typed) -> tuple[Name, ast.Type | None]:
    return (named.name, named.type) if isinstance(named, _Typed) else (named, None)


def _days(c: Children) -> tuple[ast.Days | None, Children]:
    """The days among some children, and the others."""
    days = next((child for child in c if isinstance(child, ast.Days)), None)
    return days, [child for child in c if not isinstance(child, ast.Days)]


def _prior(tails: Children) -> ast.Prior | None:
    return next((t for t in tails if isinstance(t, ast.Prior)), None)


def _join(texts: list[Token | str | None]) -> str | None:
    """Several reasons as one."""
    said = [t.text if isinstance(t, Token) else t for t in texts if t and not _is_word(t, "BECAUSE")]
    return "; ".join(said) or None


def _title(c: Children) -> tuple[str, Children]:
    if c and isinstance(c[0], Token) and c[0].type == "STRING":
        return c[0].text, c[1:]
    return "", c


def _logic(op: Any, c: Children, span: Span) -> ast.Logic:
    left = c[0].operands if isinstance(c[0], ast.Logic) and c[0].op == op else (c[0],)
    return ast.Logic(op, (*left, c[1]), span=span)


#: the words of a range, in order → low there, low included, high there, high included
_RANGES: dict[tuple[str, ...], tuple[bool, bool, bool, bool]] = {
    ("OVER",): (True, False, False, False),
    ("OVER", "UPTO"): (True, False, True, True),
    ("OVER", "TO"): (True, False, True, True),
    ("OVER", "BELOW"): (True, False, True, False),
    ("FROM",): (True, True, False, False),
    ("FROM", "BELOW"): (True, True, True, False),
    ("FROM", "UPTO"): (True, True, True, True),
    ("FROM", "TO"): (True, True, True, True),
    ("BELOW",): (False, False, True, False),
    ("UPTO",): (False, False, True, True),
    ("HYPHEN",): (True, True, True, True),
    ("TO",): (True, True, True, True),
    ("AND_OVER",): (True, True, False, False),
    ("AND_UNDER",): (False, False, True, True),
    ("AND_OVER", "AND_UNDER"): (True, True, True, True),
    ("AND_OVER", "BELOW"): (True, True, True, False),
}

#: rules that only gather their children into a list, the list so far standing first
LISTS = frozenset(
    "paths fields members groups input_mods reasons versions tails dated_tails restates clauses "
    "rule_items arms names shares_list figures head_cells head_words cells strings bindings arguments".split()
)


def builders(builder: Builder, names: set[str]) -> dict[str, Callable[[Children, Span], Any]]:
    """The method of each rule; a rule without one is an error of ours, met at once."""
    renamed = {"span": "span_", "head": "head_row", "_by": "by"}
    found: dict[str, Callable[[Children, Span], Any]] = {}
    for name in names - LISTS - {"start"}:
        found[name] = getattr(builder, renamed.get(name, name))
    return found
