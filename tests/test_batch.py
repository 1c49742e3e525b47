"""Are files computed whole, to the fen, within their memory, and the same when a run is broken off?"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines import expected, program_of, rows_for, value_of
from policydsl.backends.sql import fields, results
from policydsl.batch import chunks, given, kernel, parts, run
from policydsl.batch import work as work_module
from policydsl.batch.footers import read_footer, size_of_footer, written_footer
from policydsl.cli.main import main
from policydsl.flat import Flat
from policydsl.flatten import flatten
from policydsl.ir import Program
from sql_engines import cell, column_type, counted, quoted

ROOT = Path(__file__).parent.parent
NINGXIA = str(ROOT / "policies" / "ningxia" / "2020.pol")
#: How many times a run is killed at random moments; twenty tell more.
KILLS = int(os.environ.get("POLICYDSL_KILLS", "1"))
CITIES = ("yinchuan", "shizuishan", "wuzhong", "zhongwei", "guyuan")


def batch(*arguments: object, outputs: str = "payout") -> int:
    call = ["batch", NINGXIA, outputs, "--draft", "--lang", "en", *map(str, arguments)]
    return main(call)


def claims(first: int, count: int, **columns: Any) -> pa.Table:
    """Claims of 100.00元 more each, from `first` × 100元 on, in all cities, groups and diseases."""
    numbers = range(first, first + count)
    table = {
        "person": pa.array([f"p{n}" for n in numbers]),
        "cost_fen": pa.array([n * 10000 for n in numbers], pa.int64()),
        "city": pa.array([CITIES[n % 5] for n in numbers]),
        "group": pa.array([("ordinary", "rural_poor")[n % 2] for n in numbers]),
        "disease": pa.array([("common", "major")[n // 2 % 2] for n in numbers]),
    }
    return pa.table({**table, **columns})


def by_hand(row: dict[str, Any]) -> int:
    """What the notice pays for a claim, in 分."""
    cost, city = row["cost_fen"], row["city"]
    poor, major = row["group"] == "rural_poor", row["disease"] == "major"
    low = 300000 if poor else {"guyuan": 850000, "wuzhong": 950000, "zhongwei": 950000}.get(city, 1000000)
    rates = {
        (False, False): (60, 61, 62, 63, 66, 70),
        (False, True): (61, 63, 64, 65, 68, 73),
        (True, False): (62, 66, 67, 68, 71, 75),
        (True, True): (64, 68, 69, 70, 73, 77),
    }[poor, major]
    edges = [low, *(n * 10000000 for n in range(1, 6))]
    paid = sum(
        rate * max(0, min(cost, edges[k + 1] if k < 5 else cost) - edges[k]) for k, rate in enumerate(rates)
    )
    return int(paid + 50) // 100


def rejects(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# what is computed


def test_every_row_is_paid_by_the_notice_and_keeps_its_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = claims(0, 3000)
    pq.write_table(table, tmp_path / "claims.parquet")
    assert batch("-i", tmp_path / "claims.parquet", "-o", tmp_path / "paid.parquet") == 0
    paid = pq.read_table(tmp_path / "paid.parquet")
    assert paid.column_names == [*table.column_names, "payout_fen"]
    for name in table.column_names:
        assert paid.column(name).to_pylist() == table.column(name).to_pylist()
    answers = [by_hand(row) for row in table.to_pylist()]
    assert paid.column("payout_fen").to_pylist() == answers
    told = capsys.readouterr().out
    assert "3,000 rows" in told
    assert f"{Decimal(sum(answers)) / 100:,.2f}元" in told
    assert rejects(tmp_path / "paid.rejects.csv") == []
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "claims.parquet",
        "paid.parquet",
        "paid.rejects.csv",
    ]


def test_a_csv_file_speaks_chinese_or_english_and_stays_as_it_is(tmp_path: Path) -> None:
    text = (
        "\ufeff编号,年度个人负担合理医疗费用,地市,参保人员类别,disease,说明\r\n"
        '001,150000.00,固原市,农村贫困人口,major,"甲, 乙\n丙"\r\n'
        '002,150000,640400,ordinary,20种大病,"他说""好"""\r\n'
    )
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    assert batch("-i", tmp_path / "a.csv", "-o", tmp_path / "p.csv") == 0
    with open(tmp_path / "p.csv", encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["payout"] == "96080.00"  # 97,000 × 64% + 50,000 × 68%
    assert second["payout"] == "87315.00"  # 91,500 × 61% + 50,000 × 63%
    assert (first["编号"], first["说明"], second["说明"]) == ("001", "甲, 乙\n丙", '他说"好"')


def test_rejects_have_their_file_row_column_value_and_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "PART", 400)
    folder = tmp_path / "in"
    folder.mkdir()
    wrong: dict[tuple[str, int], tuple[str, str, str]] = {}
    for number in range(3):
        table = claims(number * 1000, 1000).to_pydict()
        for row, column, value, code in (
            (7 + number, "cost_fen", -1, "PC104"),
            (399, "city", "nowhere", "PC106"),
            (999, "group", None, "PC101"),
        ):
            table[column][row] = value
            wrong[f"{number}.parquet", row + 1] = (column, "" if value is None else str(value), code)
        pq.write_table(pa.table(table), folder / f"{number}.parquet", row_group_size=60)
    assert batch("-i", folder, "-o", tmp_path / "paid.parquet") == 1
    found = {
        (Path(r["file"]).name, int(r["row"])): (r["column"], r["value"], r["code"])
        for r in rejects(tmp_path / "paid.rejects.csv")
    }
    assert found == wrong
    rows = [
        row
        for number in range(3)
        for at, row in enumerate(pq.read_table(folder / f"{number}.parquet").to_pylist(), 1)
        if (f"{number}.parquet", at) not in wrong
    ]
    paid = pq.read_table(tmp_path / "paid.parquet").to_pylist()
    assert paid == [{**row, "payout_fen": by_hand(row)} for row in rows]
    told = capsys.readouterr().out
    assert "2,991 rows" in told and "9 rows" in told and "PC104 out of range: cost_fen, 3 rows" in told


