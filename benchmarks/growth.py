"""How does the cost of a row grow with the rows, the bands of a schedule and the rows of a table?"""

from __future__ import annotations

import itertools
import math
import os
from decimal import Decimal
from time import perf_counter

from benchmarks.ours import columns_ways, sql_of, sql_ways
from benchmarks.ways import Way, measure, said
from benchmarks.workloads import LIMIT, PAYOUT, POLICY, Table, moved, payout_by_hand, people, some

import policydsl
from policydsl import pipeline
from policydsl.source import Source

#: Bytes a row of the payout needs at most at one time: the table, DuckDB's and Polars' own, the expected and the given answers.
BYTES = 100
BANDS = (6, 60, 600)
ROWS = (10, 100, 1_000, 10_000, 100_000)
CITIES = 5


def rows(most: int, rounds: int) -> None:
    """The payout, from 10^4 rows or fewer up to `most`, as far as a half of the free memory goes."""
    policy = policydsl.load(POLICY)
    sizes = [10**power for power in range(min(4, round(math.log10(most))), round(math.log10(most)) + 1)]
    times: dict[str, list[float]] = {}
    for size in list(sizes):
        if size * BYTES > free_memory() / 2:
            print(f"{size:,} rows are left out: they need {size * BYTES / 2**30:.0f} GiB\n")
            sizes.remove(size)
            continue
        said(f"growth: {size:,} rows")
        table = some(people(size), PAYOUT)
        ways = [
            Way(LIMIT, size, lambda table=table: moved(PAYOUT, table), checked=False),  # type: ignore[misc]
            *columns_ways(policy, PAYOUT.outputs, table),
            sql_ways(policy, PAYOUT.outputs, table, (2,))[0],
        ]
        measure(ways, rounds if size < 10**8 else 2, payout_by_hand(table))
        note(times, ways)
        del table, ways
    print(
        f"| critical-illness payout, processor ns a row | {' | '.join(f'{size:,} rows' for size in sizes)} | most for ten times |"
    )
    print(f"|---|{'--:|' * (len(sizes) + 1)}")
    for name, found in times.items():
        each = [10 * after / before for before, after in itertools.pairwise(found)]
        cells = [f"{seconds * 1e9:.1f}" for seconds in found]
        print(f"| {name} | {' | '.join(cells)} | {f'{max(each):.1f}' if each else ''} |")
    print("\nThe last column: how many times as long ten times the rows took, at most; 10 is in step.\n")


def bands(count: int, rounds: int) -> None:
    """A marginal schedule of 6, 60 and 600 bands up to 600,000元."""
    sized("bands of a schedule", [(size, schedule(size)) for size in BANDS], "paid", count, rounds)


def schedule(size: int) -> str:
    width = 600_000 // size
    lines = "".join(f"  | {i * width}-{(i + 1) * width} | {40 + i % 50} |\n" for i in range(size - 1))
    return (
        'policy many "many"\ninput cost: money in 0元 .. 1亿元\ntiers paid of cost, marginal\n'
        f"  | cost (元) | rate (%) |\n{lines}  | {(size - 1) * width} and over | 95 |\n"
        '  round half up to 0.01元 because "for the benchmarks"\n'
    )


def tables(count: int, rounds: int) -> None:
    """Tables by an amount, then by two categories, as large as a policy can hold."""
    sized("rows of a table by an amount", [(size, by_amount(size)) for size in ROWS], "fee", count, rounds)
    sized(
        "rows of a table by two categories", [(size, by_members(size)) for size in ROWS], "fee", count, rounds
    )


def by_amount(size: int) -> str:
    step = 1_000_000 // size
    lines = "".join(f"  | from {i * step} below {(i + 1) * step} | {i % 977} |\n" for i in range(size))
    return (
        f'policy rows "rows"\ninput cost: money in 0元 .. 999999.99元\n'
        f"table fee: money by cost\n  | cost (元) | fee (元) |\n{lines}"
    )


