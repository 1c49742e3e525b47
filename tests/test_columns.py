"""Do all executors over columns answer as the interpreter does, and do tables of every kind go in and come out right?"""

from __future__ import annotations

import math
import os
import pickle
import random
import stat
import types
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import engines
import policydsl
from engines import compared, expected, program_of, rows_for
from policydsl.api import Policy
from policydsl.backends.columns import jit, lazy, lazy_steps, lazy_values
from policydsl.backends.columns.jit import Compiled, cache_folder
from policydsl.backends.columns.kernels import RECIPROCAL, kernel, reciprocal
from policydsl.backends.columns.numpy_blocks import BLOCK
from policydsl.backends.columns.packing import Packed, packed, packed_segments
from policydsl.backends.columns.search import buckets, grid, line, runs, segments
from policydsl.backends.python import compile_program
from policydsl.expressions import Multiply
from policydsl.flat import Flat
from policydsl.flatten import flatten
from policydsl.ir import Formula
from policydsl.kinds import AMOUNT, RATE
from policydsl.runtime import PolicyError
from programs import F, at, const, define, fact, given_input, ningxia, xinzhou
from random_programs import program

ROOT = Path(__file__).resolve().parent.parent
NINGXIA = ROOT / "policies" / "ningxia" / "2020.pol"


@pytest.fixture(autouse=True)
def a_cache_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels of these tests are not kept among the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


# one meaning


def test_every_executor_answers_random_policies_as_the_interpreter_does(engine_seeds: range) -> None:
    fitting = 0
    for seed in engine_seeds:
        program = program_of(seed)
        flat = flatten(program)
        if not isinstance(flat, Flat):
            continue
        fitting += 1
        rows = rows_for(program, 6, seed)
        answers = [expected(program, row) for row in rows]
        ways = [engines.blocked]
        ways += [engines.plain] if seed % 3 == 0 else []
        ways += [engines.unjitted] if seed % 5 == 0 else []
        ways += [engines.lazily] if seed % 20 == 1 else []
        ways += [engines.jitted] if seed % 250 == 7 else []
        for way in ways:
            found = compared(program, flat, rows, way(flat, rows), answers)
            assert not found, (seed, way.__name__, found)
    assert fitting * 10 >= 9 * len(engine_seeds)


@pytest.mark.parametrize("way", [engines.blocked, engines.unjitted, engines.jitted, engines.lazily])
@pytest.mark.parametrize("make", [ningxia, xinzhou])
def test_the_notices_come_out_the_same(make: Any, way: Any) -> None:
    program = engines.ranged(make())
    assert not engines.differences(program, rows_for(program, 120, 3), way)


# by hand: the payout of the notice

START = {"yinchuan": 10000, "shizuishan": 10000, "wuzhong": 9500, "zhongwei": 9500, "guyuan": 8500}
BANDS = (
    (100000, 60, 61, 62, 64), (200000, 61, 63, 66, 68), (300000, 62, 64, 67, 69),
    (400000, 63, 65, 68, 70), (500000, 66, 68, 71, 73), (10**9, 70, 73, 75, 77),
)  # fmt: skip
CITIES, GROUPS, DISEASES = tuple(START), ("ordinary", "rural_poor"), ("common", "major")


def by_hand(fen: int, city: int, group: int, disease: int) -> int:
    """The payout in 分: each slice at its rate, the sum rounded half up."""
    low = 100 * (3000 if group else START[CITIES[city]])
    paid = 0
    for high, *rates in BANDS:
        paid += max(min(fen, 100 * high) - low, 0) * rates[2 * group + disease]
        low = 100 * high
    return (paid + 50) // 100


@cache
def policy() -> Policy:
    return policydsl.load(NINGXIA)


def columns(*outputs: str, **options: Any) -> policydsl.Columns:
    return policydsl.columns(policy(), outputs or ["payout"], **options)


