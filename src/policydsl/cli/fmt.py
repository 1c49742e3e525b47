"""`policydsl fmt --from`: how does a file saved in another encoding become UTF-8?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, either, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language


@click.command(
    "fmt",
    help=either(
        "Rewrite policy files that were saved in another encoding as UTF-8.",
        "将按其他编码保存的政策文件改写为UTF-8。",
    ),
)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--from",
    "encoding",
    type=click.Choice(("gb18030", "big5", "utf-16")),
    required=True,
    help=either("The encoding that the files have now.", "文件现在的编码。"),
)
@language_option
def command(files: tuple[str, ...], encoding: str, language: Language) -> int:
    from policydsl.cli.console import Stop, err_diagnostics
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import read_bytes, write_all

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
    try:
        write_all(texts)
    except OSError as error:
        raise Fault(f"cannot write: {error}", f"写不进去：{error}") from None
    for file in files:
        out(f"{file} 已改为UTF-8" if language == "zh" else f"{file} is UTF-8 now")
    return 0
