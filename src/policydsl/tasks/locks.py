"""Which notice is a policy made from, and what does a lock record of it? For `check` without the notice, and `source`."""

from __future__ import annotations

from policydsl.citations import lock
from policydsl.citations.claims import claims
from policydsl.citations.lock import Entry, read, written
from policydsl.citations.text import Notice
from policydsl.source import Source
from policydsl.syntax.ast import File

__all__ = ["entry", "read", "text_name", "written"]


def text_name(file: File) -> str | None:
    """The name of the file that holds the notice, as the header gives it."""
    return claims(file).text


def entry(file: File, notice: Source) -> Entry:
    """What a lock records of a policy whose quotes have no problems."""
    return lock.entry(claims(file), Notice(notice))
