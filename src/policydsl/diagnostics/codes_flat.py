"""The limits of computing many cases at once: what does not fit integers of 64 bits, or needs a library."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

RANGE_TOO_WIDE = Code(
    "PD710", "RANGE_TOO_WIDE", "error",
    "a range too wide for columns", "取值范围过大，不能按列计算",
    "“{name}” may be up to {high}; what “{output}” computes from it can then exceed the 64-bit integers of a column",
    "“{name}”最大可为{high}，由其计算“{output}”时可能超出列所用的64位整数",
    "state the narrowest range that occurs{suggestion}; or leave this output out",
    "写明实际可能出现的取值范围{suggestion}；或者不计算该项结果",
)  # fmt: skip
RANGE_MISSING = Code(
    "PD711", "RANGE_MISSING", "error",
    "an input without a limit, for columns", "输入项没有上限，不能按列计算",
    "“{name}” has no upper limit; what “{output}” computes from it can then exceed the 64-bit integers of a column",
    "“{name}”没有写明上限，由其计算“{output}”时可能超出列所用的64位整数",
    "state the range that occurs{suggestion}; or leave this output out",
    "写明实际可能出现的取值范围{suggestion}；或者不计算该项结果",
)  # fmt: skip
FIGURES_TOO_WIDE = Code(
    "PD712", "FIGURES_TOO_WIDE", "error",
    "figures too large for columns", "数额过大，不能按列计算",
    "“{output}” computes with integers that exceed 64 bits, whatever the inputs are",
    "不论输入如何，“{output}”的计算都会超出64位整数",
    "write its figures with fewer decimals, or round the values in between",
    "减少数额的小数位数，或者对中间结果取整",
)  # fmt: skip
TOO_MANY_MEMBERS = Code(
    "PD713", "TOO_MANY_MEMBERS", "error",
    "a set of too many members for columns", "多选的项数过多，不能按列计算",
    "“{name}” is a set of {count} members; a column has room for {limit}",
    "“{name}”为多选，共{count}项，一列至多容纳{limit}项",
    "divide the category into several, or use the generated Python for this policy",
    "将该类别分为几个类别，或者对该政策使用生成的Python程序",
)  # fmt: skip
TOO_MANY_GROUNDS = Code(
    "PD714", "TOO_MANY_GROUNDS", "error",
    "too many grounds for columns", "例外情形过多，不能按列计算",
    "“{output}” has {count} grounds; a column has room for {limit}",
    "“{output}”有{count}个例外情形，一列至多容纳{limit}个",
    "divide the rule into several", "将该规则分为几条规则",
)  # fmt: skip

#: Every code of this family, in the order of their numbers.
FLAT_CODES: tuple[Code, ...] = (
    RANGE_TOO_WIDE,
    RANGE_MISSING,
    FIGURES_TOO_WIDE,
    TOO_MANY_MEMBERS,
    TOO_MANY_GROUNDS,
)