def test_rows_of_csv_chunks_are_numbered_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 500)
    lines = ["note,cost,city,group,disease"]
    lines += [f'"{"a,b" if n % 3 else chr(10)}",{n},yinchuan,ordinary,common' for n in range(400)]
    lines[351] = lines[351].replace("yinchuan", "nirgends")  # the row of the heading is none
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert batch("-i", tmp_path / "a.csv", "-o", tmp_path / "p.parquet") == 1
    assert [(r["row"], r["value"]) for r in rejects(tmp_path / "p.rejects.csv")] == [("351", "nirgends")]
    paid = pq.read_table(tmp_path / "p.parquet")
    assert [int(c) for c in paid.column("cost").to_pylist()] == [n for n in range(400) if n != 350]
    assert paid.column("note").to_pylist()[:2] == ["\n", "a,b"]


def test_a_row_of_another_width_is_a_reject_and_the_numbers_of_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 300)
    folder = tmp_path / "in"
    folder.mkdir()
    wrong: list[tuple[str, str, str, str, str]] = []
    good: list[str] = []
    for number in range(3):
        lines = []
        for row in range(1, 61):
            line = f'"{number}\n{row}",{row},yinchuan,ordinary,common'
            if row in (2, 3, 41):
                line = {2: "x", 3: f"{row},yinchuan,ordinary,common", 41: f"{line},more"}[row]
                wrong.append((f"{number}.csv", str(row), "", line, "PD766"))
            elif row in (1, 4, 40, 42, 60):
                line = line.replace("yinchuan", "nowhere")
                wrong.append((f"{number}.csv", str(row), "city", "nowhere", "PC106"))
            else:
                good.append(f"{number}\n{row}")
            lines.append(line)
        lines.insert(7, "")  # no row
        (folder / f"{number}.csv").write_text("note," + HEAD + "\n".join(lines), encoding="utf-8")
    (folder / "9.csv").write_text("note," + HEAD)
    assert batch("-i", folder, "-o", tmp_path / "p.parquet", "--explain-sample", 4) == 1
    found = [
        (Path(r["file"]).name, r["row"], r["column"], r["value"], r["code"])
        for r in rejects(tmp_path / "p.rejects.csv")
    ]
    assert found == wrong
    assert pq.read_table(tmp_path / "p.parquet").column("note").to_pylist() == good
    told = capsys.readouterr().out
    assert "PD766 more or fewer cells than the heading: 9 rows" in told
    shown = (tmp_path / "p.explained.txt").read_text(encoding="utf-8")
    for line in shown.splitlines():
        if line.startswith("═══"):
            name, place = line.split("/")[-1].split(".csv row ")
            assert f"{name}\n{place.split(' ')[0]}" in good
            assert f"{Decimal(place.split(' ')[0]):.2f}元" in shown


