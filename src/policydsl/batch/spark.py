"""How is a batch computed on a cluster? Spark runs the same SQL; Parquet in and out. The only module that imports pyspark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from policydsl import pipeline
from policydsl.batch import given
from policydsl.batch.given import BatchError, Target, about
from policydsl.batch.matching import Column, Matched, clashes, match
from policydsl.batch.run import Summary, Total
from policydsl.batch.statements import VIEW, Plan, answered, name, plan, refused, sums, view
from policydsl.batch.work import failed
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Words
from policydsl.flat import Flat
from policydsl.ir import Program

_INDEX, _PATH, _MADE = "~index", "~path", "policydsl_rows"


def run(
    program: Program,
    outputs: Sequence[str],
    roots: Sequence[str],
    output: str,
    fixed: Mapping[str, str],
    texts: Mapping[str, Mapping[str, int]],
    keep: Sequence[str] | None,
    limit: int | None,
    master: str,
    *,
    force: bool,
) -> tuple[Summary, Target]:
    """Compute the batch with the Spark at `master`, or the one that runs already in this process. `roots` and `output` are
    folders or files of Parquet, on any file system that Spark knows. Raises BatchError."""
    if missing := [library for library in ("pyspark", "sqlglot") if find_spec(library) is None]:
        facts = {"library": ", ".join(missing), "extra": "spark"}
        raise BatchError(about(codes.BATCH_NEEDS_EXTRA, "", facts))
    target = _target(output, roots, force)
    flat = pipeline.flatten(program, outputs)
    if not isinstance(flat, Flat):
        raise BatchError(*flat)
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    ours = SparkSession.getActiveSession() is None
    session: Any = None
    try:
        builder: Any = SparkSession.builder
        session = (
            builder.master(master)
            .appName("policydsl batch")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        return _Batch(program, flat, session, target, limit).done(roots, fixed, texts, keep), target
    except (PySparkException, Py4JError) as error:
        reason = " ".join(str(error).split("\n\n")[0].split("\n\tat ")[0].split())[:300]
        raise BatchError(
            about(codes.BATCH_SPARK_FAILED, output, {"reason": reason, "master": master})
        ) from None
    except OSError as error:
        raise failed(error, output) from None
    finally:
        if ours and session is not None:
            session.stop()


def is_remote(path: str) -> bool:
    """Whether a path is one of another file system than this machine's: hdfs://…, s3a://…"""
    return "://" in path


def _target(output: str, roots: Sequence[str], force: bool) -> Target:
    path = output.rstrip("/")
    stem = os.path.splitext(path)[0] if given.format_of(path) else path
    made = Target(path, "parquet", True, f"{stem}.rejects", f"{stem}.explained.txt")
    if given.format_of(path) in ("csv", "tsv"):
        what = Words("output in CSV", "输出CSV")
        instead = Words("name a folder for Parquet: `-o paid/`", "改为输出Parquet的文件夹，如 `-o paid/`")
        raise BatchError(about(codes.BATCH_NOT_ON_SPARK, output, {"what": what, "instead": instead}))
    local = [root for root in roots if not is_remote(root)]
    if local:
        found = given.inputs(local)
        if found.form != "parquet":
            what = Words("input in CSV", "输入CSV")
            instead = Words(
                "make Parquet of it first, or compute it with `--engine duckdb`",
                "先转换为Parquet，或者改用 `--engine duckdb`",
            )
            raise BatchError(about(codes.BATCH_NOT_ON_SPARK, local[0], {"what": what, "instead": instead}))
        if not is_remote(path):
            given.target(f"{path}/", f"{path}.rejects.parquet", found)
    for one in (made.path, made.rejects):
        if not is_remote(one) and os.path.lexists(one) and not force:
            raise BatchError(about(codes.BATCH_OUTPUT_EXISTS, one))
    return made