def cases(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    edges = np.array(
        [f * 100 for f in (0, 3000, 8500, 9500, 10000, 100000, 200000, 300000, 400000, 500000, 10**8)]
    )
    near = np.clip(rng.choice(edges, count) + rng.integers(-2, 3, count), 0, 10**10)
    cost = np.where(rng.random(count) < 0.5, near, rng.integers(0, 80_000_000, count))
    return {
        "cost_fen": cost,
        "city": rng.integers(0, 5, count).astype(np.uint8),
        "group": rng.integers(0, 2, count).astype(np.uint8),
        "disease": rng.integers(0, 2, count).astype(np.uint8),
    }


@pytest.mark.parametrize("count", [1, BLOCK, 2 * BLOCK + 17])
@pytest.mark.parametrize(
    "options", [{"engine": "numpy"}, {"engine": "numba"}, {"engine": "numba", "threads": 2}], ids=str
)
def test_the_payout_is_what_the_notice_says(
    options: dict[str, Any], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "CHUNK", 5000)
    table = cases(count)
    paid = columns(**options)(table)["payout_fen"]
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    assert paid.tolist() == [by_hand(*row) for row in rows]
    assert paid.dtype == np.int64


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_rows_with_problems_are_marked_and_the_others_answered(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "CHUNK", 300)
    table = cases(1000)
    table["cost_fen"][[5, 400]] = (-1, 10**10 + 1)
    table["city"][[6, 400]] = 5
    answer = columns(on_error="mark", engine=engine)(table)
    errors, paid = answer["payout.error"], answer["payout_fen"]
    assert np.flatnonzero(errors).tolist() == [5, 6, 400]
    assert errors[[5, 6, 400]].tolist() == [104, 106, 104]
    assert np.flatnonzero(paid.mask).tolist() == [5, 6, 400]
    fine = [i for i in range(1000) if i not in (5, 6, 400)]
    assert [int(paid[i]) for i in fine] == [by_hand(*(int(c[i]) for c in table.values())) for i in fine]


def test_hundreds_of_bands_are_paid_like_six_of_them() -> None:
    text = NINGXIA.read_text(encoding="utf-8")
    heads = "".join(f"  | {i}00-{i + 1}00 | {20 + i % 60} |\n" for i in range(600))
    own = f'policy many "many"\ninput cost: money in 0元 .. 1亿元\ntiers paid of cost, marginal\n  | cost (元) | rate (%) |\n{heads}  | 60000 and over | 90 |\n  round half up to 0.01元\n'
    assert "tiers payout" in text
    program = checked(own)
    table = {"cost_fen": np.arange(0, 7_000_000, 1111)}
    amounts = table["cost_fen"].tolist()
    by_slices = []
    for fen in amounts:
        paid = sum(max(min(fen, 10000 * (i + 1)) - 10000 * i, 0) * (20 + i % 60) for i in range(600))
        by_slices.append((paid + max(fen - 6_000_000, 0) * 90 + 50) // 100)
    for engine in ("numpy", "numba"):
        paid = policydsl.columns(program, engine=engine)(table)["paid_fen"]
        assert paid.tolist() == by_slices
    lazy = policydsl.columns(program, on_error="mark")(pl.LazyFrame(table)).collect()
    assert lazy["paid_fen"].to_list() == by_slices


@pytest.mark.parametrize("finest", ["0.01", "0.000000001"])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("start", ["0", "deductible"])
def test_many_uneven_bands_by_column_pay_each_slice_its_rate(
    engine: Literal["numpy", "numba"], start: str, finest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        jit, "_compiled", lambda text, types_of: jit._interpreted(text)
    )  # compiling takes seconds
    # bands of 100元 and 300元 in turn; of two columns, the second falls; with rates of many digits they do not fit a word
    edges = [200 * k + 100 * (k % 2) for k in range(1, 40)]
    tail = Decimal(finest)
    rates = [(20 + k % 7 + tail, 70 - k + tail) for k in range(40)]
    lines = [
        f"  | {low}-{high} | {a} | {b} |"
        for low, high, (a, b) in zip([start, *edges], edges, rates, strict=False)
    ]
    own = checked(
        'policy many "many"\ncategory group: ordinary, poor\ninput cost: money in 0元 .. 1万元\n'
        "table deductible: money by group\n  | group | deductible (元) |\n"
        "  | ordinary | 150 |\n  | poor | 50 |\ntiers paid of cost, marginal, by group\n"
        "  | cost (元) | ordinary (%) | poor (%) |\n"
        + "\n".join(lines)
        + f"\n  | {edges[-1]} and over | 90 | 5 |\n"
        "  round half up to 0.01元\n"
    )
    costs = sorted({abs(100 * edge + step) for edge in (0, 50, 150, *edges) for step in (-1, 0, 1)} | {10**6})
    table = {
        "cost_fen": np.array(costs * 2, np.int64),
        "group": np.repeat(np.array([0, 1], np.uint8), len(costs)),
    }
    rates[-1] = Decimal(90), Decimal(5)
    by_slices = []
    for group in (0, 1):
        low = 0 if start == "0" else (150, 50)[group]
        for fen in costs:
            cost, paid = Decimal(fen) / 100, Decimal(0)
            slices = zip([low, *edges], [*map(Decimal, edges), cost], rates, strict=True)
            for bottom, top, rate in slices:
                paid += max(min(cost, top) - bottom, Decimal(0)) * rate[group] / 100
            by_slices.append(int(paid.scaleb(2).quantize(Decimal(1), "ROUND_HALF_UP")))
    assert policydsl.columns(own, engine=engine)(table)["paid_fen"].tolist() == by_slices


def checked(text: str) -> Policy:
    from policydsl.pipeline import check
    from policydsl.source import Source

    found = check(Source("own.pol", text))
    assert found.program is not None, found.diagnostics
    return Policy(found.program, ())


# tables of every kind

COSTS = ("150000.00", "0.01", "9500.00")
#: 97,000 × 64% + 50,000 × 68%; nothing; 6,500元 above the deductible of the poor at 62%
PAID = ("96080.00", "0.00", "4030.00")
PLACES = ("guyuan", "银川市", "640300")
WHO, WHAT = ("rural_poor", "ordinary", "农村贫困人口"), ("major", "common", "普通疾病")


def arrow(**changes: Any) -> pa.Table:
    own: dict[str, Any] = {
        "cost": pa.array([Decimal(c) for c in COSTS], pa.decimal128(20, 2)),
        "city": list(PLACES),
        "group": pa.array(WHO).dictionary_encode(),
        "disease": pa.array(WHAT, pa.large_string()),
        **changes,
    }
    return pa.table({name: column for name, column in own.items() if column is not None})


def as_mapping(table: pa.Table) -> dict[str, Any]:
    return {name: np.array(table[name].to_pylist(), object) for name in table.column_names}


KINDS: dict[str, tuple[Callable[[pa.Table], Any], Callable[[Any, str], list[Any]]]] = {
    "arrow": (lambda t: t, lambda t, name: t[name].to_pylist()),
    "batch": (lambda t: t.combine_chunks().to_batches()[0], lambda t, name: t.column(name).to_pylist()),
    "polars": (pl.from_arrow, lambda t, name: t[name].to_list()),
    "pandas": (lambda t: t.to_pandas(), lambda t, name: t[name].tolist()),
    "mapping": (as_mapping, lambda t, name: t[name].tolist()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_decimals_texts_and_dictionaries_go_in_and_the_same_kind_comes_out(kind: str) -> None:
    make, values = KINDS[kind]
    given = make(arrow())
    paid = columns()(given)
    assert type(paid) is type(given)
    assert values(paid, "payout_fen") == [int(Decimal(p) * 100) for p in PAID]
    decimals = columns(decimals=True)(given)
    assert [str(v) for v in values(decimals, "payout")] == list(PAID)


def test_a_lazy_frame_stays_lazy_and_says_what_is_wrong() -> None:
    frame = pl.from_arrow(arrow(city=["guyuan", "nowhere", "wuzhong"])).lazy()  # type: ignore[union-attr]
    lazy = columns(on_error="mark")(frame)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().to_dict(as_series=False) == {
        "payout_fen": [9608000, None, 403000],
        "payout.error": [None, "PC106", None],
    }
    with pytest.raises(ValueError, match="on_error='mark'"):
        columns()(frame)


@pytest.mark.parametrize(
    "kind",
    [
        pl.String(), pl.Categorical(), pl.Enum([*CITIES, "nowhere"]), pl.Enum(["nowhere", *reversed(CITIES)]),
        pl.Int8(), pl.UInt8(), pl.Int64(), pl.UInt64(), pl.Int128(),
    ],
    ids=str,
)  # fmt: skip
def test_members_in_a_lazy_frame_are_texts_dictionaries_or_places(kind: pl.DataType) -> None:
    names = (*CITIES, "nowhere")
    places = range(6) if kind.is_integer() else names
    frame = {
        "cost_fen": [15_000_000] * 7,
        "city": pl.Series([*places, None], dtype=kind),
        "group": ["ordinary"] * 7,
        "disease": [1] * 7,
    }
    answer = columns(on_error="mark")(pl.LazyFrame(frame)).collect()
    paid = [by_hand(15_000_000, city, 0, 1) for city in range(5)]
    assert answer["payout_fen"].to_list() == [*paid, None, None]
    assert answer["payout.error"].to_list() == [None] * 5 + ["PC106", "PC101"]


@pytest.mark.parametrize("kind", [pl.Int8, pl.UInt8, pl.Int16, pl.Int64, pl.UInt64, pl.Int128], ids=str)
def test_a_narrow_column_of_a_lazy_frame_is_held_against_a_wider_range(kind: Any) -> None:
    pol = checked('policy q "q"\ninput cost: money in 1元 .. 500元\nrule more = cost + 499元\n')
    frame = pl.LazyFrame({"cost_fen": pl.Series([99, 100, 127, None], dtype=kind)})
    answer = policydsl.columns(pol, on_error="mark")(frame).collect()
    assert answer.rows() == [(None, "PC104"), (50_000, None), (50_027, None), (None, "PC101")]


@pytest.mark.parametrize("engine", ["auto", "in-memory", "streaming"])
def test_a_lazy_frame_is_paid_the_same_by_every_engine_of_polars(engine: Any) -> None:
    table = cases(250_000)  # more than two of its blocks
    table["cost_fen"][[17, 249_999]] = -1
    answer = columns(on_error="mark")(pl.LazyFrame(table)).collect(engine=engine)
    paid = columns(engine="numpy", on_error="mark")(table)["payout_fen"]
    assert answer["payout_fen"].is_null().arg_true().to_list() == [17, 249_999]
    assert answer["payout_fen"].fill_null(0).to_list() == paid.filled(0).tolist()


def test_a_lazy_frame_has_its_rows_when_all_inputs_are_the_same_in_each() -> None:
    frame, poor = pl.LazyFrame({"who": ["a", "b", "c"]}), "rural_poor"
    facts = {"cost": Decimal("150000.00"), "city": "guyuan", "group": poor, "disease": "major"}
    pay = columns(on_error="mark")
    assert pay(frame, **facts).collect().rows() == [(by_hand(15_000_000, 4, 1, 1), None)] * 3
    assert pay(frame, **{**facts, "city": "nowhere"}).collect().rows() == [(None, "PC106")] * 3
    for name, value, code in (("town", "x", "PC102"), ("city", 1.5, "PC103"), ("cost", 1.5, "PC103")):
        with pytest.raises(PolicyError) as caught:
            pay(frame, **{**facts, name: value})
        assert (caught.value.code, caught.value.name) == (code, name)


@pytest.mark.parametrize("at_once", [1, 8])
def test_what_is_held_is_a_list_in_a_lazy_frame(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "_AT_ONCE", at_once)
    lists = [["orphan", "veteran"], [], ["低保对象", "低保对象"], None, ["x"], ["orphan", None]]
    aid = columns("assistance", on_error="mark")
    for kind in (pl.String, pl.Categorical):
        answer = aid(pl.LazyFrame({"statuses": lists}, schema={"statuses": pl.List(kind)})).collect()
        assert answer["assistance.held"].to_list() == [["full", "fixed"], [], ["fixed"], None, None, None]
        assert answer["assistance.ground"].to_list() == ["full", "base", "fixed", None, None, None]
        assert answer["assistance.error"].to_list() == [None, None, None, "PC101", "PC106", "PC106"]


def test_the_first_problem_of_a_row_is_its_code_however_many_tests_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lazy, "_CHAIN", 1)
    frame = pl.LazyFrame(
        {"cost_fen": [-1, 0, 0, None], "city": [9, 9, 1, 9], "group": [0, None, 2, 0], "disease": [0] * 4}
    )
    answer = columns(on_error="mark")(frame).collect()
    assert answer["payout.error"].to_list() == ["PC104", "PC106", "PC106", "PC101"]


def test_look_ups_of_a_lazy_frame_answer_as_selects_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_values, "_SELECTS", (0, 0, 0, 0))
    monkeypatch.setattr(lazy_values, "FEW", 0)
    monkeypatch.setattr(lazy_steps, "SELECTED", 0)
    monkeypatch.setattr(lazy_steps, "_SUMMED", 1)
    monkeypatch.setattr(lazy, "_SELECTED", 0)
    for seed in range(40):
        program = program_of(seed)
        assert not engines.differences(program, rows_for(program, 6, seed), engines.lazily), seed


def test_a_place_that_is_none_is_a_problem_and_not_looked_up() -> None:
    members = ", ".join(f"c{i}" for i in range(20))
    rows = "".join(f"  | c{i} | {(7 * i) % 20} |\n" for i in range(20))
    pol = checked(
        f'policy q "q"\ncategory city: {members}\ntable fee: count by city\n  | city | fee |\n{rows}'
    )
    fee = policydsl.columns(pol, on_error="mark")
    for kind, none in ((pl.UInt8, [20, 255]), (pl.Int64, [-1, 2**40]), (pl.String, ["c20", ""])):
        places = [f"c{i}" if kind == pl.String else i for i in (0, 19)]
        frame = pl.LazyFrame({"city": pl.Series([*places, *none, None], dtype=kind)})
        assert fee(frame).collect().rows() == [
            (0, None), (133 % 20, None), (None, "PC106"), (None, "PC106"), (None, "PC101")
        ]  # fmt: skip


@pytest.mark.parametrize(
    "edges",
    [
        [50 * i for i in range(20)],
        [0, *(1000 * i + i % 5 for i in range(1, 40))],
        [0, *(i * i * i for i in range(1, 60))],
        [*range(20), 10**6],
    ],
    ids=["even", "uneven", "ever wider", "far apart"],
)
def test_the_band_and_the_row_of_an_amount_are_found_between_any_edges(edges: list[int]) -> None:
    ends = [*edges[1:], None]
    bands = "".join(
        f"  | {low}-{high} | {i % 90 + 5} |\n" if high else f"  | {low} and over | {i % 90 + 5} |\n"
        for i, (low, high) in enumerate(zip(edges, ends, strict=True))
    )
    rows = "".join(
        f"  | from {low} below {high} | {i} |\n" if high else f"  | from {low} | {i} |\n"
        for i, (low, high) in enumerate(zip(edges, ends, strict=True))
    )
    pol = checked(
        'policy many "many"\ninput cost: money in 0元 .. 1亿元\n'
        f"tiers paid of cost, marginal\n  | cost (元) | rate (%) |\n{bands}  round half up to 0.01元\n\n"
        f"table row: count by cost\n  | cost (元) | row |\n{rows}"
    )
    near = [100 * edge + step for edge in edges for step in (-1, 0, 1) if edge or step >= 0]
    amounts = [*near, *range(0, 100 * edges[-1], 100 * edges[-1] // 300), 10**10]
    answer = policydsl.columns(pol, on_error="mark")(pl.LazyFrame({"cost_fen": amounts})).collect()
    slices = [
        sum(
            max(min(fen, 100 * (high or 10**9)) - 100 * low, 0) * (i % 90 + 5)
            for i, (low, high) in enumerate(zip(edges, ends, strict=True))
        )
        for fen in amounts
    ]
    assert answer["paid_fen"].to_list() == [(paid + 50) // 100 for paid in slices]
    assert answer["row"].to_list() == [sum(100 * edge <= fen for edge in edges) - 1 for fen in amounts]


def test_a_pandas_frame_keeps_its_index() -> None:
    frame = arrow().to_pandas().set_index(pd.Index(["x", "y", "z"]))
    assert columns()(frame).index.tolist() == ["x", "y", "z"]


def test_integers_of_64_bits_are_not_copied() -> None:
    from policydsl.backends.columns.reading import read
    from policydsl.backends.columns.tables import opened

    pay = columns()
    table = cases(10)
    spellings = pay._spellings()
    ready = read(pay.flat, spellings, opened(table)[0], {}, "payout")
    assert all(np.shares_memory(ready.values[k.removesuffix("_fen")], column) for k, column in table.items())
    columns_ = {
        "cost_fen": pa.array(table["cost_fen"]),
        **{k: pa.array(table[k]) for k in ("city", "group", "disease")},
    }
    of_arrow = read(pay.flat, spellings, opened(pa.table(columns_))[0], {}, "payout")
    address = columns_["cost_fen"].buffers()[1].address
    assert of_arrow.values["cost"].__array_interface__["data"][0] == address


def test_the_same_value_for_all_rows_is_given_by_name() -> None:
    table = arrow(disease=None, city=None)
    assert columns()(table, disease="major", city="固原市")["payout_fen"].to_pylist() == [9608000, 0, 416000]
    with pytest.raises(PolicyError) as caught:
        columns()(table, disease="major", city="固原市", town="x")
    assert (caught.value.code, caught.value.name) == ("PC102", "town")


def test_a_day_that_nothing_depends_on_must_be_one_in_force() -> None:
    assert columns()(arrow(), on=date(2020, 5, 1))["payout_fen"].to_pylist() == [9608000, 0, 403000]
    with pytest.raises(PolicyError) as caught:
        columns()(arrow(), on=date(2021, 5, 1))
    assert (caught.value.code, caught.value.name) == ("PC104", "on")


def test_sets_come_as_lists_or_masks_and_grounds_as_members() -> None:
    lists = pa.table({"statuses": pa.array([["orphan", "veteran"], [], ["低保对象", "低保对象"]])})
    aid = columns("assistance")(lists)
    assert aid["assistance_fen"].to_pylist() == [30000, 0, 27000]
    assert aid["assistance.ground"].to_pylist() == ["full", "base", "fixed"]
    assert aid["assistance.held"].to_pylist() == [["full", "fixed"], [], ["fixed"]]
    masks = columns("assistance")({"statuses": np.array([0b10010, 0, 1 << 7])})
    assert masks["assistance_fen"].tolist() == [30000, 0, 27000]
    assert masks["assistance.held"].tolist() == [0b11, 0, 0b10]


def test_what_each_payer_bears_has_a_column_of_its_own() -> None:
    shares = columns("funding", decimals=True)(pa.table({"area": ["mountain", "river", "reclamation"]}))
    # 550元: 440 central; of 110, 9:1, 6:4, all
    assert [str(v) for v in shares["funding.region"].to_pylist()] == ["99.00", "66.00", "110.00"]
    assert [str(v) for v in shares["funding.local"].to_pylist()] == ["11.00", "44.00", "0.00"]
    assert [str(v) for v in shares["funding.ningxia"].to_pylist()] == ["110.00"] * 3


def test_an_empty_table_has_an_empty_answer() -> None:
    for make, values in KINDS.values():
        if make is KINDS["batch"][0]:
            continue
        assert values(columns()(make(arrow().slice(0, 0))), "payout_fen") == []


def test_days_and_facts_that_need_not_exist() -> None:
    pol = checked(
        'policy days "days"\ninput joined: date in 2020-01-01 .. 2022-12-31\ninput left: optional date in 2020-01-01 .. 2022-12-31\n'
        "rule soon when has left and joined within 3 months after left\n"
    )
    soon = policydsl.columns(pol, ["soon"])
    days = {
        "joined": [date(2021, 5, 31), date(2021, 6, 1), date(2021, 6, 1)],
        "left": [date(2021, 2, 28), date(2021, 2, 28), None],
    }
    assert soon(pa.table(days))["soon"].to_pylist() == [False, False, False]
    days["left"] = [date(2021, 3, 1), date(2021, 3, 1), None]
    assert soon(pa.table(days))["soon"].to_pylist() == [True, True, False]
    stamps = {k: np.array(v, "datetime64[s]") for k, v in days.items()}
    assert soon(stamps)["soon"].tolist() == [True, True, False]
    assert soon(pd.DataFrame(stamps))["soon"].tolist() == [True, True, False]
    stamps["joined"] = stamps["joined"] + np.array([0, 1, 0], "timedelta64[s]")
    with pytest.raises(PolicyError) as caught:
        soon(stamps)
    assert (caught.value.code, caught.value.name) == ("PC103", "joined")


# what is wrong with a table


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("cost", pa.array([1.0, 2.0, 3.0])),
        ("cost", pa.array([1, 2, 3])),  # 元 or 分
        ("cost", pa.array(["1", "2", "3"])),
        ("cost", pa.array([True, False, True])),
        ("city", pa.array([1.0, 2.0, 0.0])),
        ("city", pa.array([date(2020, 1, 1)] * 3)),
        ("group", pa.array([True, False, True])),
        ("cost", pd.Series([1.5, math.nan, 2.5])),
        ("cost", pl.Series([1.5, 2.5, 3.5])),
    ],
    ids=str,
)
def test_a_column_of_the_wrong_type_is_refused(column: str, values: Any) -> None:
    for table in (
        {**as_mapping(arrow()), column: values},
        arrow(**{column: pa.array(values)}) if not isinstance(values, pl.Series) else None,
    ):
        if table is not None:
            with pytest.raises(PolicyError) as caught:
                columns(on_error="mark")(table)
            assert (caught.value.code, caught.value.name) == ("PC103", column)


def test_a_float_column_names_the_two_ways_to_give_money() -> None:
    with pytest.raises(PolicyError) as caught:
        columns()(arrow(cost=pa.array([1.0, 2.0, 3.0])))
    assert "integers of fen in a column cost_fen, or decimals of 元 in a column cost (no floats)" in str(
        caught.value
    )


def test_a_column_that_is_missing_or_there_twice_is_refused() -> None:
    with pytest.raises(PolicyError) as caught:
        columns()(arrow(city=None))
    assert (caught.value.code, caught.value.name) == ("PC101", "city")
    with pytest.raises(PolicyError) as caught:
        columns()(arrow(cost_fen=pa.array([1, 2, 3])))
    assert (caught.value.code, caught.value.name) == ("PC103", "cost")
    with pytest.raises(ValueError, match="cost_fen 3, city 2"):
        columns()({"cost_fen": np.arange(3), "city": np.arange(2)})
    with pytest.raises(TypeError, match=r"builtins\.int"):
        columns()(5)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "PC101"), (Decimal("0.001"), "PC105"), (Decimal("-0.01"), "PC104"), (Decimal("100000000.01"), "PC104"),
        (Decimal("100000000.001"), "PC104"), (Decimal("-0.001"), "PC104"), (Decimal("9e30"), "PC104"),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_amount_has_the_code_the_interpreter_gives(value: Decimal | None, code: str) -> None:
    costs = [Decimal("1.00"), value, Decimal("2.00")]
    wide = pa.decimal128(38, 3)
    tables = [arrow(cost=pa.array(costs, wide)), as_mapping(arrow(cost=pa.array(costs, wide)))]
    tables.append(pl.from_arrow(tables[0]))
    tables.append(arrow(cost=pa.array(costs, pa.decimal256(40, 3))))
    for table in tables:
        answer = columns(on_error="mark")(table)
        errors = answer["payout.error"]
        found = (
            errors.to_list()
            if hasattr(errors, "to_list")
            else errors.to_pylist()
            if hasattr(errors, "to_pylist")
            else errors.tolist()
        )
        assert [f"PC{e}" if isinstance(e, int) and e else e or None for e in found] == [None, code, None]
    lazy = columns(on_error="mark")(pl.from_arrow(tables[0]).lazy())  # type: ignore[union-attr]
    assert lazy.collect()["payout.error"].to_list() == [None, code, None]


def test_decimals_that_are_no_numbers_are_out_of_range() -> None:
    for text in ("NaN", "Infinity", "-Infinity", "-0", "1e400000"):
        table = as_mapping(arrow())
        table["cost"][1] = Decimal(text)
        assert columns(on_error="mark")(table)["payout.error"].tolist() == [0, 104, 0], text


def test_an_error_names_the_first_row_and_counts_the_others() -> None:
    table = cases(100)
    table["cost_fen"][[17, 60, 61]] = -5
    table["city"][[3, 60]] = 77
    with pytest.raises(policydsl.RowsError) as caught:
        columns()(table)
    error = caught.value
    assert (error.code, error.name, error.row, error.rows) == ("PC106", "city", 3, 4)
    assert error.counts == {("PC104", "cost"): 3, ("PC106", "city"): 1}
    assert [row for row, _, _ in error.first] == [3, 17, 60, 61]
    assert str(error) == (
        "PC106: payout: row 3 (counted from 0): city must be one of yinchuan, shizuishan, wuzhong, zhongwei, guyuan; "
        "rows without an answer: 4 (cost PC104 in 3, city PC106 in 1)"
    )
    assert error.message("zh") == (
        "第3行（从0起）：“city”应为以下之一：yinchuan, shizuishan, wuzhong, zhongwei, guyuan；"
        "共4行不能计算：cost PC104 3行、city PC106 1行"
    )
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.counts, again.first) == (str(error), error.counts, error.first)


def test_the_columns_it_takes_and_gives_are_told() -> None:
    pay = columns("payout", "assistance")
    assert list(pay.inputs) == ["cost_fen", "statuses", "city", "group", "disease"]
    assert pay.inputs["city"].members == CITIES
    assert list(pay.results) == ["payout_fen", "assistance_fen", "assistance.ground", "assistance.held"]
    assert list(columns(decimals=True).results) == ["payout"]


def test_a_rate_without_an_end_is_named_with_what_it_is_multiplied_by() -> None:
    facts = (fact("share", RATE, F(0), F(1), F(1, 100)),)
    third = Multiply(given_input("share", RATE), const(F(1, 3), RATE), RATE, span=at())
    own = program(define("x", RATE, Formula(third), "share", grain=None), more=facts)
    answer = policydsl.columns(Policy(own, ()), decimals=True)(
        {"share": np.array([Decimal("0.5"), Decimal("0.01")], object)}
    )
    assert answer["x_x300"].tolist() == [50, 1]
    assert AMOUNT != RATE


# a policy or its module


def module_of(text: str) -> types.ModuleType:
    module = types.ModuleType("ningxia_2020")
    import sys

    sys.modules[module.__name__] = module
    exec(compile(text, "ningxia_2020.py", "exec"), module.__dict__)
    return module


def test_a_compiled_module_is_held_against_its_source() -> None:
    module = module_of(compile_program(policy().program, source_name="ningxia/2020.pol"))
    paid = policydsl.columns(module, ["payout"], source=NINGXIA)(arrow())
    assert paid["payout_fen"].to_pylist() == [9608000, 0, 403000]
    with pytest.raises(ValueError, match="source="):
        policydsl.columns(module)
    with pytest.raises(ValueError, match="means something else"):
        policydsl.columns(module, source=ROOT / "policies" / "xinzhou" / "2021.pol")
    with pytest.raises(ValueError, match="no compiled policy"):
        policydsl.columns(math)


def test_a_policy_that_does_not_fit_says_why() -> None:
    pol = checked(
        'policy wide "wide"\ninput cost: money\nrule half = cost × 50%\n  round half up to 0.01元\n'
    )
    with pytest.raises(policydsl.PolicyFileError) as caught:
        policydsl.columns(pol)
    assert "PD711" in str(caught.value)
    with pytest.raises(KeyError):
        columns("payed")
    with pytest.raises(ValueError, match="on_error"):
        columns(on_error="ignore")


# kernels


def test_a_kernel_is_one_straight_line_without_names_of_the_policy() -> None:
    flat = flatten(policy().program, ["payout"])
    assert isinstance(flat, Flat)
    text = kernel(flat).text
    # blocks of rows, looks at three columns of places, and one loop of arithmetic
    assert text.count("for start in ") == 1
    assert text.count("for i in ") == 4
    assert not any(word in text for word in ("cost", "payout", "guyuan", "城"))
    assert kernel(flat).text == text


@pytest.mark.parametrize("divisor", [3, 7, 10, 100, 125, 1000, 9_999, 10**6, 2**40 + 1, 10**14 + 3])
def test_a_reciprocal_cut_is_the_quotient(divisor: int) -> None:
    dice = random.Random(divisor)
    last = RECIPROCAL // divisor
    wholes = {0, 1, 2, last - 1, last, *(dice.randint(0, last) for _ in range(2_000))}
    for whole in wholes:
        for n in (whole * divisor - 1, whole * divisor, whole * divisor + 1):
            if 0 <= n <= RECIPROCAL:
                assert int(float(n) * reciprocal(divisor)) == n // divisor


def test_figures_share_a_word() -> None:
    # 60 + 61·2⁸ + 62·2¹⁶ + 64·2²⁴
    assert packed([60, 61, 62, 64]) == Packed(1_077_820_732, 8, 1, 0)
    # in steps of 50,000, of five bits each, as ten figures of eight would not fit
    deductibles = [1_000_000, 1_000_000, 950_000, 950_000, 850_000, *[300_000] * 5]
    word = packed(deductibles)
    assert word is not None
    assert (word.width, word.factor) == (5, 50_000)
    for values in (deductibles, [15] * 16, [0, -3, 9], [2**63 - 1], list(range(13)), [-(2**62), 2**62]):
        found = packed(values)
        assert (found is None) == (values == [-(2**62), 2**62])
        if found is not None:
            assert -(2**63) <= found.word < 2**63
            for place, value in enumerate(values):
                part = (found.word >> place * found.width) & found.mask
                assert part * found.factor + found.low == value


def test_packed_bands_pay_what_bands_pay() -> None:
    edges, rates = [10, 30, 31, 900], [[5, 7, 2, 0], [1, 1, 9, 4]]
    found = segments(edges, rates)
    assert found is not None
    words = packed_segments(found)
    assert words is not None
    for column, row in enumerate(rates):
        for amount in range(1000):
            beyond = max(amount - found.buckets.low, 0)
            bucket = min(beyond >> found.buckets.shift, len(found.buckets.starts) - 1)
            word, base = (t[column * len(found.buckets.starts) + bucket] for t in (words.words, words.bases))
            offset = (word >> words.rate_bits) & ((1 << words.offset_bits) - 1)
            step = word >> words.rate_bits + words.offset_bits
            rate = word & ((1 << words.rate_bits) - 1)
            above = max(beyond - (bucket << found.buckets.shift) - offset, 0)
            slices = [
                max(min(amount, high) - low, 0) for low, high in zip(edges, (*edges[1:], amount), strict=True)
            ]
            assert rate * amount + base + step * above == sum(s * r for s, r in zip(slices, row, strict=True))
    assert packed_segments(segments([10, 2**62], [[0, 2**40]])) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_place_beyond_a_large_category_is_a_bad_row(engine: Literal["numpy", "numba"]) -> None:
    members = ",\n".join(
        "  " + ", ".join(f"m{i}" for i in range(start, start + 100)) for start in range(0, 300, 100)
    )
    rows = "".join(f"| m{i} | {i * 7 % 299} |\n" for i in range(300))
    pol = checked(
        f'policy many "many"\ncategory kind:\n{members}\ntable fee: money by kind\n| kind | fee (元) |\n{rows}'
    )
    kinds = np.array([*range(300), 299], np.int64)
    right = policydsl.columns(pol, engine=engine)({"kind": kinds})["fee_fen"]
    assert right.tolist() == [i % 300 * 7 % 299 * 100 for i in kinds.tolist()]
    for wild in (300, 10**12, 2**63 - 1, -1, -(2**63)):
        kinds[150] = wild
        with pytest.raises(policydsl.RowsError) as caught:
            policydsl.columns(pol, engine=engine)({"kind": kinds})
        assert caught.value.first == ((150, "PC106", "kind"),)
        assert "m0, m1, " in str(caught.value)
        assert "m19 … m299 (300)" in str(caught.value)


def test_kernels_are_kept_in_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_folder()
    assert folder == tmp_path / "policydsl" / "kernels"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    flat = flatten(policy().program, ["self_pay"])
    assert isinstance(flat, Flat)
    Compiled(flat)
    kept = sorted(path.suffix for path in folder.rglob("*") if path.is_file())
    assert kept.count(".py") == 1
    assert ".nbc" in kept
    for path in folder.rglob("*.nb*"):  # what cannot be read is as not there
        path.write_bytes(b"broken")
    ready = engines.arrays(flat, [{"statuses": frozenset({"orphan"})}])
    assert Compiled(flat).run(ready).values["self_pay", None].tolist() == [0]
    folder.chmod(0o777)
    assert cache_folder() is None
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() is None


def test_of_the_kernels_kept_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jit, "_KEPT", 1)
    folder = cache_folder()
    assert folder is not None
    old, older = folder / "kernel_0.py", folder / "kernel_1.py"
    (folder / "__pycache__").mkdir()
    compiled = [
        folder / "__pycache__" / f"{path.stem}.kernel-5.py311.{end}"
        for path in (old, older)
        for end in ("nbi", "1.nbc")
    ]
    for path in (old, older, *compiled):
        path.write_text("")
        os.utime(path, (1, 1))
    flat = flatten(policy().program, ["self_pay"])
    assert isinstance(flat, Flat)
    Compiled(flat)
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".py" for path in left) == 1
    assert not {old, older, *compiled} & set(left)


