"""Two years of a small town's policy, and what they compile to together."""

from __future__ import annotations

from functools import cache

from policydsl import pipeline
from policydsl.backends.python import Together
from policydsl.ir import Program
from policydsl.source import Source
from policydsl.tasks import modules
from policydsl.tasks.standings import days_in_force

#: The members of `city` are the same in both years, listed otherwise; `status` has another label, so that `aid` is
#: called differently. `bonus` depends on the day in 2021 alone, `grant` is new then.
TOWN_2021 = """\
policy town_2021 "town 2021"
  effective 2021-01-01 to 2021-12-31
category city: south "南城" "S", north "北城" "N"
category status: poor "困难", old "老人"
input cost: money in 0元 .. 1000元
tiers payout of cost, marginal, by city
  | cost (元)    | north (%) | south (%) |
  | 0-100        | 50        | 60        |
  | 100 and over | 70        | 80        |
  round half up to 0.01元 because "the notice is silent"
param premium = 90元
rule aid = 0元
  except poor when statuses has poor: 20元
  except old when statuses has old: 10元
  when several apply, greatest because "the notice is silent"
input statuses: set of status
split fund of premium
  state 60%, town 40%
rule bonus = 5元
rule bonus from 2021-07-01 = 6元
rule grant = if city is south then 7元 else 0元
"""
TOWN_2020 = (
    TOWN_2021.replace("2021", "2020")
    .replace('south "南城" "S", north "北城" "N"', 'north "北城" "N", south "南城" "S"')
    .replace("困难", "困难户")
    .replace("| 70        |", "| 75        |")
    .replace("90元", "80元")
    .replace("rule bonus from 2020-07-01 = 6元\n", "")
    .replace("rule grant = if city is south then 7元 else 0元\n", "")
)


@cache
def checked(text: str) -> pipeline.Checked:
    found = pipeline.check(Source("town.pol", text))
    assert found.program is not None, found.diagnostics
    return found


def programs(*texts: str) -> list[tuple[str, Program]]:
    return [("town.pol", program) for text in texts if (program := checked(text).program) is not None]


@cache
def together(*texts: str, name: str | None = "by_day", flat: bool = False) -> Together:
    """The policies of these texts as compiled together."""
    days = days_in_force([checked(text) for text in texts])
    found = modules.together(programs(*texts), dispatch_as=name, days=days, flat=flat)
    assert isinstance(found, Together), found
    return found
