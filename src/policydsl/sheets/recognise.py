"""Which `tiers` or `table` block does a table of a sheet make? Its heads, columns and cells recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Language, Words, listed
from policydsl.sheets import figures
from policydsl.sheets.cells import ANY_WORDS, Found, Maker, Wishes
from policydsl.sheets.draft import Column, Draft, type_of
from policydsl.sheets.grid import Cell, Grid, fold, fold_all
from policydsl.sheets.shape import Body, Role, filled_down, head_cell, role_of, take_apart, top
from policydsl.sheets.vocabulary import (
    Kind,
    Named,
    Vocabulary,
    exactly,
    near,
    parted,
    some,
    within,
    word,
)
from policydsl.syntax import ast
from policydsl.syntax.words import choices


def recognise(grid: Grid, wishes: Wishes) -> tuple[Draft | None, tuple[Diagnostic, ...]]:
    """The block that the grid makes, None when an error keeps it from being one; and what there is to say."""
    found = Found()
    body = take_apart(grid, found)
    draft = _draft(body, grid, wishes, found) if body is not None and not found.failed else None
    return (None if found.failed else draft), tuple(found.diagnostics)


_REMARK_HEADS = frozenset(
    ("备注", "備註", "说明", "說明", "依据", "依據", "文件依据", "note", "notes", "remark", "remarks")
)


def _draft(body: Body, grid: Grid, wishes: Wishes, found: Found) -> Draft | None:
    columns = list(zip(*body.rows, strict=True))
    roles = [role_of(h, c) for h, c in zip(body.heads, columns, strict=True)]
    if wishes.words is not None:
        roles = [
            "words" if r == "figure" and _all_members(c, wishes.words) else r
            for r, c in zip(roles, columns, strict=True)
        ]
    remarks = [i for i, role in enumerate(roles) if role == "words" and _is_remarks(body.heads[i])]
    for i in remarks:
        head = body.heads[i][0]
        what = Words(f"the column “{head.text}” is left out", f"“{head.text}”一栏没有采用")
        found.say(codes.TABLE_READ_AS, head, what=what)
    kept = [i for i, role in enumerate(roles) if role != "serial" and i not in remarks]
    figure_columns = [i for i in kept if roles[i] == "figure"]
    if not figure_columns:
        found.say(codes.NO_TABLE, top(grid), what=Words("no column holds figures", "没有一栏是数字"))
        return None
    titles = {i: _title(body.heads[i]) for i in kept}
    units = {i: _unit(body, columns[i], i, roles[i]) for i in kept}
    bare = [i for i in figure_columns if not units[i] and any(_is_bare(c) for c in columns[i])]
    if bare:
        heads = listed(" ".join(titles[i]) or head_cell(body, i).text for i in bare)
        found.say(
            codes.TABLE_NOT_SAID, head_cell(body, bare[0]).span,
            what=Words(f"the table does not say in which unit its figures are: {heads.en}", f"表中没有写明数字的单位：{heads.zh}"),
            help=Words("write it behind the head: (%), (元), (元/人·年)", "在表头后写明：（%）、（元）、（元/人·年）"),
        )  # fmt: skip
    kind = wishes.kind or _kind_of(kept, roles, units)
    filled = [
        filled_down(columns[i], grid.pasted and roles[i] == "words", found)
        if roles[i] != "serial"
        else columns[i]
        for i in range(len(columns))
    ]
    maker = Maker(wishes, found)
    if kind == "tiers":
        return _tiers(body, kept, roles, titles, units, filled, maker)
    return _table(body, kept, roles, titles, units, filled, maker)


def _is_bare(cell: Cell) -> bool:
    figure = figures.read_figure(cell)
    return figure is not None and not figure.unit


def _is_remarks(heads: Sequence[Cell]) -> bool:
    return len(heads) == 1 and fold_all(heads[0].text).lower() in _REMARK_HEADS


def _all_members(cells: Sequence[Cell], words: Vocabulary) -> bool:
    return any(all(exactly(c.text, kind.members) for c in cells) for kind in words.kinds)


def _title(heads: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(t for h in heads if (t := figures.split_unit(fold(h.text))[0]))


def _unit(body: Body, cells: Sequence[Cell], column: int, role: Role) -> str:
    """The unit of a column: that of its head, else the one that all its cells carry, else the table's."""
    for head in reversed(body.heads[column]):
        if unit := figures.split_unit(fold(head.text))[1]:
            return unit
    if role == "figure":
        carried = {f.unit for c in cells if (f := figures.read_figure(c)) is not None}
        if len(carried) == 1 and (unit := carried.pop()):
            return unit if figures.read_unit(unit) is not None else ""
        if carried - {""}:
            return ""
    if role == "figure" or (role == "band" and body.unit):
        return "" if role == "band" and not body.unit else body.unit
    return ""