def test_buckets_hold_one_edge_each() -> None:
    edges = [10, 30, 31, 900]
    found = buckets(edges)
    assert found is not None
    for value in range(-5, 1000):
        inside = min(max(value, found.low), found.high)
        bucket = (inside - found.low) >> found.shift
        assert found.starts[bucket] + (inside >= found.next[bucket]) == sum(e <= value for e in edges)
    assert buckets([0, 1, 10**9]) is None


def test_slots_end_at_edges_and_nowhere_else() -> None:
    edges = [10, 30, 40, 90]
    found = grid(edges)
    assert found is not None
    assert found.width == 10
    for value in range(-25, 200):
        slot = (min(max(value, found.low), found.high) - found.low) // found.width
        assert found.starts[slot] == sum(e <= value for e in edges)
    assert grid([0, 1, 10**9]) is None


def test_a_line_a_band_pays_what_slices_pay() -> None:
    found = line([0, 10, 30], [[5, 7, 2], [1, 1, 9]])
    for amount, place in ((-4, 0), (0, 1), (9, 1), (10, 2), (29, 2), (30, 3), (99, 3)):
        slices = [max(min(amount, 10), 0), max(min(amount, 30) - 10, 0), max(amount - 30, 0)]
        for column, rates in enumerate(([5, 7, 2], [1, 1, 9])):
            paid = found.rates[column][place] * amount + found.bases[column][place]
            assert paid == sum(s * r for s, r in zip(slices, rates, strict=True))


def test_runs_are_neighbours_that_are_equal() -> None:
    assert runs([4, 4, 5, 4]) == [(2, 4), (3, 5), (4, 4)]
