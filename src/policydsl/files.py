"""Which policy files does a path mean, and what text do they hold? Every file is opened and written here."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping

from policydsl.diagnostics import codes_cli as codes
from policydsl.diagnostics.model import Code, Diagnostic, Fact, Words
from policydsl.source import Source, Span

#: The most bytes that a policy may have.
LIMIT = 512 * 1024

SUFFIX = ".pol"


def read_source(path: str, policies: str | None = None) -> Source | Diagnostic:
    """The text of the policy file at `path` (UTF-8, with or without a byte order mark), or why there is none.

    The policies that it names in its header are looked for in the folder `policies`, or else around it.
    """
    data = read_bytes(path)
    source = data if isinstance(data, Diagnostic) else decode(path, data)
    if isinstance(source, Source):
        source.beside = lambda: _beside(path, policies)
    return source


def _beside(path: str, policies: str | None) -> Iterator[tuple[str, list[Source]]]:
    """The folders that the policies named in the file at `path` may be in: `policies`, or else its own folder and
    the two above it, each with what is as far below it."""
    own = os.path.realpath(path)
    if policies is not None:
        yield policies, _sources(policies, None, own)
        return
    folder = os.path.dirname(path) or os.curdir
    ends = {os.path.realpath(os.sep), os.path.realpath(os.path.expanduser("~"))}
    for depth in range(3):
        if depth and os.path.realpath(folder) in ends:
            return
        # “.” names no folder to a reader
        shown = folder if folder.strip("." + os.sep) else os.path.abspath(folder)
        yield shown, _sources(folder, depth, own)
        folder = os.path.normpath(os.path.join(folder, os.pardir))


def _sources(folder: str, depth: int | None, own: str) -> list[Source]:
    """The policies in a folder and, down to `depth`, in those within it; the one at `own` is left out. Files that
    cannot be read are passed over: who needs one of them is told that it is missing."""
    found: list[Source] = []
    top = os.path.join(folder, "").count(os.sep)
    for here, folders, names in os.walk(folder):
        inside = depth is None or os.path.join(here, "").count(os.sep) - top < depth
        folders[:] = sorted(f for f in folders if inside and not f.startswith("."))
        for name in sorted(names):
            path = os.path.normpath(os.path.join(here, name))
            if name.endswith(SUFFIX) and not name.startswith(".") and os.path.realpath(path) != own:
                source = _read_once(path)
                if isinstance(source, Source):
                    found.append(source)
    return found


_read: dict[str, tuple[tuple[int, int], Source | Diagnostic]] = {}


def _read_once(path: str) -> Source | Diagnostic:
    """The policy file at `path`, read again only when it has changed: in a folder of policies that name each other each
    is asked for many times."""
    try:
        here = os.stat(path)
    except OSError:
        return read_source(path)
    state = (here.st_mtime_ns, here.st_size)
    known = _read.get(path)
    if known is None or known[0] != state:
        known = _read[path] = (state, read_source(path))
    return known[1]


def read_bytes(path: str, limit: int = LIMIT) -> bytes | Diagnostic:
    """The bytes at `path`, at most `limit` of them."""
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        return _whole_file(codes.FILE_MISSING, path)
    except IsADirectoryError:
        return _whole_file(codes.FILE_IS_FOLDER, path)
    except (OSError, ValueError) as error:
        if os.path.isdir(path):  # Windows answers PermissionError for a folder
            return _whole_file(codes.FILE_IS_FOLDER, path)
        return _whole_file(codes.FILE_UNREADABLE, path, {"reason": reason_of(error)})
    if len(data) > limit:
        return _whole_file(codes.FILE_TOO_LARGE, path, {"limit": limit // 1024})
    return data


def decode(path: str, data: bytes) -> Source | Diagnostic:
    """`data` as the text of the file called `path`."""
    try:
        return Source(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        at = error.start
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _whole_file(codes.NOT_UTF8_UTF16, path)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return _whole_file(codes.NOT_TEXT, path, {"offset": at + 1})
    first = next(i for i, character in enumerate(text) if not character.isascii())
    span = Span(Source(path, text), first, first + 1)
    return Diagnostic(codes.NOT_UTF8_GB18030, span, {"path": path})


def find_policies(paths: Iterable[str]) -> Iterator[str | Diagnostic]:
    """The policy files that `paths` mean, each once: files as they are, folders with all that is in them.

    The files of a folder come sorted by path. Hidden folders are passed over.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _meant_by(path):
            if isinstance(found, str):
                real = os.path.realpath(found)
                if real in seen:
                    continue
                seen.add(real)
            yield found


def write_all(files: Mapping[str, str | bytes]) -> None:
    """Write every text (as UTF-8) or bytes under its path: each is complete on disk before any takes its final name.

    A file that was there keeps its permissions; where a link stands, what it leads to is written.
    Raises OSError; then no temporary file is left.
    """
    written: list[tuple[str, str]] = []
    try:
        for path, text in files.items():
            path = os.path.realpath(path)
            temporary = f"{path}.{os.getpid()}.tmp"
            written.append((temporary, path))
            with open(temporary, "wb") as file:
                file.write(text.encode() if isinstance(text, str) else text)
                file.flush()
                os.fsync(file.fileno())
            if os.path.exists(path):
                os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        while written:
            os.replace(*written[0])
            written.pop(0)
    finally:
        for temporary, _ in written:
            if os.path.exists(temporary):
                os.unlink(temporary)


def _meant_by(path: str) -> Iterable[str | Diagnostic]:
    if os.path.isdir(path):
        return _in_folder(path)
    if "*" in path and not os.path.exists(path):  # the shell of Windows hands patterns on as they are
        from glob import glob

        return sorted(glob(path)) or (path,)
    return (path,)


def _in_folder(path: str) -> Iterator[str | Diagnostic]:
    found: list[str] = []
    refused: list[Diagnostic] = []

    def refuse(error: OSError) -> None:
        refused.append(
            _whole_file(codes.FILE_UNREADABLE, error.filename or path, {"reason": reason_of(error)})
        )

    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [os.path.join(folder, n) for n in names if n.endswith(SUFFIX) and not n.startswith(".")]
    yield from refused
    yield from sorted(found)
    if not found and not refused:
        yield _whole_file(codes.NO_POLICIES, path)


def _whole_file(code: Code, path: str, facts: Mapping[str, Fact] | None = None) -> Diagnostic:
    return Diagnostic(code, Span(Source(path, ""), 0, 0), {"path": path, **(facts or {})})


def reason_of(error: OSError | ValueError) -> Words:
    """Why a file could not be read or written."""
    match error:
        case PermissionError():
            return Words("permission denied", "没有权限")
        case FileNotFoundError():
            return Words("no such file or folder", "文件或文件夹不存在")
        case IsADirectoryError():
            return Words("it is a folder", "它是文件夹")
        case NotADirectoryError():
            return Words("its folder is a file", "其中的文件夹其实是文件")
        case OSError(errno=errno.ENOSPC):
            return Words("no space is left on the disk", "磁盘已满")
        case OSError(errno=errno.EROFS):
            return Words("the disk can only be read", "磁盘只能读取，不能写入")
        case _:
            words = (error.strerror if isinstance(error, OSError) else None) or str(error)
            return Words(words.lower(), words)
