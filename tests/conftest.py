"""How many random policies do the tests of soundness and of the engines try?"""

from __future__ import annotations

import pytest

#: fixed, so that every run of the tests tries the same ones; `--examples` tries more
EXAMPLES = 1_200
AT_ONCE = 40
#: how many random programs the engines are compared on; more with `--examples`
ENGINE_PROGRAMS = 1000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--examples", type=int, default=EXAMPLES, help="how many random policies each test of soundness tries"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" in metafunc.fixturenames:
        many = metafunc.config.getoption("--examples")
        starts = range(0, many, AT_ONCE)
        found = [range(start, min(start + AT_ONCE, many)) for start in starts]
        metafunc.parametrize("seeds", found, ids=[f"{r.start}-{r.stop - 1}" for r in found])
    if "engine_seeds" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--examples")
        many = ENGINE_PROGRAMS if asked == EXAMPLES else asked
        found = [range(start, min(start + 250, many)) for start in range(0, many, 250)]
        metafunc.parametrize("engine_seeds", found, ids=[f"{r.start}-{r.stop - 1}" for r in found])
