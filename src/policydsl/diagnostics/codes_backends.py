"""The limits of the backends: what a checked policy may hold that generated code cannot."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

NAME_WITHOUT_ALIAS = Code(
    "PD701", "NAME_WITHOUT_ALIAS", "error",
    "a public name without an ASCII alias", "对外名称没有英文别名",
    "“{name}” is {what} that programs will use, and it has no ASCII alias",
    "“{name}”是程序要使用的{what}，没有英文别名",
    "write the alias after it in brackets: `{name}（alias）`; or compile with --native-names",
    "在名称后的括号内写明别名，如 `{name}（alias）`；或者编译时加 --native-names",
)  # fmt: skip
RESERVED_NAME = Code(
    "PD702", "RESERVED_NAME", "error",
    "a name that Python reserves", "名称与Python保留字相同",
    "“{name}” cannot be the name of {what}: Python reserves “{identifier}”",
    "“{name}”不能作{what}的名称：“{identifier}”是Python的保留字",
    "give it another alias", "改用其他别名",
)  # fmt: skip
NAME_COLLISION = Code(
    "PD703", "NAME_COLLISION", "error",
    "two names that become one in Python", "两个名称在Python中相同",
    "“{name}” and “{other}” would both be called “{identifier}” in Python",
    "“{name}”和“{other}”在Python中都会写作“{identifier}”",
    "give one of them another alias", "为其中一个改用其他别名",
)  # fmt: skip
UNROUNDED_QUOTIENT = Code(
    "PD704", "UNROUNDED_QUOTIENT", "error",
    "a quotient that is not rounded at once", "除法结果没有随即取整",
    "“{name}” divides by a value that differs from case to case and goes on computing with the unrounded quotient",
    "“{name}”中的除数因具体情形而不同，除法结果未取整即参与后续计算",
    "round the quotient where it stands, e.g. `(a ÷ b) rounded half up to 0.01元`",
    "在除法处写明取整，如 `(甲 ÷ 乙) 四舍五入到 0.01元`",
)  # fmt: skip
DISPATCH_DOUBLE = Code(
    "PD790", "DISPATCH_DOUBLE", "error",
    "two policies answer on one day", "同一日有两个政策同时施行",
    "{one} and {other} are both in force from {first} to {last}, and both say what “{name}” is: "
    "no day tells which of them answers",
    "{one}和{other}自{first}至{last}同时施行，都规定了“{name}”，无法按日期选定其中一个",
    "compile the editions of one place together, e.g. `policydsl compile policies/shandong -o DIR --dispatch NAME`; "
    "or correct the days in force",
    "将同一地区各年度的政策一起编译，如 `policydsl compile policies/shandong -o 文件夹 --dispatch 名称`；或者改正施行期限",
)  # fmt: skip
DISPATCH_DRAFT = Code(
    "PD791", "DISPATCH_DRAFT", "error",
    "a policy that is never in force cannot be chosen by the day", "没有施行日期的政策不能按日期选用",
    "{name} is in force on no day: it is a draft, or another policy takes its place from its first day",
    "{name}没有施行的日期：它是征求意见稿，或者自施行之日起即由其他政策取代",
    "leave it out of `--dispatch`", "使用 `--dispatch` 时不要包括它",
)  # fmt: skip

#: Every code of this family, in the order of their numbers.
BACKEND_CODES: tuple[Code, ...] = (
    NAME_WITHOUT_ALIAS,
    RESERVED_NAME,
    NAME_COLLISION,
    UNROUNDED_QUOTIENT,
    DISPATCH_DOUBLE,
    DISPATCH_DRAFT,
)
