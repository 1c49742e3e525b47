"""What does a row cost on every engine, and is it right? Three benefits of Ningxia 2020 and all of them together.

    python -m benchmarks.engines [--rows N] [--rounds N] [--only PART …] [--full]

Prints tables in Markdown; what it is doing meanwhile goes to standard error. Times are multiples of the memory limit
of the same run: a loop that moves the same bytes. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import platform
from collections.abc import Sequence
from datetime import date

from benchmarks import growth
from benchmarks.others import other_ways
from benchmarks.ours import columns_ways, python_way, sql_ways
from benchmarks.ways import Way, keep_memory, measure, said, wrong_rows
from benchmarks.workloads import (
    BY_HAND,
    LIMIT,
    PAYOUT,
    POLICY,
    WORKLOADS,
    Workload,
    in_blocks,
    interpreted,
    moved,
    people,
    some,
)

import policydsl

PARTS = (*WORKLOADS, "growth", "bands", "tables")
#: Rows of which the interpreter gives the answers.
SAMPLE = 2_000
THERE = "the same, into columns that are there already"

#: What is aimed at for the payout: a way, what it is compared with, and the most it may be of that.
TARGETS = (
    ("policydsl columns, numba, 1 thread", LIMIT, 1.6),
    ("policydsl columns, numba, 2 threads", LIMIT, 1.2),
    ("policydsl columns, NumPy", LIMIT, 18),
    ("policydsl columns, Polars expressions", LIMIT, 14),
    ("policydsl SQL on DuckDB, 2 threads", LIMIT, 22),
    ("policydsl SQL on DuckDB, 2 threads", "plain sum over bands on DuckDB, unchecked, 2 threads", 1 / 3),
)


def workload(workload: Workload, rows: int, rounds: int) -> list[str]:
    """The table of one workload; and the engines that are not installed."""
    said(f"{workload.name}: {rows:,} rows")
    policy = policydsl.load(POLICY)
    table = some(people(rows), workload)
    expected = BY_HAND[workload.name](table)
    sample = min(rows, SAMPLE)
    first = {name: column[:sample] for name, column in expected.items()}
    off = wrong_rows(first, interpreted(policy, workload, some(table, workload, sample)), sample)
    if off:
        raise SystemExit(
            f"{workload.name}: {off} of {sample} rows by hand are not what the interpreter answers"
        )
    there = moved(workload, table)
    by_hand = BY_HAND[workload.name]
    # rows that are the slower engines' share of a small run
    divided = max(1, 2_000_000 // rows)
    others, missing = other_ways(workload, table, divided)
    python = python_way(policy, workload, some(table, workload, max(1, 200_000 // divided)))
    fast = [
        Way(LIMIT, rows, lambda: moved(workload, table), checked=False),
        Way(THERE, rows, lambda: moved(workload, table, there), checked=False),
        *columns_ways(policy, workload.outputs, table),
        *sql_ways(policy, workload.outputs, table),
        Way("NumPy by hand, in blocks of 16,384 rows", rows, lambda: in_blocks(by_hand)(table)),
        Way("NumPy by hand, whole columns", rows, lambda: by_hand(table)),
    ]
    measure([*fast, python, *others], rounds, expected)
    report(workload, [*fast, python, *others], rows, sample)
    return missing


def report(workload: Workload, ways: Sequence[Way], rows: int, sample: int) -> None:
    limit = ways[0].a_row
    print(
        f"| {workload.name} | × the memory limit | ns a row | processor ns | wrong rows |\n|---|--:|--:|--:|--:|"
    )
    for way in ways:
        wrong = "" if way.wrong is None else "0" if not way.wrong else f"{way.wrong:,} of {way.rows:,}"
        took = (way.a_row / limit, way.a_row * 1e9, way.worked_a_row * 1e9)
        print(f"| {way.name} | {' | '.join(map(ratio, took))} | {wrong} |")
    print(
        f"\n{rows:,} rows, the slower engines fewer. By hand is right: the interpreter agrees on {sample:,} rows.\n"
    )
    if workload is PAYOUT:
        by_name = {way.name: way for way in ways}
        for name, other, most in TARGETS:
            one, two = by_name[name], by_name[other]
            found = one.a_row / two.a_row
            worked = one.worked_a_row / threads(one) / (two.worked_a_row / threads(two))
            verdict = "within" if min(found, worked) <= most else "ABOVE"
            print(f"- {name}: {found:.2f} × {other}, by processor time {worked:.2f}; {verdict} {most:.2f}")
        print()


def threads(way: Way) -> int:
    """Among how many threads its work is divided: with them, the clock of a quiet machine shows its processor time."""
    return 2 if way.name.endswith(("2 threads", "Polars expressions")) else 1


def ratio(number: float) -> str:
    if math.isinf(number):
        return ""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    day = date.today()
    return f"{day.day} {day:%B %Y}, {platform.python_implementation()} {platform.python_version()}, {cores} cores{load}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="rows for the engines that are fast enough"
    )
    parser.add_argument("--rounds", type=int, default=7, help="each way's best round counts")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--full", action="store_true", help="grow to 10^8 rows")
    asked = parser.parse_args(arguments)
    kept = "" if keep_memory() else "; memory may be handed out anew in every round"
    print(f"{machine()}{kept}\n")
    missing: list[str] = []
    for name, one in WORKLOADS.items():
        if name in asked.only:
            missing += workload(one, asked.rows, asked.rounds)
            gc.collect()
    if "growth" in asked.only:
        growth.rows(asked.rows if not asked.full else 10 * asked.rows, asked.rounds)
    if "bands" in asked.only:
        growth.bands(asked.rows // 10, asked.rounds)
    if "tables" in asked.only:
        growth.tables(asked.rows // 10, asked.rounds)
    for line in dict.fromkeys(missing):
        print(line)
    print(f"\nAt the end: {machine()}")


if __name__ == "__main__":
    main()
