"""Do the benchmarks still run, and do they say what is wrong?"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.engines")


def test_every_engine_computes_a_small_table(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NODE_MODULES", str(ROOT / "nowhere"))
    monkeypatch.chdir(ROOT / "tests")
    benchmark.main(["--rows", "200", "--rounds", "1", "--only", "payout"])
    out = capsys.readouterr().out
    ways = [line.split("|") for line in out.splitlines() if line.count("|") == 6][2:]
    wrong = {cells[1].strip(): cells[5].strip() for cells in ways}
    ours = [name for name in wrong if name.startswith("policydsl")]
    assert len(ours) == 7
    assert all(
        wrong[name] == "0" for name in (*ours, "NumPy by hand, whole columns", "Decimal by hand, naive")
    )
    assert "publicodes is not installed: with Node.js, npm install --no-save publicodes" in out


def test_growth_is_told_in_multiples_of_the_smallest(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    growth = sys.modules["benchmarks.growth"]
    monkeypatch.setattr(growth, "BANDS", (3, 6))
    monkeypatch.setattr(growth, "ROWS", (10, 100_000))

    benchmark.main(["--rows", "1000", "--rounds", "1", "--only", "growth", "bands", "tables"])
    out = capsys.readouterr().out
    assert "| 100 rows, bands of a schedule | 3 | 6 |" in out
    assert out.count("policydsl columns, NumPy, × the smallest | 1.00 |") == 3
    assert "100,000 rows of a table by an amount are refused: PD0" in out
    assert "WRONG" not in out


def test_the_rows_of_a_benchmark_are_the_same_every_time_and_hold_the_edges(benchmark: ModuleType) -> None:
    people = sys.modules["benchmarks.workloads"].people
    table = people(2000)
    assert all(np.array_equal(column, people(2000)[name]) for name, column in table.items())
    assert {9_999_999, 10_000_000, 10_000_001, 10_000_000_000} <= set(table["cost_fen"].tolist())
    assert 0.7 < float((table["statuses"] == 0).mean()) < 0.9
    longer = people(1_000_000 + 7)
    assert len(longer["cost_fen"]) == 1_000_007 and longer["cost_fen"][1_000_000] == longer["cost_fen"][0]


def test_a_row_is_wrong_when_one_of_its_results_is(benchmark: ModuleType) -> None:
    wrong_rows = sys.modules["benchmarks.ways"].wrong_rows
    expected = {"a": np.array([1, 2, 3, 4]), "b": np.array([1, 2, 3, 4])}
    given = {"a": np.array([1, 9, 3]), "b": np.array([0, 9, 3])}
    assert wrong_rows(given, expected, 3) == 2
