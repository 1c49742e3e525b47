"""What is computed, over which rows, and what is the least that it can cost? Columns, plain NumPy and the memory limit.

Amounts are integers of 分, members their places in their category, statuses masks. `BY_HAND` is what somebody who knows
the rules writes with NumPy; the interpreter's answers to a sample say whether it is right, and then it says whether the
others are. `MOVED` are loops compiled by numba that read the same columns, add them up and write results of the same
size: no engine that makes new columns can be much faster.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import numba
import numpy as np
from benchmarks.scalar import CITIES, EDGES, HIGHEST, RATES, RURAL_POOR

import policydsl

POLICY = Path(__file__).parent / "people.pol"
AREAS = ("mountain", "river", "reclamation")
GROUPS, DISEASES = ("ordinary", "rural_poor"), ("common", "major")
FULL = ("destitute", "orphan", "severely_disabled", "cadre_widow")
FIXED = ("veteran", "low_income_elder", "registered_poor", "subsistence", "moderately_disabled")
STATUSES = (*FULL, *FIXED)
MEMBERS = {"city": tuple(CITIES), "group": GROUPS, "disease": DISEASES, "area": AREAS}
#: Among how many different rows the larger tables repeat.
DRAWN = 1_000_000

Table: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """Some outputs of the policy: the columns they are computed from, and those they come out as."""

    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    results: tuple[str, ...]


PAYOUT = Workload(
    "critical-illness payout", ("payout",), ("cost_fen", "city", "group", "disease"), ("payout_fen",)
)
_SHARES = tuple(f"funding{part}_fen" for part in (".central", ".region", ".local", ".ningxia", ""))
SPLIT = Workload("subsidy split with rounding and remainder", ("funding",), ("subsidy_fen", "area"), _SHARES)
ASSISTANCE = Workload("premium assistance", ("self_pay",), ("statuses",), ("self_pay_fen",))
_PARTS = (PAYOUT, SPLIT, ASSISTANCE)
JOINED = Workload(
    "all three",
    *(
        tuple(itertools.chain(*(getattr(w, field) for w in _PARTS)))
        for field in ("outputs", "inputs", "results")
    ),
)
WORKLOADS = {"payout": PAYOUT, "split": SPLIT, "assistance": ASSISTANCE, "joined": JOINED}


# rows


def people(rows: int) -> Table:
    """Costs are log-normal with a median of 20,000元; four people in five have no status; the first rows are edges."""
    rng = np.random.default_rng(20200914)
    count = min(rows, DRAWN)
    cost = np.minimum(HIGHEST, rng.lognormal(math.log(2_000_000), 1.0, count)).astype(np.int64)
    ends = [100 * edge + step for edge in (*EDGES, *CITIES.values(), RURAL_POOR) for step in (-1, 0, 1)]
    edges = np.array([0, *ends, HIGHEST], np.int64)[:count]
    cost[: len(edges)] = edges
    some = 1 << rng.integers(0, len(STATUSES), (2, count))
    chance = rng.random(count)
    subsidy = rng.integers(10_000, 100_001, count)
    subsidy[::2] -= subsidy[::2] % 50  # where shares lie in the middle between two 元
    drawn: Table = {
        "cost_fen": cost,
        **{name: rng.integers(0, len(members), count).astype(np.uint8) for name, members in MEMBERS.items()},
        "subsidy_fen": subsidy,
        "statuses": np.where(chance < 0.8, 0, some[0] | np.where(chance < 0.95, 0, some[1])).astype(np.int16),
    }
    return drawn if rows == count else {name: np.resize(column, rows) for name, column in drawn.items()}


def some(table: Table, workload: Workload, rows: int | None = None) -> Table:
    """The columns of a workload, of the first `rows` rows."""
    return {name: table[name][:rows] for name in workload.inputs}


def read_as_people_write(table: Table, i: int) -> dict[str, Any]:
    """The facts of a row as the interpreter takes them."""
    facts: dict[str, Any] = {}
    for name, column in table.items():
        value = int(column[i])
        if name.endswith("_fen"):
            facts[name.removesuffix("_fen")] = Decimal(value).scaleb(-2)
        elif name == "statuses":
            facts[name] = [status for k, status in enumerate(STATUSES) if value >> k & 1]
        else:
            facts[name] = MEMBERS[name][value]
    return facts


def interpreted(policy: policydsl.Policy, workload: Workload, table: Table) -> Table:
    """The interpreter's answers to all rows of a small table."""
    found: dict[str, list[int]] = {name: [] for name in workload.results}
    for i in range(len(next(iter(table.values())))):
        facts = read_as_people_write(table, i)
        for output in workload.outputs:
            needed = {name: facts[name] for name in policy.inputs(output)}
            answer = policy.evaluate(output, **needed)
            parts = dict(answer) if isinstance(answer, policydsl.Parts) else {"total": answer}
            for name in found:
                key, _, part = name.removesuffix("_fen").partition(".")
                if key == output:
                    amount = parts[part or "total"]
                    assert isinstance(amount, Decimal)
                    found[name].append(int(amount.scaleb(2)))
    return {name: np.array(column, np.int64) for name, column in found.items()}


