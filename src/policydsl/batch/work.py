"""What is done of a run, so that it can be broken off at any moment and go on with the same bytes?

Beside the output stands a folder with what is not finished: the output so far (`Sink`), and a manifest of JSON lines.
The first says what is computed, each other one that a part is complete: how long the output is then, with a
checksum, what was found, and where the next part begins. A part whose line or bytes are not whole did not happen.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple

from policydsl.batch import footers
from policydsl.batch.given import BatchError, Target, about, unreadable
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Words
from policydsl.files import reason_of

MANIFEST, LOCK = "manifest.jsonl", "lock"
_BLOCK = 1 << 20

State = dict[str, Any]


class Written(NamedTuple):
    """Rows for an output in Parquet: a Parquet file in memory. With `copied` it has the results alone, a row group for each of
    these row groups of files, whose columns `keep` stand before them as they are there."""

    data: memoryview
    copied: tuple[tuple[str, int], ...] = ()
    keep: tuple[str, ...] = ()


#: What gives so many bytes from a place on.
Taken = Callable[[int, int], bytes | memoryview]


class Sink:
    """An output to which parts are appended: Parquet by its row groups, other files by their bytes, `head` first."""

    def __init__(self, folder: str, name: str, *, parquet: bool, head: bytes = b"") -> None:
        self.path = os.path.join(folder, name)
        self.parquet = parquet
        self.head = footers.MAGIC if parquet else head
        self.state: State = {}
        self._like: footers.Footer | None = None
        self._open: _Source | None = None

    def begin(self) -> None:
        with open(self.path, "wb") as file:
            file.write(self.head)
        if self.parquet:
            with open(f"{self.path}.groups", "wb"):
                pass
        self.state = {
            "bytes": len(self.head),
            "crc": zlib.crc32(self.head),
            "groups": 0,
            "count": 0,
            "rows": 0,
        }

    def append(self, part: str) -> None:
        """Add what the file `part` holds."""
        with open(part, "rb") as given:

            def taken(start: int, size: int) -> bytes:
                given.seek(start)
                return given.read(size)

            self._append(os.path.getsize(part), taken)

    def take(self, written: Written) -> None:
        """Add rows that are in memory."""
        data = written.data
        if not written.copied:
            self._append(len(data), lambda start, size: data[start : start + size])
            return
        state = dict(self.state)
        footer = footers.footer_of(io.BytesIO(data))
        groups = []
        with open(self.path, "ab") as file:
            for (path, number), made in zip(written.copied, footer.groups, strict=True):
                source = self._source(path)
                kept = source.columns(number)
                columns: list[tuple[footers.Chunk, Taken]] = [
                    (chunk, source.taken) for name in written.keep for chunk in kept if chunk.name == name
                ]
                columns += [
                    (chunk, lambda start, size: data[start : start + size])
                    for chunk in footers.chunks_of(made)
                ]
                placed = []
                for chunk, taken in columns:
                    placed.append((chunk, state["bytes"]))
                    _copied(file, state, taken, chunk.start, chunk.size)
                groups.append(footers.group_of(footers.rows_of(made), placed))
        self._remember(groups, footer.rows, state)
        self.state = state

    def end(self) -> None:
        """All of a part was taken."""

    def _append(self, size: int, taken: Taken) -> None:
        state = dict(self.state)
        at = 0
        if self.parquet:
            length = footers.size_of_footer(bytes(taken(max(0, size - 8), 8)))
            raw = bytes(taken(size - 8 - length, length))
            footer = footers.read_footer(raw, state["bytes"] - len(self.head))
            if state["bytes"] == len(self.head):
                with open(f"{self.path}.first", "wb") as first:
                    first.write(raw)
                self._like = footer
            elif not footer.same_schema(self._first()):
                raise AssertionError("two parts of one output have different columns")
            self._remember(footer.groups, footer.rows, state)
            at, size = len(self.head), size - 8 - length
        with open(self.path, "ab") as file:
            _copied(file, state, taken, at, size - at)
        self.state = state

    def _remember(self, groups: Sequence[bytes], rows: int, state: State) -> None:
        with open(f"{self.path}.groups", "ab") as file:
            state["groups"] += sum(map(file.write, groups))
        state["count"] += len(groups)
        state["rows"] += rows

    def _source(self, path: str) -> _Source:
        if self._open is None or self._open.path != path:
            self.close()
            self._open = _Source(path)
        return self._open

    def close(self) -> None:
        if self._open is not None:
            self._open.file.close()
            self._open = None

    def _first(self) -> footers.Footer:
        if self._like is None:
            with open(f"{self.path}.first", "rb") as file:
                self._like = footers.read_footer(file.read(), 0)
        return self._like

    def sound(self, states: Sequence[State]) -> int:
        """How many of these states, one after another, the bytes on the disk agree with."""
        crc = at = good = 0
        try:
            groups = os.path.getsize(f"{self.path}.groups") if self.parquet else 0
            with open(self.path, "rb") as file:
                for state in states:
                    crc, at = _summed(file, crc, at, state["bytes"])
                    if at != state["bytes"] or crc != state["crc"] or groups < state["groups"]:
                        return good
                    good += 1
        except OSError:
            pass
        return good

    def go_back(self, state: State) -> None:
        """Forget what came after `state`."""
        os.truncate(self.path, state["bytes"])
        if self.parquet:
            os.truncate(f"{self.path}.groups", state["groups"])
        self.state = dict(state)

    def finish(self) -> None:
        """Make the file whole, on disk."""
        self.close()
        with open(self.path, "ab") as file:
            if self.parquet:
                with open(f"{self.path}.groups", "rb") as groups:
                    end = footers.written_footer(
                        self._first(), self.state["rows"], self.state["count"], groups.read()
                    )
                file.write(end)
            file.flush()
            os.fsync(file.fileno())


class _Source:
    """A Parquet file of which columns are copied."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.file = open(path, "rb")  # noqa: SIM115
            self.footer = footers.footer_of(self.file)
        except (OSError, ValueError, IndexError) as error:
            raise unreadable(path, error) from None

    def columns(self, group: int) -> list[footers.Chunk]:
        try:
            return footers.chunks_of(self.footer.groups[group])
        except (ValueError, IndexError) as error:
            raise unreadable(self.path, error) from None

    def taken(self, start: int, size: int) -> bytes:
        try:
            self.file.seek(start)
            data = self.file.read(size)
        except OSError as error:
            raise unreadable(self.path, error) from None
        if len(data) < size:
            raise unreadable(self.path, footers.Damaged("the file ends too early"))
        return data


