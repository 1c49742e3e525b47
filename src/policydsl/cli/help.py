"""How does `--help` look? Click's layout, in Chinese where the locale is, broken where Chinese can be broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from policydsl.cli.console import default_language

#: What click says itself.
_OWN = {
    "Options": "选项",
    "Commands": "命令",
    "Show the version and exit.": "显示版本号。",
    "Show this message and exit.": "显示本帮助。",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "  [required]": "［必填］",
}
#: What stands for something that the caller writes.
_PLACES = {
    "A,B": "甲,乙", "CODE": "代码", "COLUMN": "列名", "DAY": "日期", "DIR": "文件夹", "FILE": "文件", "FILES": "文件",
    "FOLDER": "文件夹", "INTEGER": "整数", "KIND": "算法", "NAME": "名称", "NAMES": "名称", "NEW": "新文件", "OLD": "旧文件",
    "OUTPUT": "结果", "OUTPUTS": "结果", "PAGE": "网页", "PATH": "路径", "PATHS": "文件", "TEXT": "文字", "VALUE": "值",
}  # fmt: skip
_PLACE = re.compile(r"\bA,B\b|\b[A-Z]{2,}\b")
_EXTRA = re.compile(r"  \[(default: |x>=)(.+)\]$")
#: What is not taken apart: what click adds in brackets, words of Latin letters with all that hangs on them; any other character alone.
_PIECE = re.compile(r"［[^］]*］|[!-~…]+|\s+|.", re.DOTALL)
_NOT_FIRST = "，。、；：？！）”’》】］%…"
_NOT_LAST = "（“‘《【［"


class Formatter(click.HelpFormatter):
    """Help in the language of the locale; Chinese is measured in cells of the terminal and needs no spaces to break."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        if default_language() != "zh":
            super().write_usage(prog, args, prefix)
            return
        self.write(f"用法：{prog} {places(_chinese(args))}\n")

    def write_heading(self, heading: str) -> None:
        if default_language() != "zh":
            super().write_heading(heading)
            return
        self.write(f"{'':>{self.current_indent}}{_chinese(heading)}：\n")

    def write_text(self, text: str) -> None:
        if default_language() != "zh":
            super().write_text(text)
            return
        for line in _lines(text, self.width - self.current_indent):
            self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        if default_language() != "zh":
            super().write_dl(rows, col_max, col_spacing)
            return
        named = [(places(term), said) for term, said in rows]
        left = min(max(_width(term) for term, _ in named), col_max) + col_spacing
        for term, said in named:
            lines = list(_lines(_chinese(said), self.width - self.current_indent - left))
            indent = " " * self.current_indent
            if _width(term) > left - col_spacing or not lines:
                self.write(f"{indent}{term}\n")
            else:
                self.write(f"{indent}{term}{' ' * (left - _width(term))}{lines.pop(0)}\n")
            for line in lines:
                self.write(f"{indent}{' ' * left}{line}\n")


class Context(click.Context):
    """The context of every command: its help is written by `Formatter`."""

    formatter_class = Formatter


class Group(click.Group):
    """A group of commands that lists each with its whole first sentence."""

    context_class = Context

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            command.context_class = Context
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            (name, _first_sentence(command.help or ""))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def places(words: str) -> str:
    """`words` of a call with what the caller fills in named in Chinese: FILE.csv 文件.csv."""
    return _PLACE.sub(lambda found: _PLACES.get(found[0], found[0]), words)


def _width(words: str) -> int:
    from policydsl.diagnostics.render import cells

    return cells(words)


def _chinese(words: str) -> str:
    for en, zh in _OWN.items():
        words = words.replace(en, zh)
    return _EXTRA.sub(lambda found: f"［{'默认：' if found[1][0] == 'd' else '不小于'}{found[2]}］", words)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[。；：;])|(?<=\.)\s+(?=[A-Z])|:\s", text, maxsplit=1)[0].rstrip("。；：;.")


def _lines(text: str, width: int) -> Iterator[str]:
    """`text` in lines of at most `width` cells; no line begins with a closing mark or ends with an opening one."""
    line = ""
    for unit in _units(" ".join(text.split())):
        if line and _width(line) + _width(unit.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += unit if line else unit.lstrip()
    if line.strip():
        yield line.rstrip()


def _units(text: str) -> Iterator[str]:
    """The smallest parts of `text` between which a line may break."""
    unit = ""
    for piece in _PIECE.findall(text):
        if unit and unit[-1] not in _NOT_LAST and piece[0] not in _NOT_FIRST:
            yield unit
            unit = ""
        unit += piece
    if unit:
        yield unit