def test_many_small_files_are_computed_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = set()
    for form in ("parquet", "csv"):
        (tmp_path / form).mkdir()
    for number in range(30):
        table = claims(number * 20, 20).to_pydict()
        table["city"][number % 20] = f"x{number}"
        wrong.add((f"{number:02}", str(number % 20 + 1), f"x{number}"))
        pq.write_table(pa.table(table), tmp_path / "parquet" / f"{number:02}.parquet")
        with open(tmp_path / "csv" / f"{number:02}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(table), *zip(*table.values(), strict=True)])
    pq.write_table(claims(0, 1).slice(1), tmp_path / "parquet" / "05a.parquet")
    for form, fast in (("parquet", True), ("parquet", False), ("csv", False)):
        monkeypatch.setattr(kernel, "is_there", lambda fast=fast: fast)
        output = tmp_path / f"{form}{fast}.parquet"
        assert batch("-i", tmp_path / form, "-o", output, "--explain-sample", 2) == 1
        found = {
            (Path(r["file"]).stem, r["row"], r["value"]) for r in rejects(output.with_suffix(".rejects.csv"))
        }
        assert found == wrong
        assert pq.read_metadata(output).num_row_groups == 1
        rows = pq.read_table(output).to_pylist()
        assert [row["person"] for row in rows] == [f"p{n}" for n in range(600) if n % 20 != n // 20 % 20]
        assert all(row["payout_fen"] == by_hand({**row, "cost_fen": int(row["cost_fen"])}) for row in rows)


def test_what_is_handed_on_is_copied_where_no_row_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "SMALL", 50)
    monkeypatch.setattr(kernel, "ROWS", 250)
    monkeypatch.setattr(kernel, "LESS", 30)
    table = claims(0, 1000).to_pydict()
    table["cost_fen"][333] = -1
    table["list"] = [[n, None] if n % 3 else None for n in range(1000)]
    table["day"] = [f"2021-01-{n % 28 + 1:02}" for n in range(1000)]
    given_table = pa.table(table)
    rows = [{**r, "payout_fen": by_hand(r)} for r in given_table.to_pylist() if r["cost_fen"] >= 0]
    for options in (
        {},
        {"compression": "zstd", "data_page_version": "2.0"},
        {"use_dictionary": False, "write_page_index": True, "write_statistics": False},
    ):
        pq.write_table(given_table, tmp_path / "a.parquet", row_group_size=100, **options)
        assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--force") == 1
        assert pq.read_table(tmp_path / "p.parquet").to_pylist() == rows
        with duckdb.connect() as connection:
            assert (
                connection.sql(f"SELECT * FROM '{tmp_path}/p.parquet'").to_arrow_table().to_pylist() == rows
            )
        before, after = (pq.read_metadata(tmp_path / name) for name in ("a.parquet", "p.parquet"))
        # the fourth is written anew, in pieces of 30 rows
        assert [after.row_group(g).num_rows for g in range(13)] == [*[100] * 3, 30, 29, 30, 10, *[100] * 6]
        for old, new in ((0, 0), (9, 12)):
            one, two = before.row_group(old).column(1), after.row_group(new).column(1)
            assert one.compression == two.compression
            assert one.total_compressed_size == two.total_compressed_size
            assert (one.statistics is None) == (two.statistics is None)
            if one.statistics is not None:
                assert (one.statistics.min, one.statistics.max) == (two.statistics.min, two.statistics.max)


def test_what_duckdb_wrote_is_copied_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "SMALL", 1000)
    source, output = tmp_path / "a.parquet", tmp_path / "p.parquet"
    kept = "i AS person, CAST(i AS DECIMAL(18, 2)) AS fee, CASE WHEN i % 3 = 0 THEN NULL ELSE [i, NULL] END AS list"
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(
            f"COPY (SELECT {kept}, i * 10000 AS cost_fen, 'guyuan' AS city, 'ordinary' AS \"group\", 'major' AS disease "
            f"FROM range(8192) t(i)) TO '{source}' (ROW_GROUP_SIZE 2048)"
        )
        assert batch("-i", source, "-o", output) == 0
        same = connection.execute(
            f"SELECT count(*) FROM '{source}' a JOIN '{output}' p USING (person) "
            "WHERE a.fee = p.fee AND a.list IS NOT DISTINCT FROM p.list AND a.cost_fen = p.cost_fen"
        ).fetchall()
        assert same == [(8192,)]
        assert connection.sql(f"DESCRIBE SELECT * EXCLUDE payout_fen FROM '{output}'").fetchall() == (
            connection.sql(f"DESCRIBE SELECT * FROM '{source}'").fetchall()
        )
    one, two = (pq.read_metadata(path).row_group(2) for path in (source, output))
    for i in range(one.num_columns):
        assert one.column(i).total_compressed_size == two.column(i).total_compressed_size
    row = {"city": "guyuan", "group": "ordinary", "disease": "major"}
    paid = pq.read_table(output).column("payout_fen").to_pylist()
    assert paid == [by_hand({**row, "cost_fen": n * 10000}) for n in range(8192)]


def test_the_results_can_be_all_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(claims(0, 500), tmp_path / "a.parquet", row_group_size=100)
    for fast in (True, False):
        monkeypatch.setattr(kernel, "is_there", lambda fast=fast: fast)
        call = ("-i", tmp_path / "a.parquet", "-o", tmp_path / f"{fast}.parquet", "--results-only")
        assert batch(*call) == 0
        paid = pq.read_table(tmp_path / f"{fast}.parquet").to_pydict()
        assert paid == {"payout_fen": [by_hand(row) for row in claims(0, 500).to_pylist()]}
    assert batch(*call, "--force", "--keep", "person") == 2


def test_a_folder_of_parts_can_be_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 100)
    pq.write_table(claims(0, 1000), tmp_path / "a.parquet", row_group_size=100)
    assert batch("-i", tmp_path / "a.parquet", "-o", f"{tmp_path}/paid/") == 0
    names = sorted(p.name for p in (tmp_path / "paid").iterdir())
    assert names == [f"part-{n:05}.parquet" for n in range(10)]
    rows = [row for name in names for row in pq.read_table(tmp_path / "paid" / name).to_pylist()]
    assert rows == [{**row, "payout_fen": by_hand(row)} for row in claims(0, 1000).to_pylist()]


def test_what_is_the_same_for_all_is_set_and_columns_are_chosen(tmp_path: Path) -> None:
    table = claims(0, 50).drop_columns(["city"])
    pq.write_table(table, tmp_path / "a.parquet")
    called = (
        "-i",
        tmp_path / "a.parquet",
        "-o",
        tmp_path / "p.parquet",
        "--set",
        "city=固原市",
        "--keep",
        "person",
    )
    assert batch(*called) == 0
    paid = pq.read_table(tmp_path / "p.parquet")
    assert paid.column_names == ["person", "payout_fen"]
    assert paid.column("payout_fen").to_pylist() == [
        by_hand({**r, "city": "guyuan"}) for r in table.to_pylist()
    ]


