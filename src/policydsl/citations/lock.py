"""What was verified of each policy, and against which text? The record `sources.lock`, and how it is read and written.

It lets a checkout without the notices tell that its quotes were checked. It holds no more of a notice than the
policies quote: digests, places, labels, and the figures of tables that quotes speak of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from policydsl.citations.claims import Claims
from policydsl.citations.figures import Tables, speaks_of_table, table_of
from policydsl.citations.fold import fold
from policydsl.citations.quotes import Key, key, places
from policydsl.citations.text import Notice
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.nodes import Node, node
from policydsl.printed import Printed, figures
from policydsl.source import Source, Span

FILE = "sources.lock"
SCHEMA = "policydsl-sources/1"


@node
class Place(Node):
    """A quote as it was verified: where it stands in the folded text, and the figures of its table, if it speaks
    of one."""

    clause: str
    words: str
    start: int
    end: int
    table: tuple[str, ...] = ()


@node
class Entry(Node):
    """What was verified of one policy. `words`: its labels and waived figures."""

    text: str
    digest: str
    quotes: tuple[Place, ...]
    words: tuple[str, ...]

    def recorded(self) -> Mapping[Key, Place]:
        return {(fold(p.clause), fold(p.words)): p for p in self.quotes}

    def tables(self) -> Tables:
        return {(fold(p.clause), fold(p.words)): tuple(_figures(p.table)) for p in self.quotes if p.table}


#: the entries of a lock by the policy's path, from the lock's folder, with `/`
Lock = Mapping[str, Entry]


def _figures(written: Iterable[str]) -> Iterator[Printed]:
    for each in written:
        yield from figures(each)


def entry(claims: Claims, notice: Notice) -> Entry:
    """What a lock records of a policy without errors."""
    where = places(claims.quotes, notice)
    quotes: dict[Key, Place] = {}
    for quote in claims.quotes:
        passage = where.get(key(quote))
        if passage is None:
            continue
        table = (f.written for f in table_of(quote, passage, notice)) if speaks_of_table(quote) else ()
        quotes[key(quote)] = Place(quote.clause, fold(quote.words), passage.start, passage.end, tuple(table))
    labels = (fold(label.words) for label in claims.labels if label.because is None)
    waived = (fold(w.words) for w in claims.waives)
    return Entry(
        claims.text or notice.source.name,
        notice.digest,
        tuple(sorted(quotes.values(), key=lambda p: (p.start, p.end, p.clause))),
        tuple(sorted({*labels, *waived})),
    )


def written(lock: Lock) -> str:
    """The text of a lock: the same bytes for the same entries."""
    import json

    body: dict[str, Any] = {
        path: {
            "text": e.text,
            "digest": e.digest,
            "quotes": [
                {
                    "clause": p.clause,
                    "words": p.words,
                    "at": [p.start, p.end],
                    **({"table": list(p.table)} if p.table else {}),
                }
                for p in e.quotes
            ],
            "words": list(e.words),
        }
        for path, e in sorted(lock.items())
    }
    whole = json.dumps({"schema": SCHEMA, "policies": body}, ensure_ascii=False, indent=1)
    open_ = whole.removesuffix("\n}")
    return f'{open_},\n "seal": "{_seal(open_)}"\n}}\n'


_SEAL = re.compile(r',\n "seal": "([0-9a-f]{8})"\n\}\n\Z')


def _seal(text: str) -> str:
    """What an edit by hand breaks: a check sum of all that stands before it. A digest of OpenSSL takes longer to load
    than all else that a check of quotes does."""
    return f"{crc32(text.encode()):08x}"


def read(name: str, text: str) -> Lock | Diagnostic:
    """The entries of the lock in the file `name`, or why it is not to be trusted."""
    import json

    def broken(en: str, zh: str) -> Diagnostic:
        return Diagnostic(
            codes.LOCK_BROKEN, Span(Source(name, ""), 0, 0), {"lock": name, "reason": Words(en, zh)}
        )

    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return broken("it is no JSON", "不是JSON")
    if not isinstance(whole, dict) or whole.get("schema") != SCHEMA:
        return broken(f"its schema is not {SCHEMA}", f"格式不是 {SCHEMA}")
    body, seal = whole.get("policies"), _SEAL.search(text)
    if not isinstance(body, dict) or seal is None or seal[1] != _seal(text[: seal.start()]):
        return broken("its seal does not fit what it says", "封记与内容不符")
    try:
        return {path: _entry(e) for path, e in body.items()}
    except (KeyError, TypeError, ValueError):
        return broken("an entry is not whole", "有一条记录不完整")


def _entry(e: Mapping[str, Any]) -> Entry:
    quotes = tuple(
        Place(
            str(q["clause"]),
            str(q["words"]),
            int(q["at"][0]),
            int(q["at"][1]),
            tuple(map(str, q.get("table", ()))),
        )
        for q in e["quotes"]
    )
    return Entry(str(e["text"]), str(e["digest"]), quotes, tuple(map(str, e["words"])))
