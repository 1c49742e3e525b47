"""How do tables, bands and shares stand on the page? As the notice's tables, cells that go on merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from policydsl.amounts import say_decimal, say_rate
from policydsl.document.sheet import Cell, Grid
from policydsl.document.voice import Voice
from policydsl.expressions import Constant, Expr, Interval, Test
from policydsl.facts import Name
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf, is_money
from policydsl.model import Key, Portion, Share, Split, Table, Tiers


def head(words: str, *, rows: int = 1, columns: int = 1, unit: str = "") -> Cell:
    return Cell(words, rows, columns, "column", unit=unit)


def headed(words: str, kind: Kind | None, voice: Voice, *, rows: int = 1, columns: int = 1) -> Cell:
    """The head of a column whose cells leave out their unit: 大病保险起付标准（元）."""
    return head(words, rows=rows, columns=columns, unit="" if kind is None else voice.unit(kind))


def plain_grid(
    caption: str, heads: Sequence[str | Cell], rows: Sequence[Sequence[Cell]], *, titled: bool = False
) -> Grid:
    """A grid with one row of heads."""
    cells = tuple(h if isinstance(h, Cell) else head(h) for h in heads)
    return Grid(caption, (cells,), tuple(map(tuple, rows)), titled)


def key_name(key: Key, voice: Voice) -> str:
    """What a key is called: the fact, or the category that says what it is in fewer words."""
    return voice.expr(key.value)


def merged(rows: Sequence[Sequence[str]], heads: int) -> list[list[Cell | None]]:
    """The first `heads` cells of each row as row heads; a cell that goes on in the next row is merged
    with it, as long as the cells before it are. None stands for a place that a merged cell takes."""
    grid: list[list[Cell | None]] = [[Cell(w, head="row") for w in row[:heads]] for row in rows]
    for column in range(heads):
        start = 0
        for i in range(1, len(rows) + 1):
            same = i < len(rows) and rows[i][: column + 1] == rows[start][: column + 1]
            if not same:
                grid[start][column] = Cell(rows[start][column], rows=i - start, head="row")
                for j in range(start + 1, i):
                    grid[j][column] = None
                start = i
    return grid


def _whole(row: Sequence[Cell | None]) -> tuple[Cell, ...]:
    return tuple(cell for cell in row if cell is not None)


def is_figure(kind: Kind) -> bool:
    return isinstance(kind, Quantity)


# tables


def table_grid(table: Table, voice: Voice) -> Grid:
    """Keys and results; a unit stands in the head when every cell of the column is a figure."""
    keys = [key_name(k, voice) for k in table.keys]
    heads = [headed(n, k.value.kind, voice) for n, k in zip(keys, table.keys, strict=True)]
    results: list[list[Cell]] = [[] for _ in table.rows]
    for i, (name, kind) in enumerate(zip(table.results, table.kinds, strict=True)):
        bare = all(_is_plain(row.results[i]) for row in table.rows)
        words = voice.name(name)
        heads.append(headed(words, kind if bare else None, voice))
        for cells, row in zip(results, table.rows, strict=True):
            expr = row.results[i]
            cells.append(Cell(voice.cell(expr, kind) if bare else voice.expr(expr), figure=is_figure(kind)))
    tests = []
    for row in table.rows:
        tests.append([_test(test, key, voice) for test, key in zip(row.tests, table.keys, strict=True)])
    rows = tuple(
        _whole([*left, *right]) for left, right in zip(merged(tests, len(keys)), results, strict=True)
    )
    return Grid(voice.name(table.name), (tuple(heads),), rows)


def _test(test: Test, key: Key, voice: Voice) -> str:
    if isinstance(test, Interval):
        return voice.band(test)
    return voice.test(test, key.category, "names")


def _is_plain(expr: Expr) -> bool:
    return isinstance(expr, Constant) and expr.origin is None


# bands


def column_names(tiers: Tiers, voice: Voice) -> tuple[str, ...]:
    """What each column is called: 农村贫困人口·20种大病."""
    return tuple(
        voice.pick("·", " / ").join(
            _member_words(t, k, voice) for t, k in zip(c.tests, tiers.keys, strict=True)
        )
        for c in tiers.columns
    )


def _member_words(test: frozenset[str] | None, key: Key, voice: Voice) -> str:
    return voice.test(test, key.category, "names")


def band_grid(tiers: Tiers, voice: Voice) -> Grid:
    """Bands and columns; the heads of several keys stand above one another, equal neighbours merged."""
    amount = voice.expr(tiers.amount)
    kind: Kind | None = None
    cells = [cell for band in tiers.bands for cell in band.cells]
    if all(_is_plain(c) for c in cells) and len({c.kind for c in cells}) == 1:
        kind = cells[0].kind
    what = voice.pick("支付比例", "rate") if tiers.cells_are_rates else voice.pick("数额", "amount")
    if tiers.cells_are_rates and not is_money(tiers.kind):
        what = voice.pick("比例", "rate")
    extra = []
    if any(b.base is not None for b in tiers.bands):
        extra.append((voice.pick("累计", "base"), [b.base for b in tiers.bands]))
    if any(b.quick_deduction is not None for b in tiers.bands):
        extra.append((voice.pick("速算扣除数", "quick deduction"), [b.quick_deduction for b in tiers.bands]))
    levels = len(tiers.keys)
    depth = 1 + levels
    heads: list[tuple[Cell, ...]] = []
    first = [
        headed(amount, tiers.amount.kind, voice, rows=depth),
        headed(what, kind, voice, columns=len(tiers.columns)),
    ]
    first += [head(name, rows=depth) for name, _ in extra]
    heads.append(tuple(first))
    names = [
        [_member_words(t, k, voice) for t, k in zip(c.tests, tiers.keys, strict=True)] for c in tiers.columns
    ]
    for level in range(levels):
        row: list[Cell] = []
        start = 0
        for i in range(1, len(names) + 1):
            if i == len(names) or names[i][: level + 1] != names[start][: level + 1]:
                row.append(head(names[start][level], columns=i - start))
                start = i
        heads.append(tuple(row))
    rows = []
    for i, band in enumerate(tiers.bands):
        line = [Cell(voice.band(band.interval), head="row")]
        line += [
            Cell(voice.cell(c, c.kind) if kind is not None else voice.expr(c), figure=is_figure(c.kind))
            for c in band.cells
        ]
        for _, values in extra:
            value = values[i]
            line.append(Cell("" if value is None else voice.said(value.value, value.kind), figure=True))
        rows.append(tuple(line))
    return Grid(voice.name(tiers.name), tuple(heads), tuple(rows))


# shares


def share_grid(
    split: Split, voice: Voice, caption: str, kind: Kind, worked: Sequence[Mapping[str, str]], total: str
) -> Grid:
    """Who bears what, an arm after the other. `worked` are the amounts of each arm by payer at the
    stated `total`, as far as they are known."""
    keys = [key_name(k, voice) for k in split.keys]
    restated = any(s.restated for arm in split.arms for s in all_shares(arm.shares))
    amounts = any(worked)
    heads = [head(w) for w in (*keys, voice.pick("承担方", "payer"), voice.pick("份额", "share"))]
    if restated:
        heads.append(headed(voice.pick("原文数额", "amount as printed"), kind, voice))
    if amounts:
        heads.append(headed(voice.pick(f"按{total}计算", f"of {total}"), kind, voice))
    tests: list[list[str]] = []
    right: list[list[Cell]] = []
    for arm, known in zip(split.arms, worked, strict=True):
        left = [_member_words(t, k, voice) for t, k in zip(arm.tests, split.keys, strict=True)]
        for depth, share in _levels(arm.shares, 0):
            tests.append(left)
            payer = voice.name(share.payer)
            within = voice.pick("其中：", "of which: ") * min(depth, 1)
            cells = [Cell(f"{within}{payer}"), Cell(portion(share.portion, voice))]
            if restated:
                cells.append(
                    Cell(
                        "; ".join(voice.bare(r.value.value, r.value.kind) for r in share.restated),
                        figure=True,
                    )
                )
            if amounts:
                cells.append(Cell(known.get(share.payer.key, ""), figure=True))
            right.append(cells)
    rows = tuple(_whole([*left, *cells]) for left, cells in zip(merged(tests, len(keys)), right, strict=True))
    return plain_grid(caption, heads, rows)


def all_shares(shares: Sequence[Share]) -> list[Share]:
    return [s for _, s in _levels(shares, 0)]


def _levels(shares: Sequence[Share], depth: int) -> list[tuple[int, Share]]:
    found: list[tuple[int, Share]] = []
    for share in shares:
        found.append((depth, share))
        found += _levels(share.parts, depth + 1)
    return found


def portion(portion: Portion, voice: Voice) -> str:
    """A share as written: 60%, 8∶2中的8（80%）, 定额26元, 其余, 全额."""
    match portion.how:
        case "percent":
            assert portion.rate is not None
            return say_rate(portion.rate)
        case "ratio":
            assert portion.weight is not None
            whole = sum(portion.weights)
            ratio = "∶".join(say_decimal(w) for w in portion.weights)
            rate = say_rate(portion.weight / whole)
            return voice.pick(
                f"{rate}（{ratio}中的{say_decimal(portion.weight)}）",
                f"{rate} ({say_decimal(portion.weight)} of {ratio})",
            )
        case "fixed":
            assert portion.amount is not None
            fixed = portion.amount
            if isinstance(fixed, Constant) and isinstance(fixed.value, Fraction) and fixed.origin is None:
                return voice.pick("定额", "fixed ") + voice.step(fixed.value, fixed.kind)
            return voice.pick("定额", "fixed ") + voice.expr(fixed)
        case "rest":
            return voice.pick("其余", "the rest")
        case "all":
            return voice.pick("全额", "all")


def member_grid(
    caption: str, members: Sequence[tuple[Name, str | None]], voice: Voice, *, codes: bool
) -> Grid:
    """The members of a category with their names in programs and the codes of other systems."""
    heads = [voice.pick("名称", "member"), voice.pick("程序名称", "name in programs")]
    if voice.language == "en":
        heads.append("in the notice's words")
    if codes:
        heads.append(voice.pick("代码", "code"))
    rows = []
    for name, code in members:
        row = [Cell(voice.name(name), head="row"), Cell(name.key)]
        if voice.language == "en":
            row.append(Cell(name.shown))
        if codes:
            row.append(Cell(code or ""))
        rows.append(row)
    return plain_grid(caption, heads, rows)


def category_of(kind: Kind) -> str | None:
    return kind.category if isinstance(kind, MemberOf | SetOf) else None