def by_members(size: int) -> str:
    """The places of the workload's columns `city` and `area` stand for members of these categories."""
    second = size // CITIES
    lines = "".join(f"|c{i}|a{j}|{(i * second + j) % 977}|\n" for i in range(CITIES) for j in range(second))
    return (
        f'policy rows "rows"\ncategory city: {", ".join(f"c{i}" for i in range(CITIES))}\n'
        f"category area:\n{listed([f'a{j}' for j in range(second)])}\n"
        f"table fee: money by city, area\n|city|area|fee (元)|\n{lines}"
    )


def listed(members: list[str]) -> str:
    """Members, 200 a line."""
    lines = [", ".join(members[start : start + 200]) for start in range(0, len(members), 200)]
    return ",\n".join(f"  {line}" for line in lines)


def sized(title: str, texts: list[tuple[int, str]], output: str, count: int, rounds: int) -> None:
    """The same rows through policies of growing size: what making them ready costs, and a row as a multiple of the
    smallest. A policy that is refused ends it."""
    table = people(count)
    cost = table["cost_fen"] % 100_000_000
    ready: list[tuple[int, float, float]] = []
    times: dict[str, list[float]] = {}
    for size, text in texts:
        said(f"{title}: {size:,}")
        start = perf_counter()
        checked = pipeline.check(Source("sized.pol", text))
        checking = perf_counter() - start
        if checked.program is None:
            error = checked.diagnostics[0]
            print(
                f"{size:,} {title} are refused: {error.code.number} ({len(text.encode()) / 1024:,.0f} KiB)\n"
            )
            break
        policy = policydsl.Policy(checked.program, tuple(checked.diagnostics))
        start = perf_counter()
        query = sql_of(policy, (output,))
        ready.append((size, checking, perf_counter() - start))
        places = {"cost_fen": cost, "city": table["city"], "area": cost % max(2, size // CITIES)}
        inputs = {name: places[name] for name in policydsl.columns(policy, (output,)).inputs}
        ways = [*columns_ways(policy, (output,), inputs), *sql_ways(policy, (output,), inputs, (2,))]
        measure(ways, rounds, plainly(policy, output, inputs))
        wrong = [way.name for way in ways if way.wrong]
        if wrong:
            print(f"WRONG for {size:,} {title}: {', '.join(wrong)}\n")
        note(times, ways)
        said(f"  the query has {len(query) / 1024:,.0f} KiB")
    print(f"| {count:,} rows, {title} | {' | '.join(f'{size:,}' for size, _, _ in ready)} |")
    print(f"|---|{'--:|' * len(ready)}")
    print(f"| check, seconds | {' | '.join(f'{checking:.2f}' for _, checking, _ in ready)} |")
    print(f"| write SQL, seconds | {' | '.join(f'{writing:.2f}' for _, _, writing in ready)} |")
    for name, found in times.items():
        print(f"| {name}, × the smallest | {' | '.join(f'{seconds / found[0]:.2f}' for seconds in found)} |")
    print()


def plainly(policy: policydsl.Policy, output: str, table: Table) -> Table:
    """The answers by NumPy without a kernel: those of the columns, after the interpreter agreed on the first rows."""
    given: Table = policydsl.columns(policy, (output,), engine="numpy")(table)
    first = {name: column[:50] for name, column in table.items()}
    for i in range(len(next(iter(first.values())))):
        facts: dict[str, object] = {}
        for name, column in first.items():
            value = int(column[i])
            if name.endswith("_fen"):
                facts[name.removesuffix("_fen")] = Decimal(value).scaleb(-2)
            else:
                facts[name] = f"{name[0]}{value}"
        answer = policy.evaluate(output, **facts)
        assert isinstance(answer, Decimal)
        assert int(answer.scaleb(2)) == given[f"{output}_fen"][i], facts
    return given


def note(times: dict[str, list[float]], ways: list[Way]) -> None:
    """Processor time, of all threads together: it does not mind what else the machine does."""
    for way in ways:
        times.setdefault(way.name, []).append(way.worked_a_row)


def free_memory() -> float:
    """Bytes; without end where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return math.inf
