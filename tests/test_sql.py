"""Is the SQL of a policy right, on DuckDB and SQLite? Against the notice, the interpreter, bad rows and hostile names."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engines import compared, differences, expected, program_of, ranged, rows_for, run
from policydsl import pipeline
from policydsl.backends.sql import DIALECTS, Dialect, Shape, fields, problems, sql_text
from policydsl.backends.sql.loose import loose
from policydsl.backends.sql.spread import spread
from policydsl.backends.sql.steps import pieces
from policydsl.cli.main import main
from policydsl.expressions import Round, RoundingMode
from policydsl.files import read_source
from policydsl.flat import (
    Bands,
    Choose,
    Column,
    Compare,
    Difference,
    Flat,
    Pick,
    Place,
    Product,
    Quotient,
    Sum,
    Whole,
    reads,
)
from policydsl.flatten import flatten
from policydsl.ir import Exceptions, Formula, Ground, Program
from policydsl.kinds import AMOUNT, YES_NO, MemberOf, SetOf
from policydsl.nodes import evolve
from policydsl.source import Source
from policydsl.tasks import queries
from programs import CENT, F, at, category, compare, const, define, fact, given_input, header, name, yuan
from random_programs import EVERYTHING
from random_programs import program as small
from sql_engines import engine, in_duckdb, in_sqlite

ROOT = Path(__file__).resolve().parent.parent
NX, XZ = "ningxia/2020.pol", "xinzhou/2021.pol"
SHAPES: tuple[Shape, ...] = ("decimals", "text", "counts")


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


@pytest.fixture(scope="module")
def lite() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def policy(place: str) -> Program:
    path = ROOT / "policies" / place
    source = read_source(str(path))
    assert isinstance(source, Source)
    checked = pipeline.check(source)
    assert checked.program is not None, checked.diagnostics
    return checked.program


def flat_of(program: Program, *outputs: str) -> Flat:
    flat = flatten(program, outputs or None)
    assert isinstance(flat, Flat), flat
    return flat


def read_policy(text: str) -> Program:
    checked = pipeline.check(Source("p.pol", text))
    assert checked.program is not None, [d.code.number for d in checked.diagnostics]
    return checked.program


def both(duck: Any, lite: sqlite3.Connection) -> tuple[tuple[Any, Dialect], ...]:
    return (duck, "duckdb"), (lite, "sqlite")


# the notices, by hand

WORKED = [
    (15_000_000, "guyuan", "rural_poor", "major", 9_608_000),  # 97,000 × 64% + 50,000 × 68%
    (60_000_000, "guyuan", "ordinary", "common", 37_690_000),
    (10_000_050, "yinchuan", "ordinary", "common", 5_400_031),  # 54,000.305 rounded half up
    (850_000, "guyuan", "ordinary", "major", 0),
]


def test_the_payout_of_worked_cases(duck: Any, lite: sqlite3.Connection) -> None:
    flat = flat_of(policy(NX), "payout")
    for connection, dialect in both(duck, lite):
        kind = "VARCHAR" if dialect == "duckdb" else "TEXT"
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute(
            f'CREATE TABLE claims (cost_fen BIGINT, city {kind}, "group" {kind}, disease {kind}, paid BIGINT)'
        )
        connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", WORKED)
        found = connection.execute(sql_text(flat, dialect, keep=["paid"])).fetchall()
        assert sorted(found) == sorted((row[4], row[4], None, None) for row in WORKED)


def test_amounts_in_yuan_come_back_in_yuan_to_the_fen(duck: Any) -> None:
    duck.execute(
        'CREATE OR REPLACE TABLE claims (cost DECIMAL(12, 2), city VARCHAR, "group" VARCHAR, disease VARCHAR)'
    )
    duck.execute("INSERT INTO claims VALUES (100000.50, 'yinchuan', 'ordinary', 'common')")
    ((payout, problem, _),) = duck.execute(
        sql_text(flat_of(policy(NX), "payout"), "duckdb", shape="decimals")
    ).fetchall()
    assert (str(payout), problem) == ("54000.31", None)


def test_every_row_stays_and_a_bad_one_has_its_code(duck: Any) -> None:
    duck.execute(
        'CREATE OR REPLACE TABLE claims (n INT, cost_fen BIGINT, city VARCHAR, "group" VARCHAR, disease VARCHAR)'
    )
    rows = [
        (1, 15_000_000, "guyuan", "rural_poor", "major"),
        (2, None, "guyuan", "rural_poor", "major"),
        (3, -1, "guyuan", "rural_poor", "major"),
        (4, 10_000_000_001, "guyuan", "rural_poor", "major"),
        (5, 1, "Guyuan", "rural_poor", "major"),
        (6, 1, "guyuan", "rural_poor", None),
        (7, None, "nowhere", None, None),  # the first in the policy's order
    ]
    duck.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", rows)
    found = duck.execute(sql_text(flat_of(policy(NX), "payout"), "duckdb", keep=["n"])).fetchall()
    assert sorted(found) == [
        (1, 9_608_000, None, None),
        (2, None, "PC101", "cost"),
        (3, None, "PC104", "cost"),
        (4, None, "PC104", "cost"),
        (5, None, "PC106", "city"),
        (6, None, "PC101", "disease"),
        (7, None, "PC101", "cost"),
    ]


# the interpreter


def test_random_policies_agree_with_the_interpreter(
    engine_seeds: range, duck: Any, lite: sqlite3.Connection
) -> None:
    """On values, grounds, missing answers and the codes of rows that are refused. Of the programs that the engines
    in memory try, SQL tries a fifth: planning a query takes longer than answering it."""
    tried = 0
    for seed in engine_seeds[::5]:
        program = program_of(seed)
        flat = flatten(program)
        if isinstance(flat, tuple):
            continue
        shape = SHAPES[seed // 2 % 3]
        rows = [row for row in rows_for(program, 20, seed) if fits(flat, row, shape)]
        own = (
            engine("duckdb", in_duckdb(duck), shape) if seed % 2 else engine("sqlite", in_sqlite(lite), shape)
        )
        found = compared(program, flat, rows, own(flat, rows), [expected(program, row) for row in rows])
        assert not found, (seed, shape, found[:3])
        tried += len(rows)
    assert tried > 2 * len(engine_seeds)


def fits(flat: Flat, row: Any, shape: Shape) -> bool:
    """Whether a row can stand in a table of this shape: an integer cannot be half a fen."""
    values = ((row.get(c.key), c.den) for c in flat.inputs)
    return shape != "counts" or all(
        not isinstance(v, Fraction) or (v * den).denominator == 1 for v, den in values
    )


@pytest.mark.parametrize("place", [NX, XZ, "chongqing/2021.pol", "shandong/2021.pol", "linyi/2020.pol"])
def test_the_policies_agree_with_the_interpreter(place: str, duck: Any, lite: sqlite3.Connection) -> None:
    program = ranged(policy(place))
    rows = rows_for(program, 40, 7)
    for own in (engine("duckdb", in_duckdb(duck)), engine("sqlite", in_sqlite(lite))):
        assert not differences(program, rows, own)


# a place beyond its category


#: For each place the rate and the fee; the rates rise evenly but for the last, so they are written as a line.
_PLACES = (
    "policy p\ncategory city: north, south, east, west\ncategory kind: one, two\n"
    "input cost: money in 0元 .. 90000000000000元\n"
    "table share: rate by city\n| city | share (%) |\n| north | 60 |\n| south | 61 |\n| east | 62 |\n| west | 64 |\n"
    "table fee: money by kind, city\n| kind | city | fee (元) |\n"
    "| one | north | 7 |\n| one | south | 7 |\n| one | east | 9 |\n| one | west | 1 |\n| two | any | 5 |\n"
    'rule paid = cost * share + fee, round half up to 0.01元 because "x"\n'
)


@pytest.mark.parametrize(
    "kind", ["TINYINT", "UTINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "VARCHAR"]
)
def test_a_place_beyond_its_category_is_told_and_hurts_no_other_row(kind: str, duck: Any) -> None:
    flat = flat_of(read_policy(_PLACES), "paid")
    places = [4, 5, 127, -1, -128, 255, 256, 2**15, 2**31 - 1, -(2**31), 2**63 - 1, 2**100, None]
    least, most = {"UTINYINT": (0, 255), "VARCHAR": (-(2**127), 2**127)}.get(kind) or (
        (lambda bits: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))(
            {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "HUGEINT": 128}[kind]
        )
    )
    bad = [place for place in places if place is None or least <= place <= most]
    cost = 9 * 10**15
    rows: list[tuple[int, Any, Any]] = [(cost, 3, 0), (cost, 2, 1)]
    rows += [(cost, place, 0) for place in bad] + [(cost, 0, place) for place in bad]
    duck.execute(f"CREATE OR REPLACE TABLE claims (n INT, cost_fen BIGINT, city {kind}, kind {kind})")
    duck.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
    found = sorted(duck.execute(sql_text(flat, "duckdb", shape="counts", keep=["n"])).fetchall())
    if kind == "VARCHAR":
        assert {tuple(row[1:]) for row in found} == {(None, "PC103", "city"), (None, "PC101", "city")}
        return
    assert found[0][1:] == (cost * 64 // 100 + 100, None, None)
    assert found[1][1:] == (cost * 62 // 100 + 500, None, None)
    expect = [(None, "PC101" if place is None else "PC106", at_) for at_ in ("city", "kind") for place in bad]
    assert [row[1:] for row in found[2:]] == expect


def test_only_places_that_are_looked_up_are_left_as_they_are() -> None:
    """One that counts as an amount, or stands in a sum too wide for 32 bits, would do harm."""
    head = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))

    def left(*steps: Any, ranges: dict[int, tuple[int, int]] | None = None) -> set[str]:
        own = (Column("a"), Column("b"), Column("cost"), *steps)
        known = [(0, 3), (0, 3), (0, 10**5), *[(-(10**9), 10**9)] * len(steps)]
        for i, limits in (ranges or {}).items():
            known[i] = limits
        output = evolve(head.outputs[0], columns=(evolve(head.outputs[0].columns[0], value=len(own) - 1),))
        flat = evolve(head, steps=own, ranges=tuple(known), givens=(), outputs=(output,))
        return set(loose(flat, {"a": 255, "b": 65535}))

    four = (5, 1, 1, 7)
    assert left(Pick(0, four)) == {"a", "b"}
    assert left(Whole(4), Product(0, 3), Sum(4, 1), Pick(5, four * 4), ranges={3: (4, 4)}) == {"a", "b"}
    assert left(Bands(2, (2,), ((1,), (2,), (3,), (4,)), 0)) == {"a", "b"}
    assert left(Bands(0, (2,), ((1,), (2,), (3,), (4,)), 1)) == set()
    assert left(Quotient(2, 0)) == {"b"}
    assert left(Sum(0, 2), ranges={2: (-1, 5)}) == {"b"}
    assert left(Product(2, 1), ranges={2: (0, 10**5)}) == {"a"}
    assert left(Difference(0, 1)) == set()
    assert left(Compare("<", 0, 1), Choose(3, 0, 2)) == {"b"}


@pytest.mark.parametrize("shape", ["grains", "counts"])
def test_a_place_that_counts_as_a_number_is_multiplied_in_64_bits(
    shape: Shape, duck: Any, lite: sqlite3.Connection
) -> None:
    text = (
        "policy p\ncategory city: north, south, east, west\ntable steps: number by city\n| city | steps |\n"
        "| north | 0 |\n| south | 1 |\n| east | 2 |\n| west | 3 |\nrule paid = steps * 20000000元\n"
    )
    flat = flat_of(read_policy(text), "paid")
    assert Product(0, 1) in flat.steps
    for connection, dialect in both(duck, lite):
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute(f"CREATE TABLE claims (city {'TEXT' if shape == 'grains' else 'INTEGER'})")
        connection.execute("INSERT INTO claims VALUES (?)", ("west" if shape == "grains" else 3,))
        found = connection.execute(sql_text(flat, dialect, shape=shape)).fetchall()
        assert found == [(6_000_000_000, None, None)]


# figures and bands


def test_lines_through_figures_meet_each_and_stay_among_them() -> None:
    rng = random.Random(1)
    for _ in range(300):
        figures = [rng.randrange(5) for _ in range(rng.randrange(1, 5))]
        for _ in range(rng.randrange(4)):
            rise = rng.randrange(-3, 4)
            figures += [figures[-1] + rise * i for i in range(1, rng.randrange(2, 6))]
        bounds, lines = pieces(figures)
        for place in range(len(figures) + 300):
            start, rise = lines[sum(bound <= place for bound in bounds)]
            assert start + rise * place == figures[min(place, len(figures) - 1)]
    assert pieces([60, 61, 62, 64]) == ([3], [(60, 1), (64, 0)])
    assert pieces([7, 7, 2**40, 2**41, 3 * 2**40]) == (
        [2, 3, 4],
        [(7, 0), (2**40, 0), (2**41, 0), (3 * 2**40, 0)],
    )


@pytest.mark.parametrize("seed", range(6))
def test_every_member_gets_its_own_figure(seed: int, duck: Any, lite: sqlite3.Connection) -> None:
    """Level, rising and falling evenly, in disorder; for lists short and long."""
    rng = random.Random(seed)
    count = (1, 2, 5, 9, 40, 90)[seed]
    figures: list[int] = []
    while len(figures) < count:
        first, rise = rng.randrange(1, 500), rng.choice((0, 0, 1, 3, -2))
        figures += [first + 1000 + rise * i for i in range(rng.randrange(1, 9))]
    figures = figures[:count]
    lines = "".join(f"| m{i} | {figure} |\n" for i, figure in enumerate(figures))
    text = (
        f"policy p\ncategory member: {', '.join(f'm{i}' for i in range(count))}\n"
        f"table fee: money by member\n| member | fee (元) |\n{lines}"
    )
    flat = flat_of(read_policy(text), "fee")
    for connection, dialect in both(duck, lite):
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute("CREATE TABLE claims (member INTEGER)")
        connection.executemany("INSERT INTO claims VALUES (?)", [(i,) for i in range(count)])
        found = connection.execute(sql_text(flat, dialect, shape="counts", keep=["member"])).fetchall()
        assert sorted(row[:2] for row in found) == [(i, figure * 100) for i, figure in enumerate(figures)]


@pytest.mark.parametrize("seed", range(6))
def test_bands_that_are_the_same_in_all_columns_pay_each_slice_at_its_rate(
    seed: int, duck: Any, lite: sqlite3.Connection
) -> None:
    """A few of them, or all, and others between; rates that stay, fall, and are nothing."""
    rng = random.Random(seed)
    edges = [0, *sorted(rng.sample(range(1, 90), rng.randrange(1, 7))), 100]
    rises = [rng.choice(((30, 30), (0, 0), (-10, -10), (5, 20))) for _ in edges[1:]]
    rates = [(40, 40 if seed % 2 else 60)]
    for rise in rises[1:]:
        rates.append(tuple(min(100, max(0, rate + more)) for rate, more in zip(rates[-1], rise, strict=True)))  # type: ignore[arg-type]
    lines = "".join(
        f"| {low}元-{high}元 | {one} | {two} |\n"
        for (low, high), (one, two) in zip(pairwise(edges), rates, strict=True)
    )
    text = (
        "policy p\ncategory city: north, south\ninput cost: money in 0元 .. 100元\n"
        f"tiers paid of cost, marginal, by city\n| cost | north (%) | south (%) |\n{lines}"
        '  round half up to 0.01元 because "x"\n'
    )
    flat = flat_of(read_policy(text), "paid")
    fen = sorted({n for edge in edges for n in (100 * edge - 1, 100 * edge, 100 * edge + 1, 50 * edge + 7)})
    fen = [n for n in fen if 0 <= n <= 10_000]
    cases = [{"cost": F(n, 100), "city": city} for n in fen for city in ("north", "south")]

    def by_hand(cost: int, city: int) -> int:
        whole = Fraction(0)
        for (low, high), own in zip(pairwise(edges), rates, strict=True):
            whole += Fraction(max(0, min(cost, 100 * high) - 100 * low) * own[city], 100)
        return int(whole + Fraction(1, 2))

    for own in (engine("duckdb", in_duckdb(duck)), engine("sqlite", in_sqlite(lite))):
        raw = own(flat, cases)
        assert raw.values["paid", None] == [by_hand(n, c) for n in fen for c in (0, 1)]


# arithmetic at its limits

_DECIMAL = {
    "half_up": ROUND_HALF_UP, "half_down": ROUND_HALF_DOWN, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP,
    "down": ROUND_DOWN, "ceiling": ROUND_CEILING, "floor": ROUND_FLOOR,
}  # fmt: skip
_FEN = [
    sign * (magnitude + near)
    for magnitude in (0, 50, 100, 150, 350, 2**31, 2**53, 10**16)
    for near in (-51, -50, -49, -1, 0, 1, 49, 50, 51)
    for sign in (1, -1)
    if abs(magnitude + near) <= 2 * 10**16
]


@pytest.mark.parametrize("mode", _DECIMAL)
def test_rounding_is_exact_on_both_sides_of_zero_and_above_2_to_the_53(
    mode: RoundingMode, duck: Any, lite: sqlite3.Connection
) -> None:
    cost = given_input("cost")
    program = Program(
        header("p", "P", None),
        (),
        (fact("cost", AMOUNT, F(-2 * 10**14), F(2 * 10**14), CENT),),
        (),
        (define("d", AMOUNT, Formula(Round(cost, F(1), mode, AMOUNT, span=at())), "cost", grain=F(1)),),
        ("d",), (), (), (),
    )  # fmt: skip
    flat = flat_of(program)
    exact = Context(prec=60)
    for connection, dialect in both(duck, lite):
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute("CREATE TABLE claims (cost_fen BIGINT)")
        connection.executemany("INSERT INTO claims VALUES (?)", [(fen,) for fen in _FEN])
        found = connection.execute(sql_text(flat, dialect, keep=["cost_fen"])).fetchall()
        assert len(found) == len(_FEN)
        for fen, rounded, problem, _ in found:
            yuan_ = Decimal(fen).scaleb(-2, exact).quantize(Decimal(1), _DECIMAL[mode], exact)
            assert (rounded, problem) == (int(yuan_) * 100, None), fen


def test_a_quotient_of_integers_near_2_to_the_62_is_exact(duck: Any, lite: sqlite3.Connection) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    top = 2**62
    column = flat.inputs[0]
    for right in (1, 3, 7, 100, 10**9 + 7, 2**61 + 1):
        wide = evolve(
            flat,
            inputs=(evolve(column, low=0, high=top),),
            steps=(flat.steps[0], Whole(right), Quotient(0, 1)),
            ranges=((0, top), (right, right), (0, top)),
            outputs=(
                evolve(flat.outputs[0], columns=(evolve(flat.outputs[0].columns[0], value=2),)),
            ),
        )  # fmt: skip
        values = [top, top - 1, 2**53, 2**53 + 1, right, right - 1, 0, 3 * right - 1]
        for connection, dialect in both(duck, lite):
            connection.execute("DROP TABLE IF EXISTS claims")
            connection.execute("CREATE TABLE claims (cost_fen BIGINT)")
            values = [v for v in values if v <= top]
            connection.executemany("INSERT INTO claims VALUES (?)", [(v,) for v in values])
            found = connection.execute(sql_text(wide, dialect, keep=["cost_fen"])).fetchall()
            assert sorted((v, q) for v, q, *_ in found) == sorted((v, v // right) for v in values)


# what tables hold


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("DECIMAL(12, 3)", "1.001", "PC105"),
        ("DECIMAL(12, 3)", "1.010", None),
        ("DECIMAL(38, 18)", "1.010000000000000001", "PC105"),
        ("DECIMAL(38, 2)", "123456789012345678901234567890.00", "PC104"),
        ("DECIMAL(38, 30)", "1.01", "PC103"),  # more digits than can be multiplied exactly
        ("DOUBLE", "1.01", "PC103"),
        ("DOUBLE", "nan", "PC103"),
        ("DOUBLE", "inf", "PC103"),
        ("DOUBLE", "-0.0", "PC103"),
        ("HUGEINT", "123456789012345678901234567890", "PC104"),
        ("UBIGINT", "7", None),
        ("INTEGER", "-1", "PC104"),
        ("DECIMAL(12, 2)", "1000.01", "PC104"),
        ("DECIMAL(12, 4)", "1000.0001", "PC104"),
        ("DECIMAL(12, 2)", None, "PC101"),
    ],
)
def test_a_column_of_decimals_is_read_exactly_or_refused(
    duck: Any, kind: str, value: str | None, code: str | None
) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    duck.execute(f"CREATE OR REPLACE TABLE claims (cost {kind})")
    duck.execute(f"INSERT INTO claims VALUES (CAST(? AS {kind}))", [value])
    ((paid, problem, at_),) = duck.execute(sql_text(flat, "duckdb", shape="decimals")).fetchall()
    assert problem == code
    assert at_ == (None if code is None else "cost")
    assert paid == (None if code else Decimal(value or "").quantize(Decimal("0.01")))


TEXTS = [
    ("12.34", None), ("12.340000000000", None), ("0012", None), ("0", None), ("1000", None), ("1000.00", None),
    ("-0", "PC104"), ("-0.00", "PC104"), ("-1", "PC104"), ("1000.01", "PC104"), ("9" * 19, "PC104"), ("9" * 400, "PC104"),
    ("12.345", "PC105"), ("12.3400000001", "PC105"), ("1000.001", "PC104"),
    ("1e3", "PC103"), ("1,000", "PC103"), ("nan", "PC103"), ("Infinity", "PC103"), (" 1", "PC103"), ("1 ", "PC103"),
    ("1\n", "PC103"), ("+1", "PC103"), (".5", "PC103"), ("5.", "PC103"), ("1.2.3", "PC103"), ("--1", "PC103"), ("-", "PC103"),
    ("１２", "PC103"), ("", "PC101"), (None, "PC101"), ("12.34'; DROP TABLE claims; --", "PC103"),
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_text_is_an_amount_only_as_digits(dialect: Dialect, duck: Any, lite: sqlite3.Connection) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    connection = duck if dialect == "duckdb" else lite
    connection.execute("DROP TABLE IF EXISTS claims")
    connection.execute("CREATE TABLE claims (n INTEGER, cost VARCHAR)")
    connection.executemany(
        "INSERT INTO claims VALUES (?, ?)", [(i, text) for i, (text, _) in enumerate(TEXTS)]
    )
    found = connection.execute(sql_text(flat, dialect, shape="text", keep=["n"])).fetchall()
    assert {TEXTS[n]: problem for n, _, problem, _ in found} == {(t, c): c for t, c in TEXTS}
    for n, paid, problem, _ in found:
        if problem is None:
            fen = paid if dialect == "sqlite" else int(paid * 100)
            assert fen == Fraction(TEXTS[n][0] or "") * 100


DAYS = [
    ("2020-02-29", None), ("2021-02-29", "PC103"), ("2000-02-29", None), ("2100-02-29", "PC103"), ("2021-04-31", "PC103"),
    ("2021-13-01", "PC103"), ("2021-00-10", "PC103"), ("2021-1-1", "PC103"), ("20210101", "PC103"), ("2021-01-01 00:00", "PC103"),
    ("1999-12-31", "PC104"), ("2100-12-31", None), ("2101-01-01", "PC104"), ("", "PC101"), ("today", "PC103"),
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_text_is_a_day_only_if_the_calendar_has_it(
    dialect: Dialect, duck: Any, lite: sqlite3.Connection
) -> None:
    text = "policy p\ninput since: date in 2000-01-01 .. 2100-12-31\nrule late when since from 2020-01-01\n"
    flat = flat_of(read_policy(text))
    connection = duck if dialect == "duckdb" else lite
    connection.execute("DROP TABLE IF EXISTS claims")
    connection.execute("CREATE TABLE claims (since VARCHAR)")
    connection.executemany("INSERT INTO claims VALUES (?)", [(day,) for day, _ in DAYS])
    found = connection.execute(sql_text(flat, dialect, shape="text", keep=["since"])).fetchall()
    assert {day: problem for day, _, problem, _ in found} == dict(DAYS)
    assert all(bool(late) == (day >= "2020-01-01") for day, late, problem, _ in found if problem is None)


def test_labels_and_codes_stand_for_members_when_asked_for(duck: Any) -> None:
    text = (
        "policy p\ncategory city: north “北城”, south “南城”\n"
        "table due: money by city\n  | city | due (元) |\n  | north | 1 |\n  | south | 2 |\n"
    )
    flat = flat_of(read_policy(text))
    texts = {"city": {"north": 0, "south": 1, "北城": 0, "南城": 1}}
    duck.execute("CREATE OR REPLACE TABLE claims AS SELECT unnest(['north', '南城', 'East']) AS city")
    found = duck.execute(sql_text(flat, "duckdb", texts=texts, keep=["city"])).fetchall()
    assert [(city, fen, code) for city, fen, code, _ in found] == [
        ("north", 100, None), ("南城", 200, None), ("East", None, "PC106"),
    ]  # fmt: skip


# names


HOSTILE = [
    'a"b',
    "x; DROP TABLE claims; --",
    "it's",
    "`c`",
    "a\\b",
    "*/",
    "列 名",
    "select",
    "{x}",
    "%s",
    "?",
    ":p",
]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_names_are_quoted_whatever_is_in_them(dialect: Dialect, duck: Any, lite: sqlite3.Connection) -> None:
    for own in HOSTILE:
        program = Program(
            header(own, own, None),
            (category(own, (own, None), ("other", None)),),
            (fact(own, AMOUNT, F(0), F(10), CENT), fact(f"{own} 2", MemberOf(own)), fact(f"{own} 3", SetOf(own))),
            (),
            (define(f"{own} 4", AMOUNT, Formula(given_input(own)), f"{own}, {own} 2", grain=CENT),),
            (f"{own} 4",), (), (), (),
        )  # fmt: skip
        program = evolve(
            program, definitions=(evolve(program.definitions[0], inputs=(own, f"{own} 2", f"{own} 3")),)
        )
        flat = flat_of(program)
        table = f"claims {own}"
        connection = duck if dialect == "duckdb" else lite
        kind = "VARCHAR[]" if dialect == "duckdb" else "VARCHAR"
        names = [f.name for f in fields(flat)]
        quoted = ['"' + n.replace('"', '""') + '"' for n in (table, *names)]
        connection.execute(f"DROP TABLE IF EXISTS {quoted[0]}")
        connection.execute(
            f"CREATE TABLE {quoted[0]} ({quoted[1]} BIGINT, {quoted[2]} VARCHAR, {quoted[3]} {kind})"
        )
        marks = [own] if dialect == "duckdb" else own
        connection.execute(f"INSERT INTO {quoted[0]} VALUES (?, ?, ?)", [7, own, marks])
        query = sql_text(
            flat, dialect, table=table, keep=[names[0]], heading=[f"*/ {own}\n; DROP TABLE claims"]
        )
        assert connection.execute(query).fetchall() == [(7, 7, None, None)]
        assert connection.execute(f"SELECT count(*) FROM {quoted[0]}").fetchall() == [(1,)]


def refused(program: Program, dialect: Dialect, **how: Any) -> list[str]:
    return [d.code.number for d in problems(program, flat_of(program), dialect, **how)]


def test_columns_that_a_dialect_cannot_tell_apart_are_refused() -> None:
    program = small(
        define("D", AMOUNT, Formula(const(F(1))), "", grain=CENT),
        define("d", AMOUNT, Formula(const(F(1))), "", grain=CENT),
    )
    assert refused(program, "duckdb") == refused(program, "sqlite") == refused(program, "spark") == ["PD742"]
    assert refused(program, "postgres") == []
    one = small(define("d", AMOUNT, Formula(const(F(1))), "", grain=CENT))
    assert refused(one, "duckdb", keep=["d_fen"]) == refused(one, "duckdb", keep=["problem"]) == ["PD742"]
    assert refused(one, "duckdb", keep=["d"]) == []


def test_names_that_postgresql_would_cut_are_refused() -> None:
    program = small(
        define(
            "年度居民大病保险合规费用支付金额合计数额" * 2,
            YES_NO,
            Formula(given_input("flag", YES_NO)),
            "flag",
        )
    )
    assert refused(program, "postgres") == ["PD743"]
    assert refused(program, "duckdb") == []


def test_members_with_commas_are_refused_where_texts_hold_lists() -> None:
    program = Program(
        header("p", "P", None), (category("mark", ("a,b", None), ("c", None)),), (fact("marks", SetOf("mark")),), (),
        (define("d", AMOUNT, Formula(const(F(1))), "marks", grain=CENT),), ("d",), (), (), (),
    )  # fmt: skip
    assert refused(program, "sqlite") == refused(program, "duckdb", shape="text") == ["PD744"]
    assert refused(program, "duckdb") == []


def test_a_macro_is_for_duckdb() -> None:
    one = small(define("d", AMOUNT, Formula(const(F(1))), "", grain=CENT))
    assert [refused(one, d, macro=True) for d in ("duckdb", "sqlite", "postgres", "spark")] == [
        [], ["PD741"], ["PD741"], ["PD741"],
    ]  # fmt: skip


# views, tables, macros, and what is large


def test_a_view_a_table_and_a_macro_give_what_the_query_gives(duck: Any, lite: sqlite3.Connection) -> None:
    flat = flat_of(policy(XZ), "funding")
    for connection, dialect in both(duck, lite):
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute("CREATE TABLE claims (county VARCHAR)")
        connection.execute("INSERT INTO claims VALUES ('western')")
        asked = connection.execute(sql_text(flat, dialect)).fetchall()
        # 464 + 58 + 13.5 + 44.5, of which city and county 58: the notice of Xinzhou, clause 1
        assert sorted(v for v in asked[0] if isinstance(v, int)) == [1350, 4450, 5800, 5800, 46400, 58000]
        for kind in ("view", "table"):
            connection.execute(sql_text(flat, dialect, kind=kind, name=f"my {kind}"))
            assert connection.execute(f'SELECT * FROM "my {kind}"').fetchall() == asked
            connection.execute(f'DROP {kind} "my {kind}"')
    duck.execute(sql_text(flat, "duckdb", kind="macro"))
    assert duck.execute("SELECT * FROM xinzhou_2021(claims)").fetchall() == asked


def test_a_value_that_is_read_twice_on_forty_levels_is_computed_once_each(
    lite: sqlite3.Connection, duck: Any
) -> None:
    text = "policy p\ninput cost: money in 0元 .. 1元\nrule d0 = cost\n"
    text += "".join(
        f"rule d{i} = if d{i - 1} over 0.5元 then d{i - 1} - 0.01元 else d{i - 1} + 0.01元\n"
        for i in range(1, 40)
    )
    program = read_policy(text)
    flat = flat_of(program, "d39")
    rows = [{"cost": F(n, 100)} for n in (0, 49, 50, 51, 100)]
    for own in (engine("duckdb", in_duckdb(duck)), engine("sqlite", in_sqlite(lite))):
        raw = own(flat, rows)
        expect = []
        for n in (0, 49, 50, 51, 100):
            for _ in range(39):
                n = n - 1 if n > 50 else n + 1
            expect.append(n)
        assert raw.values["d39", None] == expect


def test_hundreds_of_bands_fit(lite: sqlite3.Connection, duck: Any) -> None:
    """More than any parser holds as CASEs within CASEs."""
    bands = "".join(f"  | {i}00元 to {i + 1}00元 | {i % 90} | {90 - i % 90} |\n" for i in range(400))
    text = (
        "policy p\ncategory city: north, south\ninput cost: money in 0元 .. 40000元\n"
        f"tiers paid of cost, marginal, by city\n  | cost | north (%) | south (%) |\n{bands}"
        '  round half up to 0.01元 because "x"\n'
    )
    program = read_policy(text)
    flat = flat_of(program, "paid")
    fen = [0, 1, 10_000, 10_001, 1_234_567, 3_999_999, 4_000_000]

    def by_hand(cost: int, column: int) -> int:
        whole = Fraction(0)
        for i in range(400):
            part = min(max(cost - 10_000 * i, 0), 10_000)
            whole += Fraction(part * (i % 90 if column == 0 else 90 - i % 90), 100)
        return int(whole + Fraction(1, 2))

    cases = [{"cost": F(n, 100), "city": city} for n in fen for city in ("north", "south")]
    for own in (engine("duckdb", in_duckdb(duck)), engine("sqlite", in_sqlite(lite))):
        raw = own(flat, cases)
        assert raw.values["paid", None] == [by_hand(n, c) for n in fen for c in (0, 1)]


def test_sixty_grounds_of_every_overlap_fit(lite: sqlite3.Connection, duck: Any) -> None:
    grounds = tuple(
        Ground(
            name(f"g{i}"), compare(">", given_input("a"), yuan(i)), yuan(2 * i), False, span=at()
        )
        for i in range(60)
    )  # fmt: skip
    for overlap in ("first", "greatest", "sum", "count"):
        body = Exceptions(yuan(7), grounds, overlap)
        program = small(define("d", AMOUNT, body, EVERYTHING, grain=CENT))
        rows: list[dict[str, Any]] = [
            {"a": F(n, 2), "b": F(0), "flag": True, "when": None, "level": "one", "marks": frozenset()}
            for n in (-1, 0, 1, 30, 100, 119, 120)
        ]
        for own in (engine("duckdb", in_duckdb(duck)), engine("sqlite", in_sqlite(lite))):
            assert not differences(ranged(program), rows, own)


@pytest.mark.parametrize("seed", range(16))
def test_a_search_among_many_edges_finds_the_place(seed: int) -> None:
    """Evenly spaced, crowded, with one far away, of one unit; beside each edge and beyond the ends."""
    rng = random.Random(seed)
    spread_out = [rng.randrange(-(10**6), 10**6) for _ in range((10, 33, 90, 400)[seed // 4])]
    edges = sorted(
        {(17 * i, v, v // 1000, v if v % 9 else 10**12 + v)[seed % 4] for i, v in enumerate(spread_out)}
    )
    flat = evolve(
        flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n")),
        steps=(Whole(0), Place(0, tuple(edges))),
        ranges=((-(10**13), 10**13), (0, len(edges))),
        outputs=(),
        givens=(),
    )
    for dialect in DIALECTS:
        steps = spread(flat, dialect).steps
        for value in {e + d for e in edges for d in (-1, 0, 1)} | {-(10**13), 10**13}:
            got: list[Any] = []
            for step in (Whole(value), *steps[1:]):
                got.append(run(step, [got[i] for i in reads(step)]))
            assert got[-1] == sum(edge <= value for edge in edges)


@pytest.mark.parametrize("edges", [(5, 10, 20, 30, 40, 50, 60, 70, 80, 90), tuple(range(0, 400, 10))])
def test_many_bands_pay_what_their_slices_add_up_to(edges: tuple[int, ...]) -> None:
    rng = random.Random(len(edges))
    rates = tuple(tuple(rng.randrange(-20, 100) for _ in edges) for _ in range(3))
    for moving in (False, True):  # with an edge that differs from row to row there is no constant for a band
        own = tuple(range(3, 3 + len(edges)))
        second = Sum(2, 1) if moving else Whole(edges[1])
        low_edges = (Whole(edges[0]), second, *map(Whole, edges[2:]))
        steps = (Whole(0), Whole(0), Whole(edges[1]), *low_edges, Bands(0, own, rates, 1))
        ranges = tuple((-(10**9), 10**9) for _ in steps)
        flat = evolve(
            flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n")),
            steps=steps, ranges=ranges, outputs=(), givens=(),
        )  # fmt: skip
        made = spread(flat, "duckdb").steps
        for amount in (-5, 0, 5, 6, 19, 20, 55, 200, 1000):
            for column in range(3):
                got: list[Any] = []
                for s in (Whole(amount), Whole(column), *made[2:]):
                    got.append(run(s, [got[i] for i in reads(s)]))
                low = [edges[0], edges[1] + column if moving else edges[1], *edges[2:]]
                paid = sum(
                    rates[column][i] * max(0, min(amount, high) - at_)
                    for i, (at_, high) in enumerate(zip(low, [*low[1:], 10**9], strict=True))
                )
                assert got[-1] == paid


# the command


def test_the_bytes_are_the_same_whatever_the_hash_seed(tmp_path: Path) -> None:
    def written(seed: str) -> bytes:
        call = [sys.executable, "-m", "policydsl", "sql", f"policies/{XZ}", "--dialect", "postgres"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C.UTF-8"}
        return subprocess.run(call, capture_output=True, check=True, cwd=ROOT, env=environment).stdout

    first = written("1")
    assert first == written("2")
    assert b"WITH" in first


def cli(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["sql", *arguments])
    found = capsys.readouterr()
    return status, found.out, found.err


def test_a_draft_is_written_only_when_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(ROOT / "policies" / NX)
    status, out, err = cli(capsys, path, "payout", "--dialect", "duckdb", "--lang", "en")
    assert (status, out) == (1, "")
    assert "PD088" in err
    status, out, _ = cli(capsys, path, "payout", "--dialect", "duckdb", "--draft")
    assert status == 0
    assert out.startswith("-- 宁夏2020年城乡居民基本医疗保障 · ningxia_2020 · 征求意见稿 DRAFT")


def test_the_file_is_written_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, target = str(ROOT / "policies" / XZ), tmp_path / "out.sql"
    status, out, _ = cli(capsys, path, "funding", "--dialect", "sqlite", "--as", "view", "-o", str(target))
    assert (status, out) == (0, f"{target}\n")
    assert target.read_text(encoding="utf-8").endswith(";\n")
    assert os.listdir(tmp_path) == ["out.sql"]
    status, _, err = cli(
        capsys, path, "--dialect", "sqlite", "-o", str(tmp_path / "no" / "out.sql"), "--lang", "zh"
    )
    assert status == 2
    assert "无法写入" in err


def test_without_the_library_the_command_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "can_write_sql", lambda: False)
    status, out, err = cli(capsys, str(ROOT / "policies" / XZ), "--dialect", "duckdb", "--lang", "zh")
    assert (status, out) == (2, "")
    assert "PD740" in err
    assert 'pip install "policydsl[sql]"' in err


def test_what_does_not_fit_64_bits_is_refused_with_its_range(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "p.pol"
    file.write_text("policy p\ninput cost: money\nrule d = cost × 2\n", encoding="utf-8")
    status, out, err = cli(capsys, str(file), "--dialect", "duckdb", "--lang", "en")
    assert (status, out) == (1, "")
    assert "error[PD71" in err


def test_a_macro_elsewhere_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = cli(
        capsys, str(ROOT / "policies" / XZ), "--dialect", "spark", "--as", "macro", "--lang", "en"
    )
    assert status == 1
    assert "PD741" in err
