"""What the prover finds: how splits round at other totals, where outputs jump, which figures break a pattern."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

# Splits at other totals, said by `check --verbose`: PD330 …

SPLIT_HOLDS = Code(
    "PD330", "SPLIT_HOLDS", "note", "a split that holds at every total", "任何总额下都成立的分担",
    "{name}: for every multiple of {step} as {total}{from}, the parts make the whole and none is negative",
    "{name}：{total}只要是{step}的整数倍{from}，各方合计都等于总额，没有一方为负",
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
    "{who}{name} is always a multiple of {step}, so the rounding never acts; {remainder}",
    "{who}{name}总是{step}的整数倍，取整从不起作用；{remainder}",
)  # fmt: skip
ROUNDING_READ_OTHERWISE = Code(
    "PD335", "ROUNDING_READ_OTHERWISE", "note", "where another reading of a rounding pays otherwise",
    "取整作其他理解时的差别",
    "{who}the rounding of {name}, read otherwise: {readings}",
    "{who}{name}，取整如作其他理解：{readings}",
)  # fmt: skip
SPLIT_AT_FIGURE = Code(
    "PD336", "SPLIT_AT_FIGURE", "note", "amounts that fit one total only", "只与一个总额相符的数额",
    "{who}{parts} makes {name} at {whole} only; when it changes, the amounts have to be set anew",
    "{who}{parts}只在{name}为{whole}时合计相符，标准变动时须另定数额",
)  # fmt: skip

# Outputs that leap: PD441 …; all but the first are listed by `check --notches`

SLAB_JUMPS = Code(
    "PD441", "SLAB_JUMPS", "warning", "a schedule that leaps from band to band", "全额累进在各段之间跳变",
    "{where} of {along}, {output} goes from {before} to {after} at once, {size}{whom}{until}{more}",
    "{along}{where}时，{output}由{before}直接变为{after}，{size}{whom}{until}{more}",
    "if the notice wants this, write `accept notch {target} because \"…\"`; if each slice has its own rate, write `marginal`",
    "原文确实如此的，写明 `认可 陡坎 {target} 理由 “…”`；各段分别计算的，改写 `超额累进`",
)  # fmt: skip
OUTPUT_JUMPS = Code(
    "PD442", "OUTPUT_JUMPS", "note", "an output that leaps", "结果跳变",
    "{where} of {along}, {output} goes from {before} to {after} at once, {size}{whom}{until}{accepted}",
    "{along}{where}时，{output}由{before}直接变为{after}，{size}{whom}{until}{accepted}",
)  # fmt: skip
OUTPUT_FALLS = Code(
    "PD443", "OUTPUT_FALLS", "note", "an output that falls as the amount rises", "数额增加而结果减少",
    "{stretch} of {along}, {output} falls: by {per} for each {unit} more{whom}",
    "{along}{stretch}，{output}随之减少：每增加{unit}，减少{per}{whom}",
)  # fmt: skip
OUTPUT_STEEP = Code(
    "PD444", "OUTPUT_STEEP", "note", "a marginal rate above 100%", "边际比例超过100%",
    "{stretch} of {along}, {output} rises by {per} for each {unit} more, a rate of {rate}{whom}",
    "{along}{stretch}，每增加{unit}，{output}增加{per}，边际比例为{rate}{whom}",
)  # fmt: skip
OUTPUT_IN_STEPS = Code(
    "PD445", "OUTPUT_IN_STEPS", "note", "an output that goes in steps", "结果呈阶梯变化",
    "{output} goes in steps as {along} rises, because a figure it is computed from is rounded{whom}; the steps are not listed",
    "{output}随{along}增加呈阶梯变化，因为计算所用的数已经取整{whom}；各级阶梯不逐一列出",
)  # fmt: skip
NOTCHES_IN_PART = Code(
    "PD446", "NOTCHES_IN_PART", "note", "leaps that are listed in part", "陡坎只列出一部分",
    "{output} also depends on {others}: its leaps along {along} are listed for the least and the greatest of each only{whom}",
    "{output}还取决于{others}：随{along}变化的陡坎，只就{others}取最小值和最大值的情形列出{whom}",
)  # fmt: skip
NOTCHES_UNLISTED = Code(
    "PD447", "NOTCHES_UNLISTED", "note", "leaps that cannot be listed", "陡坎无法列出",
    "where {output} leaps along {along} cannot be listed: {why}{whom}",
    "{output}随{along}变化的陡坎无法列出：{why}{whom}",
)  # fmt: skip

# Figures that break a pattern: PD450 …

DIFFERENCE_BREAKS = Code(
    "PD450", "DIFFERENCE_BREAKS", "note", "a difference that is not the usual one", "与其他各处不一致的差额",
    "{high} is {usual} {low} in {count} places, but {breaks}",
    "{high}比{low}{usual}的有{count}处，但{breaks}",
    "compare these figures with the notice; if they stand so, add the line `as printed`",
    "请对照原文核对这些数；原文确实如此的，加一行 `照录原文`",
)  # fmt: skip
STEP_BREAKS = Code(
    "PD451", "STEP_BREAKS", "note", "a figure that is off the steps of the others", "不合各段递增规律的数",
    "{where} is {value}; the other bands {way} by {step} each, which would make it {expected}",
    "{where}为{value}；其他各段依次{way}{step}，按此应为{expected}",
    "compare the figure with the notice; if it stands so, add the line `as printed`",
    "请对照原文核对这个数；原文确实如此的，加一行 `照录原文`",
)  # fmt: skip

PROVE_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
