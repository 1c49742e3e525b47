"""Does a real PostgreSQL server answer as the interpreter does? One is started for these tests, where it is installed."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engines import compared, expected, program_of, ranged, rows_for
from policydsl.backends.sql import Shape, sql_text
from policydsl.flatten import flatten
from sql_engines import engine, in_postgres
from test_sql import DAYS, NX, TEXTS, WORKED, XZ, fits, flat_of, policy, read_policy

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: the extra `engines`")
pytestmark = pytest.mark.postgres

SHAPES: tuple[Shape, ...] = ("decimals", "counts", "text")


def _programs() -> str | None:
    """The folder with initdb and pg_ctl, of the newest version."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A connection to a server of its own, in a folder of its own, that listens on no network."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed under /usr/lib/postgresql")
    folder = tempfile.mkdtemp(prefix="policydsl-pg-")
    how: dict[str, Any] = {"check": True, "capture_output": True, "cwd": folder}
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            shutil.rmtree(folder)
            pytest.skip("run as root, and there is no user “postgres” to start the server as")
        os.chown(folder, user.pw_uid, user.pw_gid)
        how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = os.path.join(folder, "data")
    control = [os.path.join(programs, "pg_ctl"), "-D", data, "-w"]
    try:
        subprocess.run(
            [
                os.path.join(programs, "initdb"),
                "-D",
                data,
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
                "-U",
                "tester",
            ],
            **how,
        )
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        # its output goes to a file: a pipe that it inherits would never end
        subprocess.run([*control, "-l", os.path.join(folder, "log"), "-o", options, "start"], **how)
        try:
            with psycopg.connect(
                host=folder, user="tester", dbname="postgres", autocommit=True
            ) as connection:
                yield connection
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **how)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_random_policies_agree_with_the_interpreter(request: pytest.FixtureRequest, server: Any) -> None:
    """A hundred of them, or a tenth of `--examples`."""
    many = max(100, request.config.getoption("--examples") // 10)
    runs = [engine("postgres", in_postgres(server), shape) for shape in SHAPES]
    tried = 0
    for seed in range(many):
        program = program_of(seed)
        flat = flatten(program)
        if isinstance(flat, tuple):
            continue
        shape = SHAPES[seed % 3]
        rows = [row for row in rows_for(program, 15, seed) if fits(flat, row, shape)]
        found = compared(
            program, flat, rows, runs[seed % 3](flat, rows), [expected(program, row) for row in rows]
        )
        assert not found, (seed, shape, found[:3])
        tried += 1
    assert tried > many // 2


@pytest.mark.parametrize("place", [NX, XZ, "linyi/2020.pol"])
def test_the_policies_agree_with_the_interpreter(place: str, server: Any) -> None:
    program = ranged(policy(place))
    flat = flat_of(program)
    rows = rows_for(program, 30, 11)
    raw = engine("postgres", in_postgres(server))(flat, rows)
    assert not compared(program, flat, rows, raw, [expected(program, row) for row in rows])


def test_the_payout_of_worked_cases_through_a_view(server: Any) -> None:
    server.execute(
        'CREATE TEMPORARY TABLE bills (cost_fen BIGINT, city TEXT, "group" TEXT, disease TEXT, paid BIGINT)'
    )
    for row in WORKED:
        server.execute("INSERT INTO bills VALUES (%s, %s, %s, %s, %s)", row)
    flat = flat_of(policy(NX), "payout")
    text = sql_text(flat, "postgres", table="bills", keep=["paid"], kind="view", name='pay"out')
    server.execute(text.replace("CREATE VIEW", "CREATE TEMPORARY VIEW", 1))
    found = server.execute('SELECT * FROM "pay""out"').fetchall()
    assert sorted(found) == sorted((row[4], row[4], None, None) for row in WORKED)


def test_integers_are_divided_exactly_above_2_to_the_53(server: Any) -> None:
    text = "policy p\ninput cost: money in 0元 .. 100000000000000元\nrule d = (cost ÷ 3) rounded down to 0.01元\n"
    flat = flat_of(read_policy(text))
    values = [2**53 - 1, 2**53, 2**53 + 1, 10**16, 2, 3, 0]
    server.execute("CREATE TEMPORARY TABLE large (cost_fen BIGINT)")
    for value in values:
        server.execute("INSERT INTO large VALUES (%s)", [value])
    found = server.execute(sql_text(flat, "postgres", table="large", keep=["cost_fen"])).fetchall()
    assert sorted((a, b) for a, b, *_ in found) == sorted((v, v // 3) for v in values)


def test_texts_are_amounts_and_days_only_as_digits(server: Any) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    server.execute("CREATE TEMPORARY TABLE texts (n INTEGER, cost TEXT)")
    for i, (text, _) in enumerate(TEXTS):
        server.execute("INSERT INTO texts VALUES (%s, %s)", [i, text])
    found = server.execute(sql_text(flat, "postgres", table="texts", shape="text", keep=["n"])).fetchall()
    assert {TEXTS[n]: problem for n, _, problem, _ in found} == {(t, c): c for t, c in TEXTS}
    policy_text = (
        "policy p\ninput since: date in 2000-01-01 .. 2100-12-31\nrule late when since from 2020-01-01\n"
    )
    flat = flat_of(read_policy(policy_text))
    server.execute("CREATE TEMPORARY TABLE days (since TEXT)")
    for day, _ in DAYS:
        server.execute("INSERT INTO days VALUES (%s)", [day])
    found = server.execute(sql_text(flat, "postgres", table="days", shape="text", keep=["since"])).fetchall()
    assert {day: problem for day, _, problem, _ in found} == dict(DAYS)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("NUMERIC", "1.001", "PC105"),
        ("NUMERIC", "1.0100", None),
        ("NUMERIC", "1e300", "PC104"),
        ("NUMERIC", "NaN", "PC104"),
        ("NUMERIC", "-Infinity", "PC104"),
        ("DOUBLE PRECISION", "1.01", "PC103"),
        ("REAL", "1", "PC103"),
        ("INTEGER", "7", None),
        ("TEXT", "abc", "PC103"),
    ],
)
def test_a_column_of_numbers_is_read_exactly_or_refused(
    server: Any, kind: str, value: str, code: str | None
) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    server.execute("DROP TABLE IF EXISTS kinds")
    server.execute(f"CREATE TEMPORARY TABLE kinds (cost {kind})")
    server.execute(f"INSERT INTO kinds VALUES (CAST(%s AS {kind}))", [value])
    ((_, problem, _),) = server.execute(
        sql_text(flat, "postgres", table="kinds", shape="decimals")
    ).fetchall()
    assert problem == code


def test_the_server_is_not_started_on_a_network(server: Any) -> None:
    assert server.execute("SHOW listen_addresses").fetchall() == [("",)]
    assert Path(server.execute("SHOW unix_socket_directories").fetchall()[0][0]).is_dir()