class _Batch:
    def __init__(self, program: Program, flat: Flat, session: Any, target: Target, limit: int | None) -> None:
        self.program = program
        self.flat = flat
        self.session = session
        self.target = target
        self.limit = limit

    def done(
        self,
        roots: Sequence[str],
        fixed: Mapping[str, str],
        texts: Mapping[str, Mapping[str, int]],
        keep: Sequence[str] | None,
    ) -> Summary:
        from pyspark.sql import functions as f

        target, session = self.target, self.session
        frame = session.read.parquet(*[_escaped(root) for root in roots])
        columns = [Column(called, kind.upper()) for called, kind in frame.dtypes]
        matched = match(self.program, self.flat, columns, roots[0], texts_only=False, fixed=fixed, keep=keep)
        if not isinstance(matched, Matched):
            raise BatchError(*matched)
        made = plan(self.program, self.flat, "spark", matched, texts)
        if not isinstance(made, Plan):
            raise BatchError(*made)
        if taken := tuple(clashes(matched, [r.name for r in made.results], roots[0])):
            raise BatchError(*taken)
        marked = frame.select(
            "*", f.col("_metadata.row_index").alias(_INDEX), f.col("_metadata.file_path").alias(_PATH)
        )
        marked.createOrReplaceTempView(_MADE)
        row = f"{name(_INDEX, 'spark')} + 1"
        path = f"url_decode(replace(regexp_replace({name(_PATH, 'spark')}, '^file:/+', '/'), '+', '%2B'))"
        select = view(made, "spark", name(_MADE, "spark"), row, path, blank=False)
        session.sql(select).createOrReplaceTempView(VIEW)

        rejects = self._unfinished(target.rejects, "rejects")
        listed = session.sql(refused(made, "spark")).orderBy("file", "row")
        listed.write.mode("overwrite").parquet(rejects)
        counts = session.read.parquet(_escaped(rejects)).groupBy("code", "column").count().collect()
        codes_found = tuple(sorted((r[0], r[1], r[2]) for r in counts))
        rejected = sum(count for *_, count in codes_found)
        if self.limit is not None and rejected > self.limit:
            facts = {"rejects": rejected, "limit": self.limit, "rejects_path": rejects}
            raise BatchError(about(codes.BATCH_TOO_MANY_REJECTS, target.path, facts))

        out = self._unfinished(target.path, "output")
        session.sql(answered(made, "spark")).write.mode("overwrite").option("compression", "snappy").parquet(
            out
        )
        paid = session.read.parquet(_escaped(out))
        rows = paid.count()
        assert rows + rejected == frame.count(), "a row is lost"
        summary = Summary(rows + rejected, rows, self._totals(made, paid), codes_found)
        self._named(rejects, target.rejects)
        self._named(out, target.path)
        if os.path.isdir(target.work):
            shutil.rmtree(target.work)
        return summary

    def _totals(self, made: Plan, paid: Any) -> tuple[Total, ...]:
        paid.createOrReplaceTempView(_MADE)
        query = sums(made, "spark", name(_MADE, "spark"))
        found = [] if query is None else list(self.session.sql(query).collect()[0])
        totals = []
        for result, value in zip((r for r in made.results if r.summed), found, strict=True):
            total, kind = Fraction(Decimal(value or 0)), result.column.kind
            assert kind is not None
            totals.append(Total(result.name, kind, total if result.decimal else total / result.column.den))
        return tuple(totals)

    def _unfinished(self, path: str, called: str) -> str:
        """Where an output is written first; elsewhere than on this machine Spark's own commit must do."""
        return path if is_remote(path) else os.path.abspath(os.path.join(self.target.work, called))

    def _named(self, made: str, final: str) -> None:
        if is_remote(final):
            return
        if os.path.isdir(final):
            shutil.rmtree(final)
        elif os.path.lexists(final):
            os.unlink(final)
        os.replace(made, final)


def _escaped(path: str) -> str:
    """A path of this machine in which no character stands for others; others are Spark's to read."""
    if is_remote(path):
        return path
    return "".join(f"\\{c}" if c in "*?[]{}\\" else c for c in os.path.abspath(path))