def test_the_same_rows_are_explained_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 100)
    pq.write_table(claims(0, 1000), tmp_path / "a.parquet", row_group_size=100)
    called = ("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--explain-sample", 3)
    assert batch(*called) == 0
    first = (tmp_path / "p.explained.txt").read_text(encoding="utf-8")
    assert batch(*called, "--force") == 0
    assert (tmp_path / "p.explained.txt").read_text(encoding="utf-8") == first
    rows = [
        int(line.split(" row ")[1].split(" ")[0]) for line in first.splitlines() if line.startswith("═══")
    ]
    assert len(rows) == 3 and rows == sorted(rows)
    table = claims(0, 1000).to_pylist()
    for row, text in zip(rows, first.split("═══ " + str(tmp_path))[1:], strict=True):
        assert f"{Decimal(by_hand(table[row - 1])) / 100:,.2f}元" in text


@pytest.mark.parametrize("fast", [True, False], ids=["kernel", "sql"])
@pytest.mark.parametrize("seed", range(10))
def test_the_interpreter_says_the_same_of_random_policies(
    seed: int, fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "is_there", lambda: fast)
    program = program_of(seed)
    flat = flatten(program)
    if not isinstance(flat, Flat) or not flat.outputs:
        pytest.skip("64 bits do not suffice")
    rows = rows_for(program, 40, seed)
    read = fields(flat, "decimals")
    with duckdb.connect() as connection:
        columns = ", ".join(f"{quoted(f.name)} {column_type(f, 'duckdb')}" for f in read)
        connection.execute(f"CREATE TABLE t (number BIGINT{', ' if read else ''}{columns})")
        places = ", ".join("?" * (len(read) + 1))
        for i, row in enumerate(rows):
            cells = [cell(f, row.get(f.column.key), "duckdb") for f in read]
            connection.execute(f"INSERT INTO t VALUES ({places})", [i, *cells])
        connection.execute(f"COPY t TO '{tmp_path}/t.parquet' (ROW_GROUP_SIZE 2048)")
    compare(program, flat, rows, tmp_path)


def compare(program: Program, flat: Flat, rows: list[Any], folder: Path) -> None:
    found = given.inputs([str(folder / "t.parquet")])
    target = given.target(str(folder / "p.parquet"), None, found)
    job = run.Job(program, program.outputs, found, target, {}, {}, keep=("number",))
    summary = run.run(job, resume=False, force=False, progress=lambda *_: None)
    answers = [expected(program, row) for row in rows]
    codes: dict[int, str] = {}
    for i, answer in enumerate(answers):
        if isinstance(answer, str):
            codes[i] = answer
        elif any(parts is None for parts in answer.values()):
            codes[i] = "PC108"
    assert {int(r["row"]) - 1: r["code"] for r in rejects(folder / "p.rejects.csv")} == codes
    assert summary.rows == len(rows) and summary.rejected == len(codes)
    given_columns = results(flat, "duckdb", "decimals")
    with duckdb.connect() as connection:
        names = ", ".join(quoted(r.name) for r in given_columns)
        made = connection.execute(f"SELECT number, {names} FROM '{folder}/p.parquet'").fetchall()
    assert [row[0] for row in made] == [i for i in range(len(rows)) if i not in codes]
    for number, *values in made:
        answer = answers[number]
        assert isinstance(answer, dict)
        for result, value in zip(given_columns, values, strict=True):
            own = answer[result.output]
            assert own is not None
            assert value_of(result.column, counted(result, value)) == own[result.column.part]


def test_the_kernel_and_the_sql_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = claims(0, 3000).to_pydict()
    table["cost_fen"][17], table["city"][2000], table["city"][2001] = 10**10 + 1, "", None
    pq.write_table(pa.table(table), tmp_path / "a.parquet", row_group_size=700)
    made = []
    for fast in (True, False):
        monkeypatch.setattr(kernel, "is_there", lambda fast=fast: fast)
        assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / f"{fast}.parquet") == 1
        made.append((pq.read_table(tmp_path / f"{fast}.parquet"), rejects(tmp_path / f"{fast}.rejects.csv")))
    assert made[0][0].equals(made[1][0])
    assert made[0][1] == made[1][1]
    assert [r["code"] for r in made[0][1]] == ["PC104", "PC106", "PC101"]
    assert {
        pq.read_metadata(tmp_path / f"{fast}.parquet").created_by.split()[0] for fast in (True, False)
    } == {
        "parquet-cpp-arrow",
        "DuckDB",
    }


def test_what_is_missing_in_some_parts_alone_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 100)
    table = claims(0, 300).to_pydict()
    table["person"][150] = table["city"][250] = None
    table["cost_fen"][3] = -1
    pq.write_table(pa.table(table), tmp_path / "a.parquet", row_group_size=100)
    for fast in (True, False):
        monkeypatch.setattr(kernel, "is_there", lambda fast=fast: fast)
        output, bad = tmp_path / f"{fast}.parquet", tmp_path / f"r{fast}.parquet"
        assert batch("-i", tmp_path / "a.parquet", "-o", output, "--rejects", bad) == 1
        rows = [r for r in pa.table(table).to_pylist() if r["cost_fen"] >= 0 and r["city"]]
        assert pq.read_table(output).to_pylist() == [{**r, "payout_fen": by_hand(r)} for r in rows]
        found = [(r["row"], r["value"]) for r in pq.read_table(bad).to_pylist()]
        assert found == [(4, "-1"), (251, None)]