def _copied(file: IO[bytes], state: State, taken: Taken, start: int, size: int) -> None:
    """Write bytes to the end of `file`, and note them in `state`."""
    end = start + size
    while start < end:
        block = taken(start, min(end - start, _BLOCK))
        assert block, "what is copied ends too early"
        state["crc"] = zlib.crc32(block, state["crc"])
        state["bytes"] += file.write(block)
        start += len(block)


def _summed(file: IO[bytes], crc: int, at: int, end: int) -> tuple[int, int]:
    while at < end and (block := file.read(min(_BLOCK, end - at))):
        crc = zlib.crc32(block, crc)
        at += len(block)
    return crc, at


class Parts:
    """An output of a file for each part, in a folder of their own."""

    def __init__(self, folder: str, suffix: str) -> None:
        self.path = os.path.join(folder, "parts")
        self.suffix = suffix
        self.state: State = {}
        self._taken: Sink | None = None

    def begin(self) -> None:
        os.mkdir(self.path)
        self.state = {"parts": 0, "crc": 0, "bytes": 0}

    def _name(self, number: int) -> str:
        return os.path.join(self.path, f"part-{number:05}.{self.suffix}")

    def append(self, part: str) -> None:
        with open(part, "rb") as file:
            crc, size = _summed(file, 0, 0, os.path.getsize(part))
            os.fsync(file.fileno())
        os.replace(part, self._name(self.state["parts"]))
        self.state = {"parts": self.state["parts"] + 1, "crc": crc, "bytes": size}

    def take(self, written: Written) -> None:
        """Add rows that are in memory to the next part."""
        if self._taken is None:
            self._taken = Sink(os.path.dirname(self.path), "part.tmp", parquet=self.suffix == "parquet")
            self._taken.begin()
        self._taken.take(written)

    def close(self) -> None:
        if self._taken is not None:
            self._taken.close()

    def end(self) -> None:
        """All of a part was taken."""
        if self._taken is not None:
            self._taken.finish()
            self.append(self._taken.path)
            self._taken = None

    def sound(self, states: Sequence[State]) -> int:
        good = 0
        try:
            for state in states:
                if state["parts"]:
                    with open(self._name(state["parts"] - 1), "rb") as file:
                        if _summed(file, 0, 0, state["bytes"] + 1) != (state["crc"], state["bytes"]):
                            return good
                good += 1
        except OSError:
            pass
        return good

    def go_back(self, state: State) -> None:
        for name in os.listdir(self.path):
            if os.path.join(self.path, name) >= self._name(state["parts"]):
                os.unlink(os.path.join(self.path, name))
        self.state = dict(state)

    def finish(self) -> None:
        _sync(self.path)


