"""What the prover finds: how splits round at other totals, where outputs jump, which figures break a pattern."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

# Splits at other totals, said by `check --verbose`: PD330 …

SPLIT_HOLDS = Code(
    "PD330", "SPLIT_HOLDS", "note", "a split that holds at every total", "任何总额下都成立的分担",
    "{name}: for every multiple of {step} as {total}{from}, the parts make the whole and none is negative",
    "{name}：{total}无论为{step}的多少倍{from}，各方合计都等于总额，没有一方为负",
)  # fmt: skip
ROUNDING_EXACT_NOW = Code(
    "PD331", "ROUNDING_EXACT_NOW", "note", "a rounding that does not act yet", "目前不起作用的取整",
    "{who}{name} is exact at {stated}; the rounding acts from {whole}, {exact} becoming {paid}; {remainder}",
    "{who}{name}为{stated}时恰好整除；自{whole}起，取整起作用，{exact}化为{paid}；{remainder}",
)  # fmt: skip
ROUNDING_ACTS = Code(
    "PD332", "ROUNDING_ACTS", "note", "a rounding that acts at the stated total", "按所定总额起作用的取整",
    "{who}{name} {whole}: the rounding acts, {exact} becoming {paid}; {remainder}",
    "{who}{name}为{whole}时，取整起作用，{exact}化为{paid}；{remainder}",
)  # fmt: skip
ROUNDING_FIRST_ACTS = Code(
    "PD333", "ROUNDING_FIRST_ACTS", "note", "the first total at which a rounding acts", "取整起作用的最小总额",
    "{who}{name}: the rounding acts from {whole}, {exact} becoming {paid}; {remainder}",
    "{who}{name}自{whole}起，取整起作用，{exact}化为{paid}；{remainder}",
)  # fmt: skip
ROUNDING_NEVER_ACTS = Code(
    "PD334", "ROUNDING_NEVER_ACTS", "note", "a rounding that never acts", "从不起作用的取整",
    "{who}{name}: the rounding never acts, because the total is always a multiple of {step}; {remainder}",
    "{who}{name}：总额总是{step}的整数倍，取整从不起作用；{remainder}",
)  # fmt: skip
ROUNDING_READ_OTHERWISE = Code(
    "PD335", "ROUNDING_READ_OTHERWISE", "note", "where another reading of a rounding pays otherwise",
    "取整作其他理解时的差别",
    "{who}the rounding of {name}, read otherwise: {readings}",
    "{who}{name}的取整如作其他理解：{readings}",
)  # fmt: skip
SPLIT_AT_FIGURE = Code(
    "PD336", "SPLIT_AT_FIGURE", "note", "amounts that fit one total only", "只与一个总额相符的数额",
    "{who}{parts} makes {name} at {whole} only; when it changes, the amounts have to be set anew",
    "{who}{parts}只在{name}为{whole}时合计相符，标准变动时须另定数额",
)  # fmt: skip

PROVE_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
