"""Which files are meant, in which format, and where does the output go?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Code, Diagnostic, Fact, Words
from policydsl.files import reason_of
from policydsl.nodes import Node, node
from policydsl.source import Source, Span

Format: TypeAlias = Literal["parquet", "csv", "tsv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "tsv")
#: What DuckDB and pyarrow say of files that were cut off, or are none of Parquet.
_NO_PARQUET = ("agic bytes", "too small to be a Parquet", "Parquet file size is")
TITLES: Mapping[Format, str] = {"parquet": "Parquet", "csv": "CSV", "tsv": "TSV"}


class BatchError(Exception):
    """The run cannot begin or go on; `diagnostics` say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*(d.code.number for d in diagnostics))
        self.diagnostics = diagnostics


def about(code: Code, path: str, facts: Mapping[str, Fact] | None = None) -> Diagnostic:
    """A problem with a file as a whole."""
    return Diagnostic(code, Span(Source(path, ""), 0, 0), {"path": path, **(facts or {})})


def unreadable(path: str, error: Exception) -> BatchError:
    """What a library says of a file that it cannot read."""
    words = " ".join(str(error).split("\n\nLINE ")[0].split())[:200].rstrip(".")
    if isinstance(error, OSError) and error.errno is not None:
        reason = reason_of(error)
    elif any(sign in words for sign in _NO_PARQUET):
        reason = Words("it is no whole Parquet file", "不是完整的Parquet文件")
    else:
        reason = Words(f"the library that reads it says “{words}”", f"读取文件的程序库报告“{words}”")
    return BatchError(about(codes.BATCH_UNREADABLE, path, {"reason": reason}))


def broken(path: str, row: int, reason: Words) -> BatchError:
    """What is wrong with a row of a CSV file, counted from 1, or with its heading, which is 0."""
    place = Words(f"row {row}", f"第{row}行") if row else Words("heading", "表头")
    return BatchError(about(codes.BATCH_CSV_BROKEN, path, {"place": place, "reason": reason}))


@node
class Inputs(Node):
    """The files that are read, in order, all of one format. `roots` is what was asked for."""

    paths: tuple[str, ...]
    form: Format
    roots: tuple[str, ...]


@node
class Target(Node):
    """Where the output goes: one file, or with `folder` a file for each part. `rejects` and `sample` stand beside it,
    and `work` is the folder for what is not finished."""

    path: str
    form: Format
    folder: bool
    rejects: str
    sample: str

    @property
    def work(self) -> str:
        return f"{self.path}.work"


def format_of(path: str) -> Format | None:
    """The format that a name says."""
    suffix = os.path.splitext(path)[1].lower()
    return next((form for form in FORMATS if suffix == f".{form}"), None)


def inputs(roots: Sequence[str]) -> Inputs:
    """The files that `roots` mean: files as they are, folders with all in them that has a known format, sorted by
    path; hidden ones are passed over. Raises BatchError."""
    found: list[tuple[str, Format]] = []
    for root in roots:
        if os.path.isdir(root):
            inside = [(path, form) for path in _files_in(root) if (form := format_of(path)) is not None]
            if not inside:
                raise BatchError(about(codes.BATCH_NO_INPUT, root))
            found += inside
        elif not os.path.exists(root):
            raise BatchError(about(codes.BATCH_NO_INPUT, root))
        elif (form := format_of(root)) is None:
            raise BatchError(about(codes.BATCH_FORMAT, root))
        else:
            found.append((root, form))
    first, form = found[0]
    for path, own in found:
        if own != form:
            facts = {"other": first, "form": TITLES[own], "before": TITLES[form]}
            raise BatchError(about(codes.BATCH_MIXED, path, facts))
    return Inputs(tuple(path for path, _ in found), form, tuple(roots))


def _files_in(root: str) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        # what a run has not finished, and what Spark and others hide
        folders[:] = sorted(f for f in folders if not f.startswith((".", "_")) and not f.endswith(".work"))
        found += [os.path.join(folder, n) for n in names if not n.startswith((".", "_"))]
    return sorted(found)


def target(output: str, rejects: str | None, given: Inputs, form: Format | None = None) -> Target:
    """Where the output goes. Raises BatchError for a name that says no format, and for one that is read."""
    folder = output.endswith(("/", os.sep)) or os.path.isdir(output)
    path = output.rstrip("/" + os.sep) or output
    own = form or (given.form if folder else format_of(path))
    if own is None:
        raise BatchError(about(codes.BATCH_FORMAT, path))
    stem = path if folder else os.path.splitext(path)[0]
    rejects = rejects or f"{stem}.rejects.csv"
    if format_of(rejects) not in ("csv", "parquet"):
        raise BatchError(about(codes.BATCH_FORMAT, rejects))
    made = Target(path, own, folder, rejects, f"{stem}.explained.txt")
    read = {os.path.realpath(p) for p in (*given.paths, *given.roots)}
    roots = [os.path.realpath(root) for root in given.roots if os.path.isdir(root)]
    for one in (made.path, made.rejects, made.sample):
        real = os.path.realpath(one)
        if real in read or any(os.path.commonpath((root, real)) == root for root in roots):
            raise BatchError(about(codes.BATCH_OUTPUT_IS_INPUT, one))
    if os.path.realpath(made.rejects) == os.path.realpath(made.path):
        raise BatchError(about(codes.BATCH_OUTPUT_IS_INPUT, made.rejects))
    return made
