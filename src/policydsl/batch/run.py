"""How is a batch computed from its files to its output? Part after part, each complete before the next begins."""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from policydsl import __version__, pipeline
from policydsl.batch import chunks, kernel, sample
from policydsl.batch.csvparts import CsvFiles
from policydsl.batch.duck import Duck
from policydsl.batch.given import BatchError, Inputs, Target, about, format_of, unreadable
from policydsl.batch.kernel import Files, Kernel
from policydsl.batch.matching import Column, Matched, clashes, match
from policydsl.batch.parts import Broken, Part, Place, found, parquet_parts
from policydsl.batch.statements import REJECTS, Plan, plan
from policydsl.batch.work import Parts, Sink, Work, failed, read_lines
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Language, Words, listed
from policydsl.flat import Flat
from policydsl.ir import Program
from policydsl.kinds import Kind
from policydsl.nodes import Node, node

#: So many rows that the kernel has no answer for are looked at at once.
LISTED = 1 << 18
#: The form of the manifest.
FORMAT = 2


@node
class Job(Node):
    """What is computed. `fixed` are inputs that are the same in every row, as texts; `texts` what stands for the members of
    each category; `keep` the columns to hand on (none: all), with `bare` none at all; `limit` how many rejects are borne (None:
    any number); `sample` how many rows are explained."""

    program: Program
    outputs: tuple[str, ...]
    inputs: Inputs
    target: Target
    fixed: Mapping[str, str]
    texts: Mapping[str, Mapping[str, int]]
    keep: tuple[str, ...] = ()
    bare: bool = False
    limit: int | None = None
    sample: int = 0
    threads: int = 2
    memory: str = "600MB"
    language: Language = "en"


@node
class Total(Node):
    """The sum of a column of the results, in the unit of its kind."""

    name: str
    kind: Kind
    value: Fraction


@node
class Summary(Node):
    """What came of a batch: how many rows there were, how many have answers, the sums, and the rejects by code and
    column."""

    rows: int
    answered: int
    totals: tuple[Total, ...]
    rejects: tuple[tuple[str, str, int], ...]

    @property
    def rejected(self) -> int:
        return self.rows - self.answered


#: What is told of the progress: rows done, of how many as far as is known, the bytes read and of how many.
Progress = Callable[[int, int | None, int, int], None]


def needs() -> Diagnostic | None:
    """What is missing to compute batches with DuckDB."""
    missing = [library for library in ("duckdb", "sqlglot") if find_spec(library) is None]
    if not missing:
        return None
    return about(codes.BATCH_NEEDS_EXTRA, "", {"library": ", ".join(missing), "extra": "batch"})


def run(job: Job, *, resume: bool, force: bool, progress: Progress) -> Summary:
    """Compute the batch. Raises BatchError; then nothing stands under the name of the output that was not there."""
    flat = pipeline.flatten(job.program, job.outputs)
    if not isinstance(flat, Flat):
        raise BatchError(*flat)
    _ready(job.target, resume=resume, force=force)
    try:
        with ExitStack() as stack:
            return _Run(job, flat, stack).whole(resume, progress)
    except OSError as error:
        raise failed(error, job.target.path) from None


def _ready(target: Target, *, resume: bool, force: bool) -> None:
    """Whether this run may begin: nothing is replaced without `force`, and an unfinished run is not forgotten."""
    lines = read_lines(target.work)
    if resume:
        if not lines:
            raise BatchError(about(codes.BATCH_NOTHING_TO_RESUME, target.path))
        return
    if force:
        return
    if lines:
        rows = sum(line.get("rows", 0) for line in lines)
        raise BatchError(about(codes.BATCH_UNFINISHED, target.path, {"rows": rows, "folder": target.work}))
    for path in (target.path, target.rejects):
        if os.path.lexists(path) and not (path == target.path and target.folder and not os.listdir(path)):
            raise BatchError(about(codes.BATCH_OUTPUT_EXISTS, path))