def _kind_of(kept: Sequence[int], roles: Sequence[Role], units: dict[int, str]) -> Literal["tiers", "table"]:
    """Bands of money and nothing but figures beside them make `tiers`, all else a `table`."""
    bands = [i for i in kept if roles[i] == "band"]
    beside = {units[i] for i in kept if roles[i] == "figure"}
    rest = {roles[i] for i in kept} - {"band", "figure"}
    if len(bands) != 1 or rest or bands[0] != kept[0] or len(beside) > 1:
        return "table"
    unit = units[bands[0]]
    return "tiers" if not unit or "元" in unit or unit.isupper() else "table"


# the two kinds of block


_Titles: TypeAlias = "dict[int, tuple[str, ...]]"


def _tiers(
    body: Body, kept: Sequence[int], roles: Sequence[Role], titles: _Titles, units: dict[int, str],
    cells: Sequence[Sequence[Cell]], maker: Maker,
) -> Draft | None:  # fmt: skip
    wishes, found = maker.wishes, maker.found
    band = next((i for i in kept if roles[i] == "band"), kept[0])
    others = [i for i in kept if i != band]
    like = wishes.like if isinstance(wishes.like, ast.Tiers) else None
    head = head_cell(body, band)
    if wishes.amount is not None:
        amount = wishes.amount
    elif like is not None:
        amount = " ".join(like.amount.span.text.split())
    else:
        amount = maker.amount(head, " ".join(titles[band]) or fold(head.text))
    words, keys = _member_heads(body, others, titles, maker, needed=len(others) > 1)
    first = like.rows.heads[0].span.text if like is not None else ""
    columns = [Column((first.split("(")[0].split("（")[0].strip() or amount,), units[band])]
    columns += [Column(words[i], units[i]) for i in others]
    rows = [
        (maker.band(cells[band][r], units[band]), *(maker.figure(cells[i][r], units[i]) for i in others))
        for r in range(len(body.rows))
    ]
    mode = wishes.mode
    if mode is None and like is None:
        kinds = choices("kinds")
        found.say(
            codes.TABLE_NOT_SAID, head.span,
            what=Words("the table does not say how its bands are read", "表中没有写明各段如何套用"),
            help=Words(f"say it with --kind or after the amount: {kinds.en}", f"用 --kind 写明，或写在数额之后：{kinds.zh}"),
        )  # fmt: skip
    return Draft(
        "tiers",
        word(wishes.name, maker.marks),
        amount,
        mode,
        "",
        wishes.keys or keys,
        tuple(columns),
        tuple(rows),
    )


def _table(
    body: Body, kept: Sequence[int], roles: Sequence[Role], titles: _Titles, units: dict[int, str],
    cells: Sequence[Sequence[Cell]], maker: Maker,
) -> Draft | None:  # fmt: skip
    wishes, found = maker.wishes, maker.found
    key_columns = [i for i in kept if roles[i] != "figure"]
    results = [i for i in kept if roles[i] == "figure"]
    kinds = {i: _kind_named(body, i, titles[i], cells[i], maker) for i in key_columns if roles[i] == "words"}
    keys, columns = [], []
    for i in key_columns:
        title = " ".join(titles[i])
        kind = kinds.get(i)
        head = head_cell(body, i)
        name = (
            kind.key
            if kind is not None
            else maker.amount(head, title)
            if roles[i] != "words"
            else maker.quoted(title)
        )
        keys.append(name)
        columns.append(Column((name,), units[i]))
    pivot = (
        len(results) > 1
        and _over_members(body, results, titles, wishes.words)
        and len({units[i] for i in results}) == 1
    )
    if pivot:
        words, more = _member_heads(body, results, titles, maker, needed=True)
        keys += [key for key in more if key not in keys]
    else:
        words = {i: (_result_word(titles[i], wishes, maker),) for i in results}
    columns += [Column(words[i], units[i]) for i in results]
    rows = []
    for r in range(len(body.rows)):
        row = []
        for i in key_columns:
            cell = cells[i][r]
            if roles[i] == "words":
                row.append(maker.members(cell, kinds.get(i)))
            elif roles[i] == "days":
                row.append(cell.text)
            else:
                row.append(maker.band(cell, units[i]))
        row += [maker.figure(cells[i][r], units[i]) for i in results]
        rows.append(tuple(row))
    if not keys:
        found.say(
            codes.NO_TABLE,
            cells[results[0]][0],
            what=Words("no column says what the figures are for", "没有一栏说明数字属于什么项目"),
        )
    of = {units[i] for i in results}
    type_ = type_of(of.pop(), wishes.language) if len(of) == 1 and (pivot or len(results) == 1) else ""
    return Draft(
        "table",
        word(wishes.name, maker.marks),
        "",
        None,
        type_,
        wishes.keys or tuple(keys),
        tuple(columns),
        tuple(rows),
    )


def _result_word(title: tuple[str, ...], wishes: Wishes, maker: Maker) -> str:
    text = " ".join(title) or wishes.name
    return maker.quoted(text) if wishes.words is None else word(text.replace(" ", ""), maker.marks)


