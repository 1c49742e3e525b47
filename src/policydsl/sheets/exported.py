"""How does a table of a policy look to an officer? Labels for names, figures as printed, every cell beside its text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from policydsl.diagnostics import codes_front
from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Language, listed
from policydsl.nodes import Node, node
from policydsl.sheets.archive import whole_file
from policydsl.sheets.ranges import Bounds, write_bounds
from policydsl.sheets.shape import Role
from policydsl.sheets.vocabulary import Kind, Named, Vocabulary, near, word
from policydsl.syntax import ast
from policydsl.syntax.words import spelling

_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")
_DIGITS = 15

#: What an exported workbook is written as; one of another form is not taken back.
FORM = "policydsl table 1"


@node
class Exported(Node):
    """One table or schedule: `shown` what its cells look like, `texts` what they are in the policy.

    `roles` and `kinds` say of each column what it holds and which category its members are of.
    """

    key: str
    title: str
    heads: tuple[str, ...]
    roles: tuple[Role, ...]
    units: tuple[str, ...]
    kinds: tuple[Kind | None, ...]
    shown: tuple[tuple[str, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    declaration: ast.Tiers | ast.Table


def chosen(
    file: ast.File, words: Vocabulary, names: Sequence[str], language: Language
) -> tuple[tuple[Exported, ...], tuple[Diagnostic, ...]]:
    """The tables called `names`, in the order of the policy, or all of them; and what is wrong with that."""
    declared = [d for d in file.declarations if isinstance(d, ast.Tiers | ast.Table)]
    every = [
        Named(d.name.key, d.name.shown, frozenset(filter(None, (d.name.written, d.name.alias, d.name.label))))
        for d in declared
    ]
    path = file.span.source.name
    wrong = []
    for name in names:
        if not any(name in n.spellings for n in every):
            facts: dict[str, Fact] = {
                "file": path, "name": name, "near": near(name, every), "known": listed(n.written for n in every)
            }  # fmt: skip
            wrong.append(Diagnostic(codes.TABLE_UNKNOWN, whole_file(path), facts))
    wanted = [d for d, n in zip(declared, every, strict=True) if not names or n.spellings & set(names)]
    for d in wanted:
        for row in d.rows.rows:
            if len(row.cells) != len(d.rows.heads):
                facts = {"cells": len(row.cells), "heads": len(d.rows.heads)}
                wrong.append(Diagnostic(codes_front.WRONG_CELLS, row.span, facts))
    if wrong:
        return (), tuple(wrong)
    return tuple(_exported(d, words, language) for d in wanted), ()


def digest(table: Exported) -> str:
    """A digest of all that a sheet shows of the table, and of what stands behind it."""
    content = [table.key, table.heads, table.units, table.shown, table.texts]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def is_number(text: str) -> bool:
    """Whether a sheet keeps the text as a number and gives it back digit for digit."""
    return _PLAIN.fullmatch(text) is not None and len(text.replace(".", "").strip("0")) <= _DIGITS


def _exported(declared: ast.Tiers | ast.Table, words: Vocabulary, language: Language) -> Exported:
    heads = declared.rows.heads
    roles: list[Role] = []
    kinds: list[Kind | None] = []
    for i, head in enumerate(heads):
        kind = _kind_of(head, declared, words) if isinstance(declared, ast.Table) else None
        kinds.append(kind)
        if kind is not None:
            roles.append("words")
        elif isinstance(declared, ast.Tiers):
            roles.append("band" if i == 0 else "figure")
        else:
            roles.append("band" if _is_key(head, declared, words) else "figure")
    members = [m for k in words.kinds for m in k.members]
    shown, texts = [], []
    for row in declared.rows.rows:
        texts.append(tuple(" ".join(c.span.text.split()) for c in row.cells))
        shown.append(tuple(_cell(c, k, words, language) for c, k in zip(row.cells, kinds, strict=True)))
    return Exported(
        declared.name.key, declared.name.shown,
        tuple(_head(h, [*members, *(k.name for k in words.kinds), *words.amounts], language) for h in heads),
        tuple(roles), tuple(h.unit or "" for h in heads), tuple(kinds), tuple(shown), tuple(texts), declared,
    )  # fmt: skip


def _key_word(head: ast.Head) -> str | None:
    only = head.words[0] if len(head.words) == 1 else None
    return ".".join(only.words) if isinstance(only, ast.Path) else None


def _kind_of(head: ast.Head, declared: ast.Table, words: Vocabulary) -> Kind | None:
    """The category of a column whose head is one of the keys."""
    text = _key_word(head)
    if text is None or not _is_key(head, declared, words):
        return None
    return next((k for k in words.kinds if text in k.name.spellings), None)


def _is_key(head: ast.Head, declared: ast.Table, words: Vocabulary) -> bool:
    text = _key_word(head)
    keys = {".".join(k.words) for k in declared.keys}
    same = [n.spellings for n in (*(k.name for k in words.kinds), *words.amounts) if n.spellings & keys]
    return text is not None and (text in keys or any(text in s for s in same))


def _head(head: ast.Head, known: list[Named], language: Language) -> str:
    words = []
    for part in head.words:
        if isinstance(part, ast.Any):
            words.append(spelling("ANY", language) or "any")
        else:
            words.append(_label(part, known))
    check = "= " if head.check else ""
    unit = f"（{head.unit}）" if head.unit and language == "zh" else f" ({head.unit})" if head.unit else ""
    return f"{check}{' '.join(words)}{unit}"


def _label(path: ast.Path, known: list[Named]) -> str:
    text = ".".join(path.words)
    found = next(
        (n for n in known if n.written == word(path.words[-1], '""') or path.words[-1] in n.spellings), None
    )
    return found.shown if found is not None and len(path.words) == 1 else text


def _cell(cell: ast.Cell, kind: Kind | None, words: Vocabulary, language: Language) -> str:
    members = list(kind.members) if kind is not None else []
    match cell:
        case ast.Any():
            return spelling("ANY", language) or "any"
        case ast.Path():
            return _label(cell, members or list(words.amounts))
        case ast.Members(paths=paths):
            return ("、" if language == "zh" else ", ").join(_label(p, members) for p in paths)
        case ast.Range():
            return _range(cell, members or list(words.amounts), language)
        case _:
            return " ".join(cell.span.text.split())


def _range(cell: ast.Range, known: list[Named], language: Language) -> str:
    def bound(value: ast.Value | None) -> str | None:
        if value is None:
            return None
        return _label(value, known) if isinstance(value, ast.Path) else " ".join(value.span.text.split())

    worded = re.search(r"以上|and over|or more|from|满|滿|不低于|不低於", cell.span.text) is not None
    bounds = Bounds(
        bound(cell.low), cell.low_closed, bound(cell.high), cell.high_closed, worded, cell.the_part
    )
    return write_bounds(bounds, lambda text: text, language) or " ".join(cell.span.text.split())
