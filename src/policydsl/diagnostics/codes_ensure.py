"""The problems of properties: an `ensure` that does not hold, or that cannot be decided."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

ENSURE_REFUTED = Code(
    "PD520", "ENSURE_REFUTED", "error", "a property that does not hold", "性质不成立",
    "this does not hold for every case: {shown}",
    "并非对所有情形都成立：{shown}",
    "correct the policy or the property; this example shows it: {example}",
    "更正政策或该项性质；可用下例复核：{example}",
)  # fmt: skip
ENSURE_NEEDS_SOLVER = Code(
    "PD521", "ENSURE_NEEDS_SOLVER", "warning", "a property of several amounts", "涉及多个数额的性质",
    "several amounts meet here ({amounts}): this is checked on the examples, and not proved",
    "此处涉及多个数额（{amounts}）：只在举例中核对，未作证明",
    "to prove it, run `pip install 'policydsl[prove]'`", "如需证明，运行 `pip install 'policydsl[prove]'`",
)  # fmt: skip
ENSURE_UNDECIDED = Code(
    "PD522", "ENSURE_UNDECIDED", "warning", "a property that could not be decided", "未能判定的性质",
    "whether this holds for every case could not be decided within the limits of the proof; it is checked on the examples",
    "在证明的限度内未能判定是否对所有情形都成立；只在举例中核对",
    "divide it into properties of one amount each, or limit it with `when`",
    "分成每项只涉及一个数额的性质，或用 `当` 限定范围",
)  # fmt: skip
ENSURE_PRODUCT = Code(
    "PD523", "ENSURE_PRODUCT", "error", "a property outside what can be proved", "超出证明范围的性质",
    "amounts are multiplied or divided by each other here ({amounts}), and such a property cannot be proved",
    "此处数额之间相乘或相除（{amounts}），这样的性质无法证明",
    "write it as an example of the case that matters, or as a property of the rate and of the amount apart",
    "改为写出关键情形的举例，或将比例和数额分别写成性质",
)  # fmt: skip
ENSURE_TOO_MANY = Code(
    "PD524", "ENSURE_TOO_MANY", "warning", "a property of too many kinds of case", "情形过多的性质",
    "the kinds of case are more than {limit} here, because these multiply: {facts}; this is checked on the examples",
    "此处情形超过{limit}种，因为下列各项相乘：{facts}；只在举例中核对",
    "limit the property with `when`, or divide it", "用 `当` 限定范围，或分成几项",
)  # fmt: skip
ENSURE_PROVED = Code(
    "PD525", "ENSURE_PROVED", "note", "a property that is proved", "已证明的性质",
    "proved for every case", "已证明对所有情形均成立",
)  # fmt: skip

ENSURE_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
