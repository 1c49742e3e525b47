"""In which language and how does the command line speak? The locale, colours, output that never fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Language


class Fault(Exception):
    """The call cannot be carried out: one line that says why, in both languages."""

    def __init__(self, en: str, zh: str, status: int = 2) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh
        self.status = status


class Stop(Exception):
    """Everything has been said; end with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def default_language(environment: Mapping[str, str] | None = None) -> Language:
    """The language of the locale: Chinese for any locale that begins with zh, else English."""
    environment = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith(("zh", "chinese")) else "en"
    return "zh" if sys.platform == "win32" and _windows_speaks_chinese() else "en"


def _windows_speaks_chinese() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    # The low ten bits of the number are the primary language; 4 is Chinese.
    return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04)


def either(en: str, zh: str) -> str:
    """The text in the language of the locale, for help that is written before `--lang` is read."""
    return zh if default_language() == "zh" else en


def prepare_streams() -> None:
    """Let standard output take every character: what the console cannot show is written as its number."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def out(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def err(words: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{words}\n")


def out_json(value: object) -> None:
    """JSON with an indent; in ASCII where the output's encoding is not UTF-8, so that it always can be read."""
    import json

    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    out(json.dumps(value, ensure_ascii=not utf8, indent=2))


def has_colour(stream: TextIO) -> bool:
    """Colours stand on a terminal only, and never where NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return False
    # The old Windows console prints escape sequences as they are.
    return sys.platform != "win32" or bool(os.environ.get("WT_SESSION") or os.environ.get("TERM"))


def err_diagnostics(diagnostics: Iterable[Diagnostic], language: Language) -> None:
    """Print diagnostics where they do not mix with a result: on standard error."""
    from policydsl.diagnostics.render import text

    sys.stdout.flush()
    sys.stderr.write(text(diagnostics, language, colour=has_colour(sys.stderr)))