def _kind_named(
    body: Body, column: int, title: tuple[str, ...], cells: Sequence[Cell], maker: Maker
) -> Kind | None:
    """The category whose members a column lists: the one that its head names, else the one that knows
    most of its words."""
    words = maker.wishes.words
    if words is None:
        return None
    text = " ".join(title)
    named = [k for k in words.kinds if exactly(text, [k.name])]
    if len(named) == 1:
        return named[0]
    texts = {
        p
        for c in cells
        if c.kind == "text" and fold(c.text).lower() not in ANY_WORDS
        for p in parted(fold(c.text))
    }
    known = [(sum(bool(exactly(t, k.members)) for t in texts), k) for k in words.kinds]
    most = max((n for n, _ in known), default=0)
    best = [k for n, k in known if n == most and n > 0]
    head = head_cell(body, column)
    if len(best) == 1:
        return best[0]
    if best:
        readings = listed(k.name.shown for k in best)
        maker.found.say(codes.WORD_AMBIGUOUS, head, text=text, readings=readings)
        return best[0]
    every = [k.name for k in words.kinds]
    what = Words("category", "类别")
    maker.found.say(codes.WORD_UNKNOWN, head, text=text, what=what, near=near(text, every), known=some(every))
    return None


def _over_members(body: Body, columns: Sequence[int], titles: _Titles, words: Vocabulary | None) -> bool:
    """Whether the heads of figures name members, or (without a policy) stand in several levels."""
    if words is None:
        return any(len(titles[i]) > 1 for i in columns)
    every = [m for k in words.kinds for m in k.members]
    naming = sum(any(exactly(t, every) or within(t, every) for t in titles[i]) for i in columns)
    return 2 * naming > len(columns)


def _member_heads(
    body: Body, columns: Sequence[int], titles: _Titles, maker: Maker, *, needed: bool
) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """The members that each head of figures names, and the keys that they are members of.

    A level of heads that names no member and is the same over all columns says nothing.
    """
    wishes, found = maker.wishes, maker.found
    depth = max((len(titles[i]) for i in columns), default=0)
    if wishes.words is None:
        words = {
            i: tuple(maker.quoted(t) for t in titles[i]) or (maker.quoted(wishes.name),) for i in columns
        }
        if not needed:
            return words, ()
        keys = wishes.keys or tuple(_placeholder(n, wishes.language) for n in range(depth))
        if not wishes.keys:
            found.say(
                codes.TABLE_NOT_SAID, head_cell(body, columns[0]).span,
                what=Words("the categories of the heads are not in the table", "表中没有写明表头各项所属的类别"),
                help=Words(f"name them with --by, or put them in the place of {', '.join(keys)}; --policy finds them itself",
                           f"用 --by 写明，或者改写{'、'.join(keys)}；加 --policy 则自动查找"),
            )  # fmt: skip
        return words, keys
    found_words: dict[int, list[str]] = {i: [] for i in columns}
    keys_found: list[str] = []
    for level in range(depth):
        here = [i for i in columns if level < len(titles[i])]
        named = {i: _members_in(body.heads[i], titles[i][level], wishes.words, maker) for i in here}
        if not any(named.values()):
            if needed and len({titles[i][level] for i in here}) > 1:
                for i in here:
                    _unknown_head(body, i, titles[i][level], wishes.words, found)
            continue
        for i in here:
            if not named[i]:
                _unknown_head(body, i, titles[i][level], wishes.words, found)
            for kind, member in named[i]:
                if kind.key not in keys_found:
                    keys_found.append(kind.key)
                found_words[i].append(member.written)
    words = {}
    for i in columns:
        fallback = word(" ".join(titles[i]).replace(" ", "") or wishes.name, maker.marks)
        words[i] = tuple(found_words[i]) or (fallback,)
    return words, tuple(keys_found)


def _placeholder(level: int, language: Language) -> str:
    return f"“表头{'一二三四五六七八九'[level]}”" if language == "zh" and level < 9 else f"head{level + 1}"


def _members_in(
    heads: Sequence[Cell], text: str, words: Vocabulary, maker: Maker
) -> list[tuple[Kind, Named]]:
    """The members that a head names, each with its category."""
    exact = [(k, m) for k in words.kinds for m in exactly(text, k.members)]
    if len(exact) == 1:
        return exact
    if exact:
        head = next((h for h in heads if fold_all(text) in fold_all(h.text)), heads[-1])
        readings = listed(f"{k.name.shown}.{m.shown}" for k, m in exact)
        maker.found.say(codes.WORD_AMBIGUOUS, head, text=text, readings=readings)
        return exact[:1]
    owner = {id(m): k for k in words.kinds for m in k.members}
    inside = within(text, [m for k in words.kinds for m in k.members])
    if inside and heads:
        maker.read_as(heads[0], text, inside)
    return [(owner[id(m)], m) for m in inside if id(m) in owner]


def _unknown_head(body: Body, column: int, text: str, words: Vocabulary, found: Found) -> None:
    head = next(
        (h for h in body.heads[column] if fold_all(text) in fold_all(h.text)), head_cell(body, column)
    )
    every = [m for k in words.kinds for m in k.members]
    what = Words("member of a category", "类别中的项目")
    found.say(codes.WORD_UNKNOWN, head, text=text, what=what, near=near(text, every), known=some(every))
