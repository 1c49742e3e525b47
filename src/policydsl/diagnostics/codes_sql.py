"""The limits of SQL: what a dialect has no word for, and what its tables cannot tell apart."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

SQL_NEEDS_EXTRA = Code(
    "PD740", "SQL_NEEDS_EXTRA", "error",
    "SQL needs an extra", "生成SQL须另行安装组件",
    "the library that writes SQL (sqlglot) is not installed", "没有安装生成SQL所用的程序库（sqlglot）",
    'run `pip install "policydsl[sql]"`', '运行 `pip install "policydsl[sql]"`',
)  # fmt: skip
NO_TABLE_MACROS = Code(
    "PD741", "NO_TABLE_MACROS", "error",
    "a dialect without macros", "该数据库没有宏",
    "{dialect} has no macros that take a table", "{dialect}没有以表为参数的宏",
    "write `--as view` or `--as query`; macros are for `--dialect duckdb`",
    "改用 `--as view` 或 `--as query`；宏只用于 `--dialect duckdb`",
)  # fmt: skip
SAME_COLUMN = Code(
    "PD742", "SAME_COLUMN", "error",
    "two columns of one name", "两列同名",
    "{first} and {second} would both be the column “{name}”, and {dialect} cannot tell them apart",
    "{first}与{second}都会成为“{name}”列，{dialect}无法区分",
    "give one of them another alias in the policy, or ask for fewer outputs or fewer columns of `--keep`",
    "在政策文件中为其中一个改用其他别名，或者减少所要的结果、减少 `--keep` 的列",
)  # fmt: skip
COLUMN_NAME_TOO_LONG = Code(
    "PD743", "COLUMN_NAME_TOO_LONG", "error",
    "a name too long for a column", "名称过长，不能作列名",
    "the column “{name}” has {bytes} bytes in its name; {dialect} cuts names after {limit}",
    "列名“{name}”有{bytes}个字节，{dialect}的列名超过{limit}个字节会被截断",
    "give it a shorter alias", "为其改用较短的别名",
)  # fmt: skip
COMMA_IN_KEY = Code(
    "PD744", "COMMA_IN_KEY", "error",
    "a member with a comma in its name", "项的名称中有逗号",
    "“{member}” has a comma in its name, and in SQL the members of {what} stand with commas between them",
    "“{member}”的名称中有逗号，而在SQL中，{what}的各项之间以逗号分隔",
    "give the member an alias: `“{member}”（alias）`", "为该项写明别名，如 `“{member}”（alias）`",
)  # fmt: skip

#: Every code of this family, in the order of their numbers.
SQL_CODES: tuple[Code, ...] = (
    SQL_NEEDS_EXTRA,
    NO_TABLE_MACROS,
    SAME_COLUMN,
    COLUMN_NAME_TOO_LONG,
    COMMA_IN_KEY,
)