def test_neither_threads_nor_memory_change_a_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "is_there", lambda: False)
    table = claims(0, 60_000).to_pydict()
    table["cost_fen"][::7] = [-1] * len(table["cost_fen"][::7])
    pq.write_table(pa.table(table), tmp_path / "a.parquet", row_group_size=6_000)
    made = set()
    for threads, memory in ((1, "600MB"), (2, "200MB"), (3, "600MB"), (5, "600MB")):
        output = tmp_path / "p.parquet"
        called = (
            "-i",
            tmp_path / "a.parquet",
            "-o",
            output,
            "--force",
            "--threads",
            threads,
            "--memory",
            memory,
        )
        assert batch(*called) == 1
        made.add((output.read_bytes(), (tmp_path / "p.rejects.csv").read_bytes()))
    assert len(made) == 1


# broken off


def many_files(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        table = claims(number * 50, 50).to_pydict()
        table["cost_fen"][number % 50] = -number - 1
        pq.write_table(pa.table(table), folder / f"{number:04}.parquet")


def killed_at(parts: int, call: list[str], manifest: Path) -> bool:
    """Start the call, kill it when so many parts are done, and say whether it was still running then."""
    script = (
        "import sys; from policydsl.batch import parts; parts.PART = 50\n"
        f"from policydsl.cli.main import main; sys.exit(main({call!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    while process.poll() is None:
        try:
            if manifest.read_bytes().count(b"\n") > parts:
                process.kill()
                break
        except OSError:
            pass
        os.sched_yield()
    return process.wait() == -9


@pytest.mark.parametrize("output", ["paid.parquet", "paid/"])
def test_a_run_that_was_killed_goes_on_with_the_same_bytes(
    output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "PART", 50)
    many_files(tmp_path / "in", 16)
    call = ["-i", str(tmp_path / "in"), "--explain-sample", "2"]
    assert batch(*call, "-o", f"{tmp_path}/whole-{output}") == 1
    mine = f"{tmp_path}/{output}"
    path, work = Path(mine.rstrip("/")), Path(mine.rstrip("/") + ".work")
    whole = ["batch", NINGXIA, "payout", "--draft", "--lang", "en", *call, "-o", mine]
    assert killed_at(5, whole, work / "manifest.jsonl")
    assert not path.exists() and not (tmp_path / "paid.rejects.csv").exists()
    capsys.readouterr()
    assert batch(*call, "-o", mine) == 2
    assert "PD775" in capsys.readouterr().err
    with open(work / "manifest.jsonl", "ab") as file:
        file.write(b'{"torn')
    half = work / "output" if (work / "output").exists() else work / "parts" / "part-00099.parquet"
    for torn in (half, work / "rejects"):
        with open(torn, "ab") as file:
            file.write(b"half of a part")
    assert batch(*call, "-o", mine, "--resume") == 1
    assert not work.exists()
    for name in ("paid.rejects.csv", "paid.explained.txt"):
        assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()
    other = Path(f"{tmp_path}/whole-{output}".rstrip("/"))
    pairs = [(path, other)] if path.is_file() else [(p, other / p.name) for p in path.iterdir()]
    assert len(pairs) == (1 if path.is_file() else 16)
    for one, two in pairs:
        assert one.read_bytes() == two.read_bytes()
    assert batch(*call, "-o", mine, "--resume") == 2


def started(call: list[str]) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from policydsl.batch import chunks, kernel, parts\n"
        "parts.PART = chunks.CHUNK = 1000; kernel.SMALL = 100\n"
        f"from policydsl.cli.main import main; sys.exit(main({call!r}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )


@pytest.mark.parametrize("form", ["parquet", "csv"] if KILLS > 1 else ["parquet"])
def test_kills_at_any_moment_leave_no_half_of_a_file(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 1000)
    monkeypatch.setattr(chunks, "CHUNK", 1000)
    monkeypatch.setattr(kernel, "SMALL", 100)
    table = claims(0, 20_000 if form == "parquet" else 600).to_pydict()
    table["cost_fen"][::1997] = [-1] * len(table["cost_fen"][::1997])
    if form == "parquet":
        pq.write_table(pa.table(table), tmp_path / "a.parquet", row_group_size=500)
    else:
        with open(tmp_path / "a.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(table), *zip(*table.values(), strict=True)])
    whole = ("-i", tmp_path / f"a.{form}", "--explain-sample", 2)
    began = monotonic()
    assert batch(*whole, "-o", tmp_path / f"whole.{form}") == 1
    long = monotonic() - began
    finals = [tmp_path / name for name in (f"p.{form}", "p.rejects.csv", "p.explained.txt")]
    expected = [(tmp_path / p.name.replace("p.", "whole.", 1)).read_bytes() for p in finals]
    manifest = tmp_path / f"p.{form}.work" / "manifest.jsonl"
    moments = random.Random(7)
    killed = 0
    while True:
        call = ["batch", NINGXIA, "payout", "--draft", *map(str, whole), "-o", str(finals[0])]
        resumed = manifest.exists() and manifest.stat().st_size > 0
        process = started([*call, "--resume" if resumed else "--force"])
        if killed < KILLS:
            while process.poll() is None and not manifest.parent.exists():
                os.sched_yield()
            with suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0, long))
            process.kill()
            killed += process.wait() == -9
        if process.wait() == -9:
            assert not finals[0].exists() or finals[0].read_bytes() == expected[0]
            continue
        assert process.returncode == 1
        assert [p.read_bytes() for p in finals] == expected
        assert not manifest.parent.exists()
        if killed == KILLS:
            return
        for path in finals:
            path.unlink()


def broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> tuple[str, ...]:
    """A run whose disk is full after so many parts."""
    monkeypatch.setattr(parts, "PART", 50)
    many_files(tmp_path / "in", 6)
    take = work_module.Sink.take

    def full(self: work_module.Sink, written: work_module.Written) -> None:
        if self.path.endswith("output") and self.state["rows"] >= after * 49:
            raise OSError(28, "No space left on device")
        take(self, written)

    with monkeypatch.context() as patch:
        patch.setattr(work_module.Sink, "take", full)
        call = ("-i", str(tmp_path / "in"), "-o", str(tmp_path / "paid.parquet"))
        assert batch(*call) == 1
    assert not (tmp_path / "paid.parquet").exists()
    return call


def test_a_full_disk_is_told_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = broken_off(tmp_path, monkeypatch, 3)
    assert "PD779" in capsys.readouterr().err
    assert batch(*call, "--resume") == 1
    assert pq.read_metadata(tmp_path / "paid.parquet").num_rows == 6 * 49


def test_bytes_that_did_not_reach_the_disk_are_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = broken_off(tmp_path, monkeypatch, 4)
    output = tmp_path / "paid.parquet.work" / "output"
    data = bytearray(output.read_bytes())
    data[len(data) // 2] ^= 1
    output.write_bytes(data)
    assert batch(*call, "--resume") == 1
    rows = pq.read_table(tmp_path / "paid.parquet").to_pylist()
    assert len(rows) == 6 * 49 and all(row["payout_fen"] == by_hand(row) for row in rows)


def test_a_run_broken_off_between_its_last_names_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_files(tmp_path / "in", 4)
    call = ("-i", tmp_path / "in", "-o", tmp_path / "paid.parquet", "--explain-sample", 1)
    replace = os.replace

    def fails(source: str, to: str) -> None:
        if str(to) == str(tmp_path / "paid.parquet"):
            raise OSError(5, "Input/output error")
        replace(source, to)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fails)
        assert batch(*call) == 1
    assert (tmp_path / "paid.rejects.csv").exists() and not (tmp_path / "paid.parquet").exists()
    assert batch(*call, "--resume") == 1
    rows = pq.read_table(tmp_path / "paid.parquet").to_pylist()
    assert len(rows) == 4 * 49 and all(row["payout_fen"] == by_hand(row) for row in rows)
    assert len(rejects(tmp_path / "paid.rejects.csv")) == 4
    assert (tmp_path / "paid.explained.txt").exists()


@pytest.mark.parametrize("what", ["file", "option", "policy"])
def test_what_changed_is_not_gone_on_with(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = broken_off(tmp_path, monkeypatch, 3)
    policy = NINGXIA
    if what == "file":
        pq.write_table(claims(0, 50), tmp_path / "in" / "0005.parquet")
    elif what == "option":
        call = (*call, "--keep", "person")
    else:
        text = (
            Path(NINGXIA)
            .read_text(encoding="utf-8")
            .replace("| 500001 and over   | 70", "| 500001 and over   | 71")
        )
        assert "| 71" in text
        policy = str(tmp_path / "other.pol")
        Path(policy).write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main(["batch", policy, "payout", "--draft", "--lang", "en", *call, "--resume"]) == 1
    told = capsys.readouterr().err
    assert "PD777" in told
    assert {"file": "0005.parquet", "option": "option", "policy": "policy"}[what] in told
    assert batch(*call, "--force") == 1


def test_two_runs_do_not_write_one_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(claims(0, 50), tmp_path / "a.parquet")
    work = tmp_path / "p.parquet.work"
    work.mkdir()
    other = work_module.Work(
        given.Target(str(tmp_path / "p.parquet"), "parquet", False, "r", "s"),
        work_module.Sink(str(work), "output", parquet=True),
        work_module.Sink(str(work), "rejects", parquet=False),
    )
    other.lock()
    assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--force") == 2
    assert "PD778" in capsys.readouterr().err
    other.close()
    assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--force") == 0


# memory


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="no /proc tells the peak of a process's memory"
)
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for rows in (100_000, 1_000_000):
            connection.execute(
                f"COPY (SELECT i AS person, (i * 7919) % 90000000 AS cost_fen, 'guyuan' AS city, 'ordinary' AS \"group\", "
                f"'major' AS disease, repeat('x', 40) || i AS note FROM range({rows}) t(i)) TO '{tmp_path}/{rows}.parquet'"
            )
    peaks = []
    for rows in (100_000, 1_000_000):
        call = ["batch", NINGXIA, "payout", "--draft", "--memory", "80MB"]
        script = (
            "from policydsl.cli.main import main\n"
            f"status = main({[*call, '-i', f'{tmp_path}/{rows}.parquet', '-o', f'{tmp_path}/p{rows}.parquet']!r})\n"
            # not `getrusage`, which begins with the memory of the process that started this one
            "peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
            "print('peak', status, peak)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
        )
        status, peak = done.stdout.split("peak ")[1].split()
        assert status == "0"
        assert pq.read_metadata(f"{tmp_path}/p{rows}.parquet").num_rows == rows
        peaks.append(int(peak) // 1024)
    assert peaks[1] < 450, peaks
    assert peaks[1] - peaks[0] < 150, peaks


# what is wrong with files


def refused(code: str, call: tuple[object, ...], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert batch(*call) in (1, 2)
    told = capsys.readouterr().err
    assert f"[{code}]" in told, told
    return told


HEAD = "cost,city,group,disease\n"
ROW = "100,yinchuan,ordinary,common\n"


@pytest.mark.parametrize(
    ("code", "data", "said"),
    [
        ("PD765", (HEAD + "1,银川市,ordinary,common\n").encode("gb18030"), "GB18030"),
        ("PD765", (HEAD + ROW).encode("utf-16"), "UTF-16"),
        ("PD765", HEAD.encode() + b'"1\n2",yinchuan,ordinary,common\n1,\xff\xfe,ordinary,common\n', "row 2"),
        ("PD766", HEAD + '"1,2,3,4\n' + ROW, "quote"),
        ("PD766", HEAD + ROW + '"1"0,2,3,4\n"' + ROW[:-1] + '"\n', "row 2"),
        ("PD766", HEAD + ROW + "1,2\n" + '"1"0,2,3,4\n', "row 3"),
        ("PD766", (HEAD + ROW).replace("\n", "\r"), "CR"),
        ("PD766", "", "heading"),
        ("PD767", "cost;city;group;disease\n1;2;3;4\n", "cost;city"),
        ("PD768", "cost,Cost,city,group,disease\n", "Cost"),
        ("PD768", "cost,,city,group,disease\n", "“”"),
        ("PD769", "cost,cost_fen,city,group,disease\n", "cost_fen"),
        ("PD774", "cost,city,group,disease,payout\n", "payout"),
    ],
)
def test_a_csv_file_that_cannot_be_computed_is_told(
    code: str, data: str | bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    assert said in refused(code, ("-i", path, "-o", tmp_path / "p.parquet"), capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("PD767", {"city": None}),
        ("PD770", {"cost_fen": pa.array([1.0])}),
        ("PD770", {"cost_fen": None, "cost": pa.array([100])}),
        ("PD770", {"cost_fen": None, "cost": pa.array([100.5])}),
        ("PD770", {"city": pa.array([1])}),
        ("PD769", {"cost": pa.array([Decimal("1.00")])}),
        ("PD768", {"CITY": pa.array(["x"])}),
        ("PD774", {"PAYOUT_FEN": pa.array([1])}),
    ],
)
def test_parquet_columns_that_do_not_fit_are_told(
    code: str, change: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = dict(zip(claims(0, 1).column_names, claims(0, 1).columns, strict=True))
    columns.update(change)
    pq.write_table(pa.table({k: v for k, v in columns.items() if v is not None}), tmp_path / "a.parquet")
    refused(code, ("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet"), capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]


def test_a_damaged_or_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(claims(0, 5000), tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(data[:-100])
    middle = bytearray(data)
    middle[20:2000] = b"\xff" * 1980
    (tmp_path / "torn.parquet").write_bytes(middle)
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.txt").write_text("")
    out = ("-o", tmp_path / "p.parquet")
    refused("PD764", ("-i", tmp_path / "cut.parquet", *out), capsys)
    refused("PD764", ("-i", tmp_path / "torn.parquet", *out), capsys)
    refused("PD762", ("-i", tmp_path / "no.parquet", *out), capsys)
    refused("PD762", ("-i", tmp_path / "empty", *out), capsys)
    refused("PD761", ("-i", tmp_path / "x.txt", *out), capsys)
    refused("PD761", ("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.xlsx"), capsys)
    refused("PD773", ("-i", tmp_path / "a.parquet", "-o", tmp_path / "a.parquet"), capsys)
    refused("PD773", ("-i", tmp_path, "-o", tmp_path / "p.parquet"), capsys)
    refused("PD776", ("-i", tmp_path / "a.parquet", *out, "--resume"), capsys)
    (tmp_path / "file").write_text("")
    refused("PD779", ("-i", tmp_path / "a.parquet", "-o", tmp_path / "file" / "p.parquet"), capsys)
    refused("PD784", ("-i", tmp_path / "a.parquet", *out, "--keep", "x"), capsys)
    (tmp_path / "b.csv").write_text(HEAD)
    refused("PD763", ("-i", tmp_path / "a.parquet", "-i", tmp_path / "b.csv", *out), capsys)
    pq.write_table(claims(0, 5).drop_columns("person"), tmp_path / "c.parquet")
    assert "person" in refused(
        "PD771", ("-i", tmp_path / "a.parquet", "-i", tmp_path / "c.parquet", *out), capsys
    )
    assert (tmp_path / "a.parquet").read_bytes() == data
    assert not (tmp_path / "p.parquet").exists() and not (tmp_path / "p.parquet.work").exists()


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(claims(0, 5), tmp_path / "a.parquet")
    (tmp_path / "p.parquet").write_text("mine")
    call = ("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet")
    refused("PD772", call, capsys)
    assert (tmp_path / "p.parquet").read_text() == "mine"
    assert batch(*call, "--force") == 0
    assert pq.read_metadata(tmp_path / "p.parquet").num_rows == 5


def test_too_many_rejects_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "PART", 50)
    many_files(tmp_path / "in", 6)
    call = ("-i", tmp_path / "in", "-o", tmp_path / "p.parquet", "--max-rejects")
    refused("PD780", (*call, 3), capsys)
    assert not (tmp_path / "p.parquet").exists()
    assert len(rejects(tmp_path / "p.parquet.work" / "rejects")) == 4
    assert batch(*call, 6, "--force") == 1
    assert (tmp_path / "p.parquet").exists()


def test_a_draft_is_computed_on_request_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(claims(0, 5), tmp_path / "a.parquet")
    call = ["batch", NINGXIA, "payout", "-i", str(tmp_path / "a.parquet"), "-o", str(tmp_path / "p.parquet")]
    assert main(call) == 1
    assert not (tmp_path / "p.parquet").exists()


def test_names_may_hold_quotes_and_patterns(tmp_path: Path) -> None:
    folder = tmp_path / 'we\'ird "[x]" *; DROP TABLE a; --'
    folder.mkdir()
    odd = "odd\"'; DROP TABLE claims; --"
    table = claims(0, 20).append_column(odd, pa.array(["x"] * 20))
    pq.write_table(table, folder / "a*b?[1]'s.parquet")
    pq.write_table(claims(0, 3).append_column("z", pa.array([1] * 3)), folder / "aab?1's.parquet")
    output = folder / "p'aid [0-9]*.parquet"
    assert batch("-i", folder / "a*b?[1]'s.parquet", "-o", output) == 0
    assert pq.read_table(output).to_pylist() == [{**r, "payout_fen": by_hand(r)} for r in table.to_pylist()]


def test_a_library_that_is_missing_is_a_fault_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("policydsl.batch.run.find_spec", lambda name: None)
    pq.write_table(claims(0, 2), tmp_path / "a.parquet")
    assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "b.parquet") == 2
    assert 'pip install "policydsl[batch]"' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_files_without_rows_make_an_output_without_rows(tmp_path: Path) -> None:
    pq.write_table(claims(0, 0), tmp_path / "a.parquet")
    assert (
        batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--rejects", tmp_path / "r.parquet")
        == 0
    )
    assert pq.read_table(tmp_path / "p.parquet").column_names == [*claims(0, 0).column_names, "payout_fen"]
    assert pq.read_table(tmp_path / "r.parquet").column_names == ["file", "row", "column", "value", "code"]
    (tmp_path / "b.csv").write_text(HEAD)
    assert batch("-i", tmp_path / "b.csv", "-o", tmp_path / "p.csv") == 0
    assert (tmp_path / "p.csv").read_text() == "cost,city,group,disease,payout\n"


def test_the_summary_is_there_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = claims(0, 200).to_pydict()
    table["city"][9] = "x"
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    assert batch("-i", tmp_path / "a.parquet", "-o", tmp_path / "p.parquet", "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    rows = [r for r in pa.table(table).to_pylist() if r["city"] != "x"]
    assert Fraction(told["totals"]["payout_fen"]) == Fraction(sum(map(by_hand, rows)), 100)
    assert (told["rows"], told["answered"]) == (200, 199)
    assert told["rejects"]["by"] == [{"code": "PC106", "column": "city", "rows": 1}]


# joining


def test_a_footer_is_written_as_it_was_read(tmp_path: Path) -> None:
    table = claims(0, 1000).append_column("l", pa.array([[n, None] for n in range(1000)]))
    for options in ({}, {"write_page_index": True}, {"data_page_version": "2.0", "use_dictionary": False}):
        path = tmp_path / "a.parquet"
        pq.write_table(table, path, row_group_size=10, **options)
        data = path.read_bytes()
        size = size_of_footer(data[-8:])
        footer = read_footer(data[-8 - size : -8], 0)
        assert (footer.rows, len(footer.groups)) == (1000, 100)
        moved = read_footer(data[-8 - size : -8], 96)
        body = b"PAR1" + b"\0" * 96 + data[4 : -8 - size]
        path.write_bytes(body + written_footer(moved, moved.rows, len(moved.groups), b"".join(moved.groups)))
        assert pq.read_table(path).equals(table)


def test_a_csv_file_is_cut_between_rows_wherever_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ['a,"b\nc"', '"""\n""",d', "e,f", '"\n\n",""', "g,h"] * 3
    data = "\n".join(rows).encode()
    (tmp_path / "a.csv").write_bytes(data)
    for size in range(1, len(data) + 2):
        monkeypatch.setattr(chunks, "CHUNK", size)
        at, found = 0, []
        while piece := chunks.chunk(str(tmp_path / "a.csv"), at, 0):
            found.append(piece)
            at += len(piece)
        assert b"".join(found) == data
        for piece in found:
            list(csv.reader(piece.decode().splitlines(keepends=True), strict=True))
            assert piece.count(b'"') % 2 == 0
