"""How fast are columns, and are they right? The critical-illness payout of Ningxia 2020 for millions of rows.

    python benchmarks/columns.py [--rows N] [--rounds N] [--growth] [--bands] [--tables]

Times are multiples of the memory limit: a loop compiled by numba that reads the same columns, adds them up and
writes one result of the same size, measured in the same run. Runs are interleaved and each way's best round counts.
Every way answers the same rows, and its answers are compared with those of a computation by hand. See
benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numba
import numpy as np
import polars as pl

import policydsl

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "policies" / "ningxia" / "2020.pol"

START = np.array([[10000, 10000, 9500, 9500, 8500], [3000] * 5], np.int64) * 100
EDGES = np.array([100000, 200000, 300000, 400000, 500000], np.int64) * 100
RATES = np.array(
    [
        [60, 61, 62, 63, 66, 70],
        [61, 63, 64, 65, 68, 73],
        [62, 66, 67, 68, 71, 75],
        [64, 68, 69, 70, 73, 77],
    ],
    np.int64,
)

Table = dict[str, Any]


def cases(rows: int) -> Table:
    """Costs are log-normal with a median of 20,000元: 19 bytes a row with the result."""
    rng = np.random.default_rng(20200914)
    cost = np.minimum(10**10, rng.lognormal(math.log(2_000_000), 1.0, rows)).astype(np.int64)
    return {
        "cost_fen": cost,
        "city": rng.integers(0, 5, rows).astype(np.uint8),
        "group": rng.integers(0, 2, rows).astype(np.uint8),
        "disease": rng.integers(0, 2, rows).astype(np.uint8),
    }


def exact(table: Table) -> Any:
    """The answer in 分, in integers and the plainest NumPy: each slice at its rate, rounded half up."""
    cost, column = table["cost_fen"], table["group"] * 2 + table["disease"]
    low = START[table["group"], table["city"]]
    paid = np.zeros(len(cost), np.int64)
    for k in range(6):
        top = cost if k == 5 else np.minimum(cost, EDGES[k])
        paid += np.maximum(top - low, 0) * RATES[column, k]
        low = low if k == 5 else np.full(len(cost), EDGES[k])
    return (paid + 50) // 100


@numba.njit(nogil=True)
def _moved(cost: Any, city: Any, group: Any, disease: Any, out: Any) -> None:
    for i in range(len(out)):
        out[i] = cost[i] + city[i] + group[i] + disease[i]


def moved(table: Table) -> Any:
    """The memory limit: the same bytes in, a new column of the same size out, and next to no arithmetic."""
    out = np.empty(len(table["cost_fen"]), np.int64)
    _moved(*table.values(), out)  # type: ignore[call-arg]
    return out


@dataclass
class Way:
    """`run` gives the answers to a table; `checked`: they are to be the exact ones."""

    name: str
    run: Callable[[Table], Any]
    checked: bool = True
    best: float = math.inf


def our_ways(policy: policydsl.Policy, output: str) -> list[Way]:
    name = f"{output}_fen"

    def way(title: str, **options: Any) -> Way:
        compute = policydsl.columns(policy, [output], **options)
        return Way(title, lambda table: compute(table)[name])

    lazy = policydsl.columns(policy, [output], on_error="mark")
    frames: dict[int, pl.DataFrame] = {}

    def polars(table: Table) -> Any:
        frame = frames.setdefault(id(table), pl.DataFrame(table))
        return lazy(frame.lazy()).collect(engine="streaming")[name].to_numpy()

    return [
        way("numba, 1 thread", engine="numba", threads=1),
        way("numba, 2 threads", engine="numba", threads=2),
        way("NumPy in blocks", engine="numpy"),
        Way("Polars expressions, streaming", polars),
    ]


def timed(ways: list[Way], table: Table, answers: Any, rounds: int) -> None:
    for way in ways:
        way.best = math.inf
        given = way.run({name: column[:1000] for name, column in table.items()})
        if way.checked and answers is not None:
            assert np.array_equal(given, answers[:1000]), way.name
    for round_ in range(rounds):
        for way in ways:
            start = perf_counter()
            given = way.run(table)
            way.best = min(way.best, perf_counter() - start)
            if round_ == 0 and way.checked and answers is not None:
                wrong = int((given != answers).sum())
                assert not wrong, f"{way.name}: {wrong} rows differ"
            del given


def report(ways: list[Way], rows: int, limit: float) -> None:
    print(f"| {rows:,} rows | × the memory limit | million rows a second |\n|---|--:|--:|")
    for way in ways:
        print(f"| {way.name} | {way.best / limit:.2f} | {rows / way.best / 1e6:,.0f} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--growth", action="store_true", help="from 10**4 to 10**8 rows")
    parser.add_argument("--bands", action="store_true", help="6, 60 and 600 bands over the same amounts")
    parser.add_argument("--tables", action="store_true", help="tables of 10 to 10**5 rows")
    asked = parser.parse_args()
    policy = policydsl.load(POLICY)
    limit = Way("memory limit: a loop that moves the same bytes", moved, checked=False)
    table = cases(asked.rows)
    ways = [limit, *our_ways(policy, "payout"), Way("hand-written NumPy, whole columns", exact)]
    timed(ways, table, exact(table), asked.rounds)
    report(ways, asked.rows, limit.best)
    if asked.growth:
        growth(policy, asked.rounds)
    if asked.bands:
        bands(asked.rows, asked.rounds)
    if asked.tables:
        tables(asked.rows, asked.rounds)


def growth(policy: policydsl.Policy, rounds: int) -> None:
    ways = our_ways(policy, "payout")
    print(f"| nanoseconds a row | {' | '.join(way.name for way in ways)} |\n|---|{'--:|' * len(ways)}")
    for power in range(4, 9):
        table = cases(10**power)
        timed(ways, table, None, rounds if power < 8 else 2)
        print(f"| 10^{power} rows | {' | '.join(f'{way.best / 10**power * 1e9:.2f}' for way in ways)} |")
    print()


def written(name: str, text: str) -> policydsl.Policy:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.pol"
        path.write_text(text, encoding="utf-8")
        return policydsl.load(path)


def compared(title: str, sizes: dict[int, policydsl.Policy], output: str, table: Table, rounds: int) -> None:
    """Seconds by size, as multiples of the smallest."""
    found: dict[str, list[float]] = {}
    for policy in sizes.values():
        ways = our_ways(policy, output)
        timed(ways, table, None, rounds)
        for way in ways:
            found.setdefault(way.name, []).append(way.best)
    print(
        f"| {title}, × the smallest | {' | '.join(f'{size:,}' for size in sizes)} |\n|---|{'--:|' * len(sizes)}"
    )
    for name, times in found.items():
        print(f"| {name} | {' | '.join(f'{time / times[0]:.2f}' for time in times)} |")
    print()


def bands(rows: int, rounds: int) -> None:
    """The range up to 600,000元 in 6, 60 and 600 bands of the same width, in four columns."""
    sizes = {}
    for count in (6, 60, 600):
        width = 600_000 // count
        cells = "".join(
            f"  | {i * width}-{(i + 1) * width} | {' | '.join(str(20 + i % 40 + 5 * k) for k in range(4))} |\n"
            for i in range(count - 1)
        )
        text = (
            'policy many "many"\ncategory group: ordinary, poor\ncategory disease: common, major\n'
            "input cost: money in 0元 .. 1亿元\ntiers paid of cost, marginal, by group, disease\n"
            "  | cost (元) | ordinary common (%) | ordinary major (%) | poor common (%) | poor major (%) |\n"
            f"{cells}  | {(count - 1) * width} and over | 80 | 85 | 90 | 95 |\n  round half up to 0.01元\n"
        )
        sizes[count] = written("many", text)
    table = cases(rows)
    del table["city"]
    compared("bands", sizes, "paid", table, rounds)


def tables(rows: int, rounds: int) -> None:
    """A table by two categories and an amount, of 10 to 10**5 rows."""
    rng = np.random.default_rng(1)
    sizes = {}
    for count in (10, 100, 1000, 10_000, 100_000):
        step = 1_000_000 // count
        lines = "".join(f"  | from {i * step} below {(i + 1) * step} | {i % 977} |\n" for i in range(count))
        text = (
            f'policy rows "rows"\ninput cost: money in 0元 .. 999999.99元\n'
            f"table fee: money by cost\n  | cost (元) | fee (元) |\n{lines}"
        )
        try:
            sizes[count] = written("rows", text)
        except policydsl.PolicyFileError as error:
            print(f"{count:,} rows: {str(error).splitlines()[0]}\n")
            break
    cost = np.minimum(cases(rows)["cost_fen"], 99_999_999) + rng.integers(0, 1, rows)
    compared("rows of a table", sizes, "fee", {"cost_fen": cost}, rounds)


if __name__ == "__main__":
    main()
