"""How is a batch computed from its files to its output? Part after part, each complete before the next begins."""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from policydsl import __version__, pipeline
from policydsl.batch import chunks, kernel, sample
from policydsl.batch.duck import Duck
from policydsl.batch.given import BatchError, Inputs, Target, about, format_of
from policydsl.batch.kernel import Kernel
from policydsl.batch.matching import Column, Matched, clashes, match
from policydsl.batch.statements import REJECTS, Plan, plan
from policydsl.batch.work import Parts, Sink, Work, failed, read_lines
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Language, Words, listed
from policydsl.flat import Flat
from policydsl.ir import Program
from policydsl.kinds import Kind
from policydsl.nodes import Node, node

#: A part of Parquet files is as many whole row groups as come to so many rows.
PART = 10 * 122_880
#: The form of the manifest.
FORMAT = 1


@node
class Job(Node):
    """What is computed. `fixed` are inputs that are the same in every row, as texts; `texts` what stands for the members of
    each category; `keep` the columns to hand on (none: all); `limit` how many rejects are borne (None: any number);
    `sample` how many rows are explained."""

    program: Program
    outputs: tuple[str, ...]
    inputs: Inputs
    target: Target
    fixed: Mapping[str, str]
    texts: Mapping[str, Mapping[str, int]]
    keep: tuple[str, ...] = ()
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
        with Duck(job.target.work, threads=job.threads, memory=job.memory) as duck:
            return _Run(job, flat, duck).whole(resume, progress)
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
    def __init__(self, job: Job, flat: Flat, duck: Duck) -> None:
        self.job = job
        self.duck = duck
        self.sizes = [os.stat(path) for path in job.inputs.paths]
        self.begins = [0] * len(job.inputs.paths)
        columns = self._columns()
        self.columns = [c.name for c in columns]
        matched = match(
            job.program,
            flat,
            columns,
            job.inputs.paths[0],
            texts_only=job.inputs.form != "parquet",
            fixed=job.fixed,
            keep=job.keep,
        )
        if not isinstance(matched, Matched):
            raise BatchError(*matched)
        made = plan(job.program, flat, "duckdb", matched, job.texts)
        if not isinstance(made, Plan):
            raise BatchError(*made)
        if taken := tuple(clashes(matched, [r.name for r in made.results], job.inputs.paths[0])):
            raise BatchError(*taken)
        self.plan = made
        self.groups: dict[int, list[int]] = {}
        self.kernel = self._kernel()

    def _columns(self) -> tuple[Column, ...]:
        """The columns of the first file, when those of the others are the same."""
        first: tuple[Column, ...] = ()
        for number, path in enumerate(self.job.inputs.paths):
            if self.job.inputs.form == "parquet":
                own = self.duck.columns(path)
            else:
                try:
                    names, self.begins[number] = chunks.heading(path, self.job.inputs.form)
                except OSError as error:
                    reason = Words(str(error.strerror), str(error.strerror))
                    raise BatchError(about(codes.BATCH_UNREADABLE, path, {"reason": reason})) from None
                own = tuple(Column(name, "VARCHAR") for name in names)
            first = first or own
            if own != first:
                differ = [c.name for c in own if c not in first] + [c.name for c in first if c not in own]
                facts: dict[str, Fact] = {
                    "other": self.job.inputs.paths[0],
                    "columns": listed(differ or [c.name for c in own]),
                }
                raise BatchError(about(codes.BATCH_FILES_DIFFER, path, facts))
        return first

    def _kernel(self) -> Kernel | None:
        """What computes faster than SQL, where it can be had."""
        job = self.job
        if job.inputs.form != "parquet" or job.target.form != "parquet" or not kernel.is_there():
            return None
        made = kernel.Kernel(job.program, job.outputs, self.plan, self._count() or 0)
        return made if made.fits(job.inputs.paths) else None

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
            work.close()

    # what is computed, and where it goes

    def _output(self) -> Sink | Parts:
        form, target = self.job.target.form, self.job.target
        if target.folder:
            return Parts(target.work, form)
        head = b"" if form == "parquet" else chunks.written_heading(self.plan.columns, form)
        return Sink(target.work, "output", parquet=form == "parquet", head=head)

    def _rejects(self) -> Sink:
        form = format_of(self.job.target.rejects)
        # rejects are read by people, and their spreadsheets know UTF-8 by its mark
        head = b"" if form == "parquet" else "\ufeff".encode() + chunks.written_heading(REJECTS, "csv")
        return Sink(self.job.target.work, "rejects", parquet=form == "parquet", head=head)

    def _about(self) -> dict[str, Any]:
        """All that the bytes of the output depend on."""
        job = self.job
        options = {
            "outputs": list(job.outputs),
            "keep": list(job.keep),
            "set": dict(job.fixed),
            "form": job.target.form,
            "rejects": job.target.rejects,
            "sample": [job.sample, job.language if job.sample else ""],
            "inputs": [list(job.inputs.roots), job.inputs.form],
        }
        files = [
            [path, s.st_size, s.st_mtime_ns] for path, s in zip(job.inputs.paths, self.sizes, strict=True)
        ]
        versions = {"policydsl": __version__, "duckdb": self.duck.version, "manifest": FORMAT}
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
        place = lines[-1]["next"] if len(lines) > 1 else [0, 0, 0]
        progress(rows, total, self._bytes(place), size)
        while place is not None:
            place, line = self._part(work, place, first=len(lines) == 1)
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

    def _part(
        self, work: Work, place: Sequence[int], *, first: bool
    ) -> tuple[list[int] | None, dict[str, Any]]:
        """Compute the part that begins at `place`: the number of a file, a row in it, and for CSV a byte of it. Gives
        where the next begins, and the line of the manifest."""
        duck, made, target, temporary = self.duck, self.plan, self.job.target, work.temporary
        number, row, offset = place
        path = self.job.inputs.paths[number]
        after: list[int] | None
        if self.job.inputs.form == "parquet":
            rows, last = self._rows_from(number, row)
            duck.take_rows(made, path, row, rows)
            after = [number + 1, 0, 0] if last else [number, row + rows, 0]
        else:
            offset = offset or self.begins[number]
            data = chunks.chunk(path, offset, row)
            chunk = f"{temporary}.chunk"
            with open(chunk, "wb") as file:
                file.write(chunks.with_line_feeds(data))
            rows = duck.take_chunk(made, self.columns, chunk, self.job.inputs.form, path, row)
            end = offset + len(data)
            whole = not data or end >= self.sizes[number].st_size
            after = [number + 1, 0, 0] if whole else [number, row + rows, end]
            os.unlink(chunk)
        if after[0] == len(self.job.inputs.paths):
            after = None
        try:
            if self.kernel is not None:
                answered, sums = self.kernel.write_answers(path, row, rows, temporary)
            else:
                answered = duck.write_answers(made, temporary, target.form, heading=target.folder)
                sums = duck.sums(made, temporary) if target.form == "parquet" else duck.sums_again(made)
            work.output.append(temporary)
            rejects: list[tuple[str, str, int]] = []
            if answered < rows or first:  # a Parquet file has its columns from the first part
                form = format_of(target.rejects) or "csv"
                rejects = duck.write_rejects(made, temporary, form, none=answered == rows)
                work.rejects.append(temporary)
        except duck.error as error:
            raise self._trouble(error, path) from None
        assert answered + sum(count for *_, count in rejects) == rows, "a row is lost"
        drawn = []
        if self.job.sample:
            part = len(work.lines)
            least = duck.least(made, sample.key(self._seed(), part), self.job.sample)
            drawn = [[key, number, row_number, *place] for key, row_number in least]
        line = {
            "rows": rows,
            "answered": answered,
            "sums": sums,
            "codes": rejects,
            "drawn": drawn,
            "next": after,
        }
        if os.path.exists(temporary):
            os.unlink(temporary)
        work.add(line)
        return after, line

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
        return BatchError(about(codes.BATCH_UNREADABLE, path, {"reason": words[:200]}))

    def _groups(self, number: int) -> list[int]:
        if number not in self.groups:
            self.groups[number] = self.duck.groups(self.job.inputs.paths[number])
        return self.groups[number]

    def _rows_from(self, number: int, row: int) -> tuple[int, bool]:
        """How many rows the part has that begins at `row` of a Parquet file, and whether it is the last of it."""
        at = taken = 0
        groups = self._groups(number)
        for rows in groups:
            if at >= row:
                if taken >= PART:
                    break
                taken += rows
            at += rows
        return taken, row + taken == sum(groups)

    def _count(self) -> int | None:
        if self.job.inputs.form != "parquet":
            return None
        return sum(sum(self._groups(number)) for number in range(len(self.job.inputs.paths)))

    def _bytes(self, place: Sequence[int]) -> int:
        return sum(s.st_size for s in self.sizes[: place[0]]) + place[2]

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
        for number, row, *place in sorted(d[1:] for d in drawn):
            path = self.job.inputs.paths[number]
            self._take_again(place, work)
            values, results = self.duck.values(self.plan, [row])[row]
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

    def _take_again(self, place: Sequence[int], work: Work) -> None:
        number, row, offset = place
        path = self.job.inputs.paths[number]
        if self.job.inputs.form == "parquet":
            self.duck.take_rows(self.plan, path, row, self._rows_from(number, row)[0])
            return
        chunk = f"{work.temporary}.chunk"
        with open(chunk, "wb") as file:
            file.write(chunks.with_line_feeds(chunks.chunk(path, offset or self.begins[number], row)))
        self.duck.take_chunk(self.plan, self.columns, chunk, self.job.inputs.form, path, row)
        os.unlink(chunk)

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


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