# by hand

START = np.array([[*CITIES.values()], [RURAL_POOR] * len(CITIES)], np.int64) * 100
EDGE = np.array(EDGES, np.int64) * 100
RATE = np.array(list(RATES.values()), np.int64)
REGION = np.array([9, 6, 10], np.int64)
_FULL, _FIXED = 0b1111, 0b111110000


def payout_by_hand(table: Table) -> Table:
    """Each slice at its rate, over whole columns."""
    cost, column = table["cost_fen"], table["group"] * 2 + table["disease"]
    low = START[table["group"], table["city"]]
    paid = np.zeros(len(cost), np.int64)
    for k in range(6):
        top = cost if k == 5 else np.minimum(cost, EDGE[k])
        paid += np.maximum(top - low, 0) * RATE[column, k]
        low = EDGE[k] if k < 5 else low
    return {"payout_fen": (paid + 50) // 100}


def split_by_hand(table: Table) -> Table:
    subsidy = table["subsidy_fen"]
    central = (subsidy * 8 + 500) // 1000 * 100
    ningxia = subsidy - central
    share = REGION[table["area"]]
    region = np.where(share == 10, ningxia, (ningxia * share + 500) // 1000 * 100)
    return dict(zip(_SHARES, (central, region, ningxia - region, ningxia, subsidy), strict=True))


def assistance_by_hand(table: Table) -> Table:
    statuses = table["statuses"]
    aid = np.where(statuses & _FULL, 30_000, np.where(statuses & _FIXED, 27_000, 0))
    return {"self_pay_fen": 30_000 - aid}


def joined_by_hand(table: Table) -> Table:
    return payout_by_hand(table) | split_by_hand(table) | assistance_by_hand(table)


BY_HAND: dict[str, Callable[[Table], Table]] = {
    PAYOUT.name: payout_by_hand,
    SPLIT.name: split_by_hand,
    ASSISTANCE.name: assistance_by_hand,
    JOINED.name: joined_by_hand,
}


def in_blocks(function: Callable[[Table], Table], size: int = 16_384) -> Callable[[Table], Table]:
    """The same, for as many rows at a time as stay in the processor's cache."""

    def run(table: Table) -> Table:
        count = len(next(iter(table.values())))
        whole: Table = {}
        for start in range(0, count, size):
            part = function({name: column[start : start + size] for name, column in table.items()})
            for name, column in part.items():
                if not start:
                    whole[name] = np.empty(count, np.int64)
                whole[name][start : start + size] = column
        return whole

    return run


# the memory limit

LIMIT = "memory limit: moves the same bytes"


@numba.njit(nogil=True)
def _move_payout(a: Any, b: Any, c: Any, d: Any, r: Any) -> None:
    for i in range(len(r)):
        r[i] = a[i] + b[i] + c[i] + d[i]


@numba.njit(nogil=True)
def _move_split(a: Any, b: Any, r: Any, s: Any, t: Any, u: Any, v: Any) -> None:
    for i in range(len(r)):
        r[i] = s[i] = t[i] = u[i] = v[i] = a[i] + b[i]


@numba.njit(nogil=True)
def _move_assistance(a: Any, r: Any) -> None:
    for i in range(len(r)):
        r[i] = a[i]


@numba.njit(nogil=True)
def _move_joined(
    a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any,
    r: Any, s: Any, t: Any, u: Any, v: Any, w: Any, x: Any,
) -> None:  # fmt: skip
    for i in range(len(r)):
        r[i] = s[i] = t[i] = u[i] = v[i] = w[i] = x[i] = a[i] + b[i] + c[i] + d[i] + e[i] + f[i] + g[i]


_LOOPS: dict[str, Callable[..., None]] = {
    PAYOUT.name: _move_payout,
    SPLIT.name: _move_split,
    ASSISTANCE.name: _move_assistance,
    JOINED.name: _move_joined,
}


def moved(workload: Workload, table: Table, results: Table | None = None) -> Table:
    """The same bytes in and out and next to no arithmetic, into new columns or those that are there."""
    count = len(next(iter(table.values())))
    if results is None:
        results = {name: np.empty(count, np.int64) for name in workload.results}
    _LOOPS[workload.name](*table.values(), *results.values())
    return results
