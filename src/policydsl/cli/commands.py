"""Which commands are there, and which options do several of them share? Each is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from policydsl import __version__
from policydsl.cli.console import Fault, default_language, either
from policydsl.cli.help import Context, Group, places

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language

F = TypeVar("F", bound=Callable[..., Any])

#: The commands in the order of `policydsl --help`; each has its module of this name.
COMMANDS: Final = (
    "check",
    "run",
    "explain",
    "test",
    "mutate",
    "compile",
    "sql",
    "batch",
    "source",
    "status",
    "diff",
    "new",
    "fmt",
    "table",
    "doc",
)


class Commands(Group):
    """The commands, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"policydsl.cli.{cmd_name}").command
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            listed = near or COMMANDS
            raise Fault(
                f"there is no command “{args[0]}”; {'is it' if near else 'there are'} {', '.join(listed)}",
                f"没有命令“{args[0]}”，{'是否指' if near else '可用的有：'}{'、'.join(listed)}",
            )
        return super().resolve_command(ctx, args)


group = Commands(
    name="policydsl",
    help=either(
        "Check policy files, ask them for answers, compile them to Python.",
        "检查政策文件，按政策文件计算，编译为Python程序。",
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
group = click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")(group)


def language_option(function: F) -> F:
    """Add `--lang`; without it the language is the locale's."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(("zh", "en")),
        default=default_language,
        help=either("Language of messages (default: the locale's).", "输出语言（默认随系统）。"),
    )(function)


def format_option(*formats: str) -> Callable[[F], F]:
    """Add `--format`; the first form is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        help=either("Form of the output.", "输出格式。"),
    )


def sources_option(function: F) -> F:
    """Add `--sources DIR`, as often as there are folders."""
    return click.option(
        "--sources",
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        help=either(
            "A folder with the texts of notices (default: `sources` in [tool.policydsl] of pyproject.toml).",
            "存放通知原文的文件夹（默认按 pyproject.toml 中 [tool.policydsl] 的 sources）。",
        ),
    )(function)


def settings_option(function: F) -> F:
    """Add `--set NAME=VALUE`, as often as there are facts."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help=either(
            "A fact of the case: cost=15万元, city=guyuan, since=2021-08-10.",
            "一项具体情况：费用=15万元、地区=固原市、日期=2021年8月10日。",
        ),
    )(function)


def usage_words(error: click.ClickException, language: Language) -> str:
    """What is wrong with a call, in one line; in Chinese for the mistakes that people make."""
    if language != "zh":
        words = error.format_message().rstrip(".").replace("\n", " ")
        return words[:1].lower() + words[1:] + _help_hint(error, language)
    match error:
        case click.NoSuchOption():
            near = f"，是否指{'、'.join(error.possibilities)}" if error.possibilities else ""
            words = f"没有选项“{error.option_name}”{near}"
        case click.MissingParameter(param=click.Option() as option):
            words = f"缺少选项{'/'.join(option.opts)}"
        case click.MissingParameter(param=click.Parameter() as parameter):
            words = f"缺少{places(parameter.make_metavar(error.ctx)) if error.ctx else parameter.name}"
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice) as parameter):
            words = f"{'/'.join(parameter.opts)}只能取：{'、'.join(choice.choices)}"
        case click.BadParameter(param=click.Parameter(type=click.Path(), opts=opts)):
            words = f"{'/'.join(opts)}所指的文件或文件夹不存在，或者种类不对"
        case click.BadOptionUsage():
            words = f"选项{error.option_name}之后缺少取值"
        case click.UsageError() if "extra argument" in error.message:
            words = "参数过多"
        case _:
            words = error.format_message().rstrip(".").replace("\n", " ")
    return words + _help_hint(error, language)


def _help_hint(error: click.ClickException, language: Language) -> str:
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return ""
    command = f"`{error.ctx.command_path} --help`"
    return f"。用法见 {command}" if language == "zh" else f"; see {command}"
