"""What does a batch cost from file to file, beside libraries that only read and write? And does its memory stay flat?

    python -m benchmarks.files [--rows N] [--rounds N] [--only PART …] [--full] [--folder PATH]

The rows are claims in Parquet, four columns; what is computed is the critical-illness payout of Ningxia 2020. All ways run
in turn in one process, after a round that is not timed; then once more as commands of their own, from start to end. Each is
divided by what pyarrow takes to read one column and to write one. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.engines import machine, ratio
from benchmarks.ways import Way, measure, said
from benchmarks.workloads import BY_HAND, MEMBERS, PAYOUT, people, some

import policydsl
from policydsl.batch import given, run

POLICY = Path(__file__).parent.parent / "policies" / "ningxia" / "2020.pol"
INPUTS = list(PAYOUT.inputs)
TEXTS = [name for name in INPUTS if name in MEMBERS]
ONE, FOUR = "pyarrow: one column in, one out", "pyarrow: the four inputs in, one column out"
#: What is aimed at, and what it is a multiple of.
TARGET = 1.1
#: Rows of a row group, as pyarrow and DuckDB write them.
GROUPS = {"pyarrow": 1 << 20, "duckdb": 122_880}
PARTS = (*GROUPS, "commands")


def claims(path: str, rows: int, group: int) -> None:
    """Write a file of claims: a million made-up people, again and again."""
    table = some(people(min(rows, 1_000_000)), PAYOUT)
    columns = {"cost_fen": pa.array(table["cost_fen"])}
    for name in TEXTS:
        codes = pa.array(table[name].astype("int8"))
        columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(MEMBERS[name])).cast(pa.string())
    drawn = pa.table(columns)
    with pq.ParquetWriter(path, drawn.schema, use_dictionary=TEXTS) as writer:
        whole = pa.concat_tables([drawn] * -(-group // len(drawn)))
        while rows:
            taken = min(rows, group)
            writer.write_table(whole.slice(0, taken), row_group_size=group)
            rows -= taken


class Files:
    """The ways from one file to another."""

    def __init__(self, path: str, folder: str) -> None:
        self.path = path
        self.out = os.path.join(folder, "out.parquet")
        self.program = policydsl.load(POLICY).program
        self.summary: run.Summary | None = None

    def whole(self, columns: list[str], texts: list[str]) -> None:
        """Read whole columns, write the first; as the manual of pyarrow says, on two threads."""
        table = pq.read_table(self.path, columns=columns, read_dictionary=texts)
        pq.write_table(table.select(columns[:1]), self.out)

    def grouped(self, columns: list[str], texts: list[str]) -> None:
        """The same, a row group at a time: in bounded memory."""
        file = pq.ParquetFile(self.path, read_dictionary=texts)
        schema = pa.schema([file.schema_arrow.field(columns[0])])
        with pq.ParquetWriter(self.out, schema) as writer:
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group, columns=columns).select(columns[:1]))

    def all(self) -> None:
        """Read all columns, texts as dictionaries, and write them with one more."""
        table = pq.read_table(self.path, columns=INPUTS, read_dictionary=TEXTS)
        pq.write_table(table.append_column("payout_fen", table.column("cost_fen")), self.out)

    def duckdb(self) -> None:
        connection = duckdb.connect(config={"threads": 2})
        connection.execute(f"COPY (SELECT cost_fen FROM '{self.path}') TO '{self.out}' (FORMAT parquet)")
        connection.close()

    def polars(self) -> None:
        pl.scan_parquet(self.path).select("cost_fen").sink_parquet(self.out)

    def batch(self, *, keep: tuple[str, ...] = (), bare: bool = False) -> None:
        inputs = given.inputs([self.path])
        target = given.target(self.out, None, inputs)
        job = run.Job(self.program, PAYOUT.outputs, inputs, target, {}, {}, keep, bare)
        self.summary = run.run(job, resume=False, force=True, progress=lambda *_: None)

    def ways(self, rows: int) -> list[Way]:
        def way(name: str, call: Callable[[], None]) -> Way:
            return Way(name, rows, call, checked=False)

        return [
            way(ONE, lambda: self.whole(INPUTS[:1], [])),
            way(f"{ONE}, by row groups", lambda: self.grouped(INPUTS[:1], [])),
            way(FOUR, lambda: self.whole(INPUTS, [])),
            way(f"{FOUR}, texts as dictionaries", lambda: self.whole(INPUTS, TEXTS)),
            way("pyarrow: the four inputs in, five columns out, texts as dictionaries", self.all),
            way("DuckDB: one column in, one out", self.duckdb),
            way("Polars: one column in, one out", self.polars),
            way("policydsl batch, the result alone", lambda: self.batch(bare=True)),
            way("policydsl batch, one column and the result", lambda: self.batch(keep=("cost_fen",))),
            way("policydsl batch, all columns and the result", self.batch),
        ]


def in_one_process(path: str, rows: int, rounds: int, folder: str, group: str) -> None:
    """The table of all ways, as multiples of the first by the clock and by processor time."""
    files = Files(path, folder)
    ways = files.ways(rows)
    measure(ways, rounds)
    check(files, rows)
    one, four = ways[0], ways[3]
    print(f"| {rows:,} rows, row groups of {GROUPS[group]:,} | seconds | × | processor | × | × four in |")
    print("|---|--:|--:|--:|--:|--:|")
    for way in ways:
        shown = (way.best, way.best / one.best, way.worked, way.worked / one.worked, way.worked / four.worked)
        print(f"| {way.name} | {' | '.join(map(ratio, shown))} |")
    print()
    for way in ways[-3:]:
        verdict = "within" if max(way.best / one.best, way.worked / one.worked) <= TARGET else "ABOVE"
        print(f"- {way.name}: {verdict} {TARGET} × {ONE}")
    print()


def check(files: Files, rows: int) -> None:
    """What a batch writes is what somebody computes by hand with NumPy."""
    files.batch()
    table = pq.read_table(files.out, columns=["cost_fen", "payout_fen"])
    drawn = some(people(min(rows, 1_000_000)), PAYOUT)
    expected = BY_HAND[PAYOUT.name](drawn)["payout_fen"]
    first = min(rows, len(expected), GROUPS["duckdb"])
    made = table["payout_fen"].to_numpy()
    assert files.summary is not None and files.summary.answered == rows == len(made)
    if (made[:first] != expected[:first]).any():
        raise SystemExit("the batch is not what is computed by hand")


def as_command(arguments: list[str]) -> tuple[float, float, int]:
    """Seconds by the clock, seconds of the processors, and the most memory of a process, in MB."""
    script = (
        "import os, resource, sys, time, subprocess\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    seconds, worked, peak = done.stdout.split()[-3:]
    return float(seconds), float(worked), int(peak) // 1024


def calls(path: str, out: str) -> dict[str, list[str]]:
    only = (
        "import pyarrow.parquet as pq; "
        f"pq.write_table(pq.read_table({path!r}, columns=['cost_fen']), {out!r})"
    )
    batch = [sys.executable, "-m", "policydsl", "batch", str(POLICY), "payout", "--draft", "--force"]
    batch += ["-i", path, "-o", out]
    return {
        ONE: [sys.executable, "-c", only],
        "policydsl batch, the result alone": [*batch, "--results-only"],
        "policydsl batch, one column and the result": [*batch, "--keep", "cost_fen"],
        "policydsl batch, all columns and the result": batch,
    }


def commands(paths: dict[int, str], folder: str, rounds: int) -> None:
    """The same as commands, start-up included, and the most memory they take."""
    out = os.path.join(folder, "out.parquet")
    print(f"| as commands | {' | '.join(f'{rows:,} rows' for rows in paths)} |")
    print(f"|---|{'--:|' * len(paths)}")
    for name in calls("", ""):
        cells = []
        for rows, path in paths.items():
            said(f"{name}: {rows:,} rows")
            times = rounds if rows <= 10_000_000 else 1
            found = [as_command(calls(path, out)[name]) for _ in range(times)]
            seconds, worked, peak = (min(f[i] for f in found) for i in range(3))
            cells.append(f"{seconds:.2f} s, processor {worked:.2f} s, {peak:,} MB")
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the first table")
    parser.add_argument("--rounds", type=int, default=5, help="each way's best round counts")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--full", action="store_true", help="commands for up to 10^8 rows")
    parser.add_argument("--folder", help="where files are written, and taken away again")
    asked = parser.parse_args(arguments)
    pa.set_cpu_count(2)
    print(f"{machine()}\n")
    folder = tempfile.mkdtemp(prefix="policydsl-files-", dir=asked.folder)
    try:
        path = os.path.join(folder, "in.parquet")
        for group, rows in GROUPS.items():
            if group in asked.only:
                claims(path, asked.rows, rows)
                in_one_process(path, asked.rows, asked.rounds, folder, group)
        paths = {}
        for rows in (1_000_000, 10_000_000, *([100_000_000] if asked.full else [])):
            paths[rows] = os.path.join(folder, f"{rows}.parquet")
        if "commands" in asked.only:
            for rows, path in paths.items():
                claims(path, rows, GROUPS["pyarrow"])
            commands(paths, folder, asked.rounds)
    finally:
        shutil.rmtree(folder)
    print(f"At the end: {machine()}")


if __name__ == "__main__":
    main()
