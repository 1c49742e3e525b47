"""Does Spark compute files as the notice says, in the same folder of Parquet, with the same rejects?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from test_batch import batch, by_hand, claims
from test_spark import pytestmark, session

__all__ = ["pytestmark", "session"]


def test_spark_pays_every_row_and_lists_the_others(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "of [ca]ses"
    folder.mkdir()
    for number in range(2):
        table = claims(number * 500, 500).to_pydict()
        table["cost_fen"][7 + number] = -5
        table["city"][499] = None
        pq.write_table(pa.table(table), folder / f"{number} é+%.parquet", row_group_size=100)
    spark = ("--engine", "spark", "--master", "local[2]")
    assert batch("-i", folder, "-o", tmp_path / "paid", *spark) == 1
    rows = [row for n in range(2) for row in pq.read_table(folder / f"{n} é+%.parquet").to_pylist()]
    good = [{**r, "payout_fen": by_hand(r)} for r in rows if r["cost_fen"] >= 0 and r["city"]]
    paid = pq.read_table(tmp_path / "paid").to_pylist()
    assert sorted(paid, key=lambda r: int(r["person"][1:])) == good
    rejects = [tuple(r.values()) for r in pq.read_table(tmp_path / "paid.rejects").to_pylist()]
    assert rejects == [
        (f"{folder}/{n} é+%.parquet", *rest)
        for n in range(2)
        for rest in ((8 + n, "cost_fen", "-5", "PC104"), (500, "city", None, "PC101"))
    ]
    told = capsys.readouterr().out
    assert f"{sum(r['payout_fen'] for r in good) / 100:,.2f}元" in told and "4 rows" in told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["of [ca]ses", "paid", "paid.rejects"]

    assert batch("-i", folder, "-o", tmp_path / "own.parquet") == 1
    own = session.read.parquet(str(tmp_path / "own.parquet"))
    assert sorted(row.asDict()["payout_fen"] for row in own.collect()) == sorted(
        r["payout_fen"] for r in good
    )

    assert batch("-i", folder, "-o", tmp_path / "paid", *spark) == 2
    assert batch("-i", folder, "-o", tmp_path / "other", *spark, "--max-rejects", 3) == 1
    assert not (tmp_path / "other").exists()
    assert batch("-i", folder, "-o", tmp_path / "other", *spark, "--resume") == 2
    assert batch("-i", folder, "-o", tmp_path / "other.csv", *spark) == 2
    (folder / "0 é+%.parquet").write_bytes(b"PAR1 torn")
    assert batch("-i", folder, "-o", tmp_path / "torn", *spark) == 1
    told = capsys.readouterr().err
    assert all(code in told for code in ("PD772", "PD780", "PD781", "PD782"))
    assert not (tmp_path / "torn").exists()
