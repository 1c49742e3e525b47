"""`policydsl fmt`: how are policy files laid out, rewritten in another script, or saved as UTF-8?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from policydsl.cli.console import Fault, default_language, either, err_diagnostics, out
from policydsl.cli.writing import write_or_fault

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Language
    from policydsl.syntax.format_words import Script

_BOM = "\ufeff"
_STDIN = "<stdin>"


@click.command(
    "fmt",
    help=either(
        "Give policy files their one layout, or all *.pol in folders; what they say does not change.",
        "按统一格式整理政策文件，或者文件夹中的全部 *.pol；内容不变。",
    ),
)
@click.argument("paths", nargs=-1)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help=either(
        "Write nothing; list the files that are laid out otherwise, exit status 1 if there is one.",
        "不改文件，只列出格式不符的；有则退出码为1。",
    ),
)
@click.option(
    "--diff",
    "show_diff",
    is_flag=True,
    help=either("Write nothing; show what would change.", "不改文件，只显示会改哪些地方。"),
)
@click.option(
    "--stdin",
    "from_stdin",
    is_flag=True,
    help=either("Read standard input, write to standard output.", "从标准输入读取，写到标准输出。"),
)
@click.option(
    "--lang",
    "script",
    type=click.Choice(("zh", "en", "hant")),
    help=either(
        "Rewrite the keywords: simplified Chinese, English, traditional Chinese.",
        "改写关键词：zh简体、en英文、hant繁体。",
    ),
)
@click.option(
    "--from",
    "encoding",
    type=click.Choice(("gb18030", "big5", "utf-16")),
    help=either("Only rewrite files of this encoding as UTF-8.", "只把按此编码保存的文件改写为UTF-8。"),
)
def command(
    paths: tuple[str, ...],
    only_check: bool,
    show_diff: bool,
    from_stdin: bool,
    script: Script | None,
    encoding: str | None,
) -> int:
    language = default_language()
    if from_stdin and (paths or encoding):
        raise Fault("--stdin takes no files and no --from", "--stdin不能与文件名或--from同用")
    if not paths and not from_stdin:
        raise Fault("name the files or folders, or use --stdin", "请写出文件或文件夹，或者使用--stdin")
    if encoding is not None:
        if only_check or show_diff or script:
            raise Fault(
                "--from is used alone: it changes the encoding and nothing else",
                "--from须单独使用：它只改编码，不改其他",
            )
        return _recode(paths, encoding, language)
    return _layout(paths if not from_stdin else (), only_check, show_diff, script, language)


def _layout(
    paths: tuple[str, ...], only_check: bool, show_diff: bool, script: Script | None, language: Language
) -> int:
    """Lay out every file that can be read; those that cannot are reported and left alone."""
    from policydsl import pipeline
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import decode, find_policies, read_bytes

    changed: dict[str, str] = {}
    before: dict[str, str] = {}
    refused: list[Diagnostic] = []
    files = 0
    for path in find_policies(paths) if paths else (_STDIN,):
        data = path if isinstance(path, Diagnostic) else read_bytes(path) if paths else _standard_input()
        source = data if isinstance(data, Diagnostic) else decode(str(path), data)
        text = (source,) if isinstance(source, Diagnostic) else pipeline.format(source, script)
        if not isinstance(text, str):
            refused += text
            continue
        assert isinstance(path, str) and isinstance(data, bytes)
        files += 1
        mark = _BOM if data.startswith(_BOM.encode()) else ""
        before[path] = data.decode()
        if mark + text != before[path]:
            changed[path] = mark + text
    err_diagnostics(refused, language)
    status = 2 if any(d.code in CALL_CODES for d in refused) else 1 if refused else 0
    if show_diff:
        for path, text in changed.items():
            out_exactly(_diff(path, before[path], text))
        return status or int(only_check and bool(changed))
    if not paths:
        if only_check:
            return status or int(bool(changed))
        out_exactly(changed.get(_STDIN, before.get(_STDIN, "")))
        return status
    if not only_check:
        write_or_fault(changed)
    for path in changed:
        out(_said(path, only_check, language))
    if files:
        out(_summary(files, len(changed), only_check, language))
    return status or int(only_check and bool(changed))


def _standard_input() -> bytes | Diagnostic:
    from policydsl.diagnostics.codes_cli import FILE_TOO_LARGE
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import LIMIT
    from policydsl.source import Source, Span

    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        return Diagnostic(
            FILE_TOO_LARGE, Span(Source(_STDIN, ""), 0, 0), {"path": _STDIN, "limit": LIMIT // 1024}
        )
    return data


def out_exactly(text: str) -> None:
    """Write a policy's text as UTF-8 with its own line ends, whatever the encoding of the console is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _diff(path: str, before: str, after: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(before.split("\n"), after.split("\n"), path, path, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _said(path: str, only_check: bool, language: Language) -> str:
    from policydsl.diagnostics.render import visible

    shown = visible(path)
    if only_check:
        return f"{shown}：格式不符" if language == "zh" else f"{shown}: laid out otherwise"
    return f"{shown}：已整理" if language == "zh" else f"{shown}: laid out"


def _summary(files: int, changed: int, only_check: bool, language: Language) -> str:
    left = files - changed
    if language == "zh":
        if not changed:
            return f"共{files}个文件，格式都符合"
        return f"共{files}个文件，{changed}个{'格式不符' if only_check else '已整理'}，{left}个格式符合"
    if not changed:
        return f"{_count(files)}: nothing to change"
    return (
        f"{_count(files)}: {changed} {'to lay out' if only_check else 'laid out'}, {left} as they should be"
    )


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _recode(files: tuple[str, ...], encoding: str, language: Language) -> int:
    """Save files of another encoding as UTF-8; all or none."""
    from policydsl.cli.console import Stop
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import read_bytes

    texts: dict[str, str] = {}
    for file in files:
        data = read_bytes(file)
        if isinstance(data, Diagnostic):
            err_diagnostics([data], language)
            raise Stop(2 if data.code in CALL_CODES else 1)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            raise Fault(f"“{file}” is UTF-8 already", f"“{file}”已经是UTF-8编码", status=1)
        try:
            texts[file] = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise Fault(
                f"“{file}” is not {encoding}: byte {error.start + 1} does not fit; nothing was changed",
                f"“{file}”不是{encoding}编码（第{error.start + 1}个字节不符），未作改动",
                status=1,
            ) from None
    write_or_fault(texts)
    for file in files:
        out(f"{file} 已改为UTF-8" if language == "zh" else f"{file} is UTF-8 now")
    return 0