class _Run:
    def __init__(self, job: Job, flat: Flat, stack: ExitStack) -> None:
        self.job = job
        self.flat = flat
        self._stack = stack
        self.sizes = [os.stat(path) for path in job.inputs.paths]
        self._listed = format_of(job.target.rejects) or "csv"
        self.csv: CsvFiles | None = None
        files = self._files()
        matched = self._matched(files)
        made = plan(job.program, flat, "duckdb", matched, job.texts)
        if not isinstance(made, Plan):
            raise BatchError(*made)
        if taken := tuple(clashes(matched, [r.name for r in made.results], job.inputs.paths[0])):
            raise BatchError(*taken)
        self.plan = made
        self.kernel: Kernel | None = None
        if files is not None:
            own = kernel.Kernel(job.program, job.outputs, made, files, job.threads)
            self.kernel = own if own.fits() else None
        self.groups: Callable[[int], Sequence[int]] = lambda number: ()
        if self.kernel is not None:
            self.groups = self.kernel.groups
        elif self.csv is None:
            self.groups = self.duck.groups(job.inputs.paths).__getitem__

    @cached_property
    def duck(self) -> Duck:
        """DuckDB, started when it is needed: a kernel needs it for rejects alone."""
        job = self.job
        return self._stack.enter_context(Duck(job.target.work, threads=job.threads, memory=job.memory))

    def _files(self) -> Files | None:
        """The files as a kernel would read them, where its libraries are installed."""
        job = self.job
        if job.inputs.form == job.target.form == "parquet" and kernel.is_there():
            return Files(job.inputs.paths)
        return None

    def _matched(self, files: Files | None) -> Matched:
        """Which column is which input. Raises BatchError."""
        columns = None if files is None else files.columns()
        found = None if columns is None else self._match(columns)
        if not isinstance(found, Matched):  # DuckDB knows more types, and their names are told
            found = self._match(self._columns())
        if not isinstance(found, Matched):
            raise BatchError(*found)
        return found

    def _match(self, columns: Sequence[Column]) -> Matched | tuple[Diagnostic, ...]:
        job = self.job
        return match(
            job.program,
            self.flat,
            columns,
            job.inputs.paths[0],
            texts_only=job.inputs.form != "parquet",
            fixed=job.fixed,
            keep=None if job.bare else job.keep,
        )

    def _columns(self) -> tuple[Column, ...]:
        """The columns of the first file, when those of the others are the same."""
        paths = self.job.inputs.paths
        if self.job.inputs.form == "parquet":
            first = self.duck.columns(paths[0])
            for path in self.duck.unlike(paths):
                self._same(first, self.duck.columns(path), path)
            return first
        self.csv = CsvFiles(paths, [s.st_size for s in self.sizes], self.job.inputs.form)
        first = _texts(self.csv.columns)
        for path, (names, _) in zip(paths, self.csv.headings, strict=True):
            self._same(first, _texts(names), path)
        return first

    def _same(self, first: Sequence[Column], own: Sequence[Column], path: str) -> None:
        if own == first:
            return
        differ = [c.name for c in own if c not in first] + [c.name for c in first if c not in own]
        facts: dict[str, Fact] = {
            "other": self.job.inputs.paths[0],
            "columns": listed(differ or [c.name for c in own]),
        }
        raise BatchError(about(codes.BATCH_FILES_DIFFER, path, facts))

    def whole(self, resume: bool, progress: Progress) -> Summary:
        """The batch from its beginning, or from where it was broken off, to its end."""
        job, target = self.job, self.job.target
        work = Work(target, self._output(), self._rejects())
        about_it = self._about()
        if resume:
            work.resume(about_it, lambda key: self._changed(key, work))
        else:
            work.begin(about_it)
        try:
            if not work.lines[-1].get("finished"):
                self._parts(work, progress)
            text = self._sample(work) if job.sample else None
            summary = self._summary(work.lines)
            self._unchanged()
            work.finish(text)
            return summary
        except (BatchError, OSError):
            if len(work.lines) < 2:  # nothing is lost, and nothing left that must be told of
                work.drop()
            raise
        finally:
            if self.kernel is not None:
                self.kernel.close()
            work.close()

    # what is computed, and where it goes

    def _output(self) -> Sink | Parts:
        form, target = self.job.target.form, self.job.target
        if target.folder:
            return Parts(target.work, form)
        head = b"" if form == "parquet" else chunks.written_heading(self.plan.columns, form)
        return Sink(target.work, "output", parquet=form == "parquet", head=head)

    def _rejects(self) -> Sink:
        form = self._listed
        # rejects are read by people, and their spreadsheets know UTF-8 by its mark
        head = b"" if form == "parquet" else "\ufeff".encode() + chunks.written_heading(REJECTS, "csv")
        return Sink(self.job.target.work, "rejects", parquet=form == "parquet", head=head)

    def _about(self) -> dict[str, Any]:
        """All that the bytes of the output depend on."""
        job = self.job
        options = {
            "outputs": list(job.outputs),
            "keep": None if job.bare else list(job.keep),
            "set": dict(job.fixed),
            "form": job.target.form,
            "rejects": job.target.rejects,
            "sample": [job.sample, job.language if job.sample else ""],
            "inputs": [list(job.inputs.roots), job.inputs.form],
        }
        files = [
            [path, s.st_size, s.st_mtime_ns] for path, s in zip(job.inputs.paths, self.sizes, strict=True)
        ]
        versions = {"policydsl": __version__, "duckdb": version("duckdb"), "manifest": FORMAT}
        if self.kernel is not None:
            versions["writer"] = self.kernel.writer
        return {
            "meaning": pipeline.meaning(job.program),
            "texts": _digest(sorted((k, sorted(v.items())) for k, v in job.texts.items())),
            "options": options,
            "files": files,
            "versions": versions,
        }

    def _changed(self, key: str, work: Work) -> Words:
        match key:
            case "meaning" | "texts":
                return Words("the policy", "政策")
            case "options":
                return Words("an option of the call", "命令的选项")
            case "files":
                before = {tuple(f) for f in read_lines(work.target.work)[0].get("files", [])}
                names = [f[0] for f in self._about()["files"] if tuple(f) not in before]
                which = listed(names or self.job.inputs.roots)
                return Words(f"the input “{which.en}”", f"输入文件“{which.zh}”")
            case _:
                return Words("the version of policydsl or DuckDB", "policydsl或DuckDB的版本")

    def _unchanged(self) -> None:
        for path, before in zip(self.job.inputs.paths, self.sizes, strict=True):
            now = os.stat(path)
            if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise BatchError(about(codes.BATCH_INPUT_CHANGED, path))

    # the parts

    def _parts(self, work: Work, progress: Progress) -> None:
        lines = work.lines
        rows = sum(line["rows"] for line in lines[1:])
        rejected = sum(line["rows"] - line["answered"] for line in lines[1:])
        total = self._count()
        size = sum(s.st_size for s in self.sizes)
        place: Place | None = lines[-1]["next"] if len(lines) > 1 else [0, 0, 0]
        progress(rows, total, self._bytes(place or []), size)
        if self.kernel is not None and place is not None:
            self.kernel.begin(part for part, _ in parquet_parts(self.job.inputs.paths, self.groups, place))
        while place is not None:
            line = self._part(work, place, first=len(lines) == 1)
            place = line["next"]
            rows += line["rows"]
            rejected += line["rows"] - line["answered"]
            if self.job.limit is not None and rejected > self.job.limit:
                facts: dict[str, Fact] = {
                    "rejects": rejected,
                    "limit": self.job.limit,
                    "rejects_path": work.rejects.path,
                }
                raise BatchError(about(codes.BATCH_TOO_MANY_REJECTS, self.job.target.path, facts))
            progress(rows, total, size if place is None else self._bytes(place), size)

    def _part(self, work: Work, place: Place, *, first: bool) -> dict[str, Any]:
        """Compute the part that begins at `place`; gives the line of the manifest."""
        try:
            part, broken, after = self._take(place, work)
            rows = sum(stretch.count for stretch in part) + len(broken)
            answered, sums, rejected = self._answer(part, work)
            rejects: list[tuple[str, str, int]] = []
            if answered < rows or (
                first and self._listed == "parquet"
            ):  # it has its columns from the first part
                none = answered + len(broken) == rows
                rejects = self._reject(part, broken, rejected, work, none=none)
            drawn = self._drawn(part, work, place) if self.job.sample else []
        except Exception as error:
            if "duck" in vars(self) and isinstance(error, self.duck.error):
                raise self._trouble(error, self.job.inputs.paths[place[0]]) from None
            raise
        assert answered + sum(count for *_, count in rejects) == rows, "a row is lost"
        line = {
            "rows": rows,
            "answered": answered,
            "sums": sums,
            "codes": rejects,
            "drawn": drawn,
            "next": after,
        }
        if os.path.exists(work.temporary):
            os.unlink(work.temporary)
        work.add(line)
        return line

    def _take(self, place: Place, work: Work) -> tuple[Part, list[Broken], Place | None]:
        """Make the rows from `place` on the ones to be answered: with those that are broken, and where the next begin."""
        if self.csv is not None:
            return self.csv.take(self.duck, self.plan, place, work.temporary)
        part, after = next(parquet_parts(self.job.inputs.paths, self.groups, place))
        if self.kernel is None:
            self.duck.take_rows(self.plan, part)
        return part, [], after

    def _answer(self, part: Part, work: Work) -> tuple[int, list[str], Any | None]:
        """Write the rows that have an answer; gives their number, the sums of the results, and the others where they are
        not before DuckDB."""
        made, form = self.plan, self.job.target.form
        if self.kernel is None:
            duck = self.duck
            answered = duck.write_answers(made, work.temporary, form, heading=self.job.target.folder)
            sums = duck.sums(made, work.temporary) if form == "parquet" else duck.sums_again(made)
            work.output.append(work.temporary)
            return answered, sums, None
        answered, totals = 0, [Fraction(0) for result in made.results if result.summed]
        rejected = []
        work.output.take(self.kernel.template)
        for piece in self.kernel.pieces(part):
            for written in piece.written:
                work.output.take(written)
            answered += piece.answered
            totals = [total + more for total, more in zip(totals, piece.sums, strict=True)]
            rejected += [] if piece.rejected is None else [piece.rejected]
        work.output.end()
        return answered, [str(total) for total in totals], self.kernel.joined(rejected)

    def _reject(
        self, part: Part, broken: Sequence[Broken], rejected: Any | None, work: Work, *, none: bool
    ) -> list[tuple[str, str, int]]:
        """List the rows that have no answer, and count them by code and column."""
        counts: dict[tuple[str, str], int] = {}
        starts = range(1) if rejected is None else range(0, max(1, len(rejected)), LISTED)
        for start in starts:
            if rejected is not None:
                self.duck.take_table(self.plan, rejected.slice(start, LISTED), kernel.NUMBER)
            found = self.duck.write_rejects(self.plan, work.temporary, self._listed, part, broken, none=none)
            work.rejects.append(work.temporary)
            for code, column, count in found:
                counts[code, column] = counts.get((code, column), 0) + count
        return [(code, column, count) for (code, column), count in sorted(counts.items())]

    def _drawn(self, part: Part, work: Work, place: Place) -> list[list[int]]:
        """The rows of a part that are explained unless others are drawn before them: the key by which they are drawn, their file and
        number there, and where they stand."""
        if self.kernel is not None:
            self.duck.take_rows(self.plan, part)
        least = self.duck.least(self.plan, sample.key(self._seed(), len(work.lines)), self.job.sample)
        return [[key, *found(part, row), row, *place] for key, row in least]

    def _trouble(self, error: Exception, path: str) -> BatchError:
        """What DuckDB could not do: write, or read the data of a file."""
        words = " ".join(str(error).split())
        for sign, reason in (
            ("No space left", Words("no space is left on the disk", "磁盘已满")),
            ("Could not write", Words("the disk refused it", "磁盘拒绝写入")),
            ("Permission denied", Words("permission denied", "没有权限")),
            (
                "Out of Memory",
                Words("the memory of `--memory` does not suffice", "`--memory` 给定的内存不够"),
            ),
        ):
            if sign in words:
                return BatchError(about(codes.BATCH_WRITE_FAILED, self.job.target.path, {"reason": reason}))
        return unreadable(path, error)

    def _count(self) -> int | None:
        if self.csv is not None:
            return None
        return sum(sum(self.groups(number)) for number in range(len(self.job.inputs.paths)))

    def _bytes(self, place: Sequence[int]) -> int:
        return sum(s.st_size for s in self.sizes[: place[0]]) + place[2] if place else 0

    # what is said at the end

    def _seed(self) -> str:
        job = self.job
        return _digest([pipeline.meaning(job.program), [s.st_size for s in self.sizes], list(job.outputs)])

    def _sample(self, work: Work) -> str | None:
        """The explanations of the rows drawn, in the order of the files; None when they are on disk already."""
        if work.lines[-1].get("finished"):
            return None
        drawn = heapq.nsmallest(self.job.sample, (d for line in work.lines[1:] for d in line["drawn"]))
        texts = []
        zh = self.job.language == "zh"
        for number, row, own, *place in sorted(d[1:] for d in drawn):
            path = self.job.inputs.paths[number]
            part, _, _ = self._take(place, work)
            if self.kernel is not None:
                self.duck.take_rows(self.plan, part)
            values, results = self.duck.values(self.plan, [own])[own]
            given = sample.facts(self.job.program, self.plan.matched.reads, values)
            where = f"{path} 第{row}行" if zh else f"{path} row {row}"
            told = sample.explained(
                self.job.program,
                self.plan,
                given,
                results,
                self.job.outputs,
                self.job.language,
                f"{where}: {{}}".format,
            )
            texts.append(f"═══ {where} ═══\n{told.rstrip()}\n")
        return "\n".join(texts)

    def _summary(self, lines: Sequence[Mapping[str, Any]]) -> Summary:
        parts = [line for line in lines[1:] if "rows" in line]
        rejects: dict[tuple[str, str], int] = {}
        for line in parts:
            for code, column, count in line["codes"]:
                rejects[code, column] = rejects.get((code, column), 0) + count
        summed = [result for result in self.plan.results if result.summed]
        totals = []
        for at, result in enumerate(summed):
            total = sum((Fraction(line["sums"][at]) for line in parts), Fraction(0))
            kind = result.column.kind
            assert kind is not None
            totals.append(Total(result.name, kind, total if result.decimal else total / result.column.den))
        return Summary(
            sum(line["rows"] for line in parts),
            sum(line["answered"] for line in parts),
            tuple(totals),
            tuple((code, column, count) for (code, column), count in sorted(rejects.items())),
        )


def _texts(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "VARCHAR") for name in names)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