class Work:
    """The folder of a run. `lines` are those of the manifest: what is computed, then the parts that are complete."""

    def __init__(self, target: Target, output: Sink | Parts, rejects: Sink) -> None:
        self.target = target
        self.output = output
        self.rejects = rejects
        self.lines: list[dict[str, Any]] = []
        self._lock: IO[str] | None = None
        self._manifest: IO[str] | None = None

    @property
    def temporary(self) -> str:
        """Where the next part is written."""
        return os.path.join(self.target.work, "part.tmp")

    def begin(self, about_it: dict[str, Any]) -> None:
        """Start anew."""
        os.makedirs(self.target.work, exist_ok=True)
        self.lock()
        for name in os.listdir(self.target.work):
            path = os.path.join(self.target.work, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif name != LOCK:
                os.unlink(path)
        self.output.begin()
        self.rejects.begin()
        self._open([{**about_it, "output": self.output.state, "rejects": self.rejects.state}])

    def resume(self, about_it: dict[str, Any], name: Callable[[str], Words]) -> None:
        """Go on where the manifest ends. Raises BatchError where that is about something else."""
        self.lock()
        lines = read_lines(self.target.work)
        for key, value in about_it.items():
            if not lines or lines[0].get(key) != value:
                facts = {"what": name(key)}
                raise BatchError(about(codes.BATCH_RESUME_DIFFERS, self.target.path, facts))
        if not lines[-1].get("finished"):
            good = min(
                self.output.sound([line["output"] for line in lines]),
                self.rejects.sound([line["rejects"] for line in lines]),
            )
            if not good:
                self.begin(about_it)
                return
            lines = lines[:good]
            self.output.go_back(lines[-1]["output"])
            self.rejects.go_back(lines[-1]["rejects"])
        self._open(lines)

    def _open(self, lines: list[dict[str, Any]]) -> None:
        temporary = os.path.join(self.target.work, f"{MANIFEST}.tmp")
        with open(temporary, "w", encoding="utf-8") as file:
            file.writelines(f"{_line(line)}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        path = os.path.join(self.target.work, MANIFEST)
        os.replace(temporary, path)
        self.lines = lines
        self._manifest = open(path, "a", encoding="utf-8")  # noqa: SIM115

    def add(self, line: dict[str, Any]) -> None:
        """A part is complete; the sinks have it."""
        whole = {**line, "output": self.output.state, "rejects": self.rejects.state}
        assert self._manifest is not None
        self._manifest.write(f"{_line(whole)}\n")
        self._manifest.flush()
        self.lines.append(whole)

    def finish(self, sample: str | None) -> None:
        """Give everything its final name, the output last, and take the folder away."""
        target = self.target
        explained = os.path.join(target.work, "sample")
        if not self.lines[-1].get("finished"):
            self.output.finish()
            self.rejects.finish()
            if sample is not None:
                with open(explained, "w", encoding="utf-8") as file:
                    file.write(sample)
                    file.flush()
                    os.fsync(file.fileno())
            self.add({"finished": True})
            assert self._manifest is not None
            os.fsync(self._manifest.fileno())
        for made, final in (
            (explained, target.sample),
            (self.rejects.path, target.rejects),
            (self.output.path, target.path),
        ):
            if os.path.exists(made):  # else a run before this one was broken off after it
                if os.path.isdir(final) and os.path.isdir(made):
                    shutil.rmtree(final)
                os.replace(made, final)
        _sync(os.path.dirname(target.path) or os.curdir)
        self.close()
        shutil.rmtree(target.work)

    def drop(self) -> None:
        """Take the folder away, unless it is another run's."""
        if self._manifest is not None:
            shutil.rmtree(self.target.work, ignore_errors=True)

    def lock(self) -> None:
        """Keep other runs away until this process ends. Raises BatchError where one is at work."""
        if self._lock is not None:
            return
        self._lock = open(os.path.join(self.target.work, LOCK), "w", encoding="utf-8")  # noqa: SIM115
        try:
            import fcntl
        except ImportError:  # on Windows nobody is kept away
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BatchError(about(codes.BATCH_RUNNING, self.target.path)) from None

    def close(self) -> None:
        self.output.close()
        for file in (self._manifest, self._lock):
            if file is not None:
                file.close()
        self._manifest = self._lock = None


def read_lines(folder: str) -> list[dict[str, Any]]:
    """The whole lines of the manifest of a run; none where there is none."""
    found = []
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            for text in file:
                if not text.endswith("\n"):
                    break
                found.append(json.loads(text))
    except (OSError, ValueError):
        pass
    return found


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sync(folder: str) -> None:
    """Have the names in a folder on disk too, where the system can."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(number)
    except OSError:
        pass
    finally:
        os.close(number)


def failed(error: OSError, path: str) -> BatchError:
    return BatchError(about(codes.BATCH_WRITE_FAILED, path, {"reason": reason_of(error)}))
