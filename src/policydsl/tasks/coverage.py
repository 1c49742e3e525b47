"""Which figures of a notice do the policies made from it use? For `source`."""

from __future__ import annotations

from collections.abc import Sequence

from policydsl.citations.coverage import coverage
from policydsl.citations.shown import Covered, as_html, as_json, as_text
from policydsl.citations.text import Notice
from policydsl.source import Source
from policydsl.syntax.ast import File, Policy

__all__ = ["as_html", "as_json", "as_text", "covered"]


def covered(files: Sequence[File], notice: Source) -> Covered:
    """Which figures of the notice the policies made from it encode or waive, and which nothing uses."""
    text = Notice(notice)
    sources = tuple(file.span.source for file in files)
    return Covered(coverage(files, text), text, sources, tuple(map(_title, files)))


def _title(file: File) -> str:
    return next((d.name.shown for d in file.declarations if isinstance(d, Policy)), file.span.source.name)
