"""What are the answers to many cases, as fast as the memory gives them? A compiled kernel on several threads.

This is the only module that imports numba (the extra `[fast]`). What it compiles is kept on disk, in a
folder of the user's own, under the digest of the kernel's text.
"""

from __future__ import annotations

import hashlib
import os
import sys
import types
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from policydsl import flat as f
from policydsl.backends.columns.kernels import kernel
from policydsl.backends.columns.ready import (
    FAILS,
    Answers,
    Array,
    Problems,
    Ready,
    blocks,
    dtype_of,
    earlier,
    problem,
    sound,
)

#: Rows that a thread takes at a time.
CHUNK = 1 << 19
#: Kernels that are kept; of more those that were made longest ago go.
_KEPT = 256

Loop: TypeAlias = Callable[..., bool]


class Compiled:
    """A `Flat` made ready to run; compiled at the first row, or read from the cache."""

    def __init__(self, flat: f.Flat, *, jit: bool = True) -> None:
        self.flat = flat
        self.kernel = kernel(flat)
        self._loop = _compiled(self.kernel.text, self._types) if jit else _interpreted(self.kernel.text)
        self._tables = [_read_only(np.array(table, np.int64)) for table in self.kernel.tables]

    def _types(self, types: Any) -> Any:
        """What the kernel takes and gives, in numba's words."""

        def array(dtype: Any, *, given: bool) -> Any:
            element = {np.bool_: types.boolean, np.uint8: types.uint8, np.int64: types.int64}[dtype]
            return types.Array(element, 1, "C", readonly=given)

        taken = [types.int64]
        for column in self.flat.inputs:
            taken.append(array(dtype_of(column), given=True))
            if column.optional:
                taken.append(array(np.bool_, given=True))
        taken += [array(np.int64, given=True) for _ in self.kernel.tables]
        taken += [array(self._dtype(i), given=False) for i in self.kernel.stored]
        return types.boolean(*taken)

    def _dtype(self, i: int) -> Any:
        return np.bool_ if f.is_truth(self.flat.steps[i]) else np.int64

    def run(self, ready: Ready, threads: int = 1) -> Answers:
        """The answers to all rows. Each thread takes chunks of rows; none waits for another."""
        flat, count = self.flat, ready.count
        stored: dict[int, Array] = {i: np.empty(count, self._dtype(i)) for i in self.kernel.stored}
        problems: list[tuple[int, int, Problems]] = []
        given = None if ready.problems is not None else self._given(ready)

        def chunk(bounds: tuple[int, int]) -> None:
            start, stop = bounds
            part = ready.rows(start, stop)
            own = [stored[i][start:stop] for i in self.kernel.stored]
            if given is not None:
                columns = [column[start:stop] for column in given]
                if self._loop(stop - start, *columns, *self._tables, *own):
                    return
            # some row of the chunk is wrong: it is made sound, and computed once more
            part = sound(flat, part)
            if part.problems is not None:
                problems.append((start, stop, part.problems))
            if not self._loop(stop - start, *self._given(part), *self._tables, *own):
                raise AssertionError("sound rows are in their ranges")

        bounds = list(blocks(count, CHUNK))
        if threads == 1 or len(bounds) == 1:
            for one in bounds:
                chunk(one)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(chunk, bounds))
        return self._answers(stored, problems, count)

    def _given(self, ready: Ready) -> list[Array]:
        """The arrays of the inputs as the kernel takes them."""
        columns: list[Array] = []
        for column in self.flat.inputs:
            columns.append(ready.values[column.key])
            if column.optional:
                exists = ready.exists.get(column.key)
                columns.append(np.ones(len(columns[-1]), np.bool_) if exists is None else exists)
        return [_read_only(column) for column in columns]

    def _answers(
        self, stored: dict[int, Array], problems: Sequence[tuple[int, int, Problems]], count: int
    ) -> Answers:
        flat = self.flat
        found: Problems | None = None
        if problems:
            found = np.zeros(count, np.int32)
            for start, stop, part in problems:
                found[start:stop] = part
        for g, given in enumerate(flat.givens):
            place = len(flat.inputs) + g
            holds = stored[given.holds]
            fails = None if given.fails is None else stored[given.fails]
            if holds.all() and (fails is None or not fails.any()):
                continue
            broken = np.where(holds, 0, problem(place, "PC107")).astype(np.int32)
            if fails is not None:
                broken[fails] = problem(place, FAILS)
            found = earlier(found, broken)
        return Answers(
            found,
            {o.key: None if o.fails is None else stored[o.fails] for o in flat.outputs},
            {(o.key, c.part): stored[c.value] for o in flat.outputs for c in o.columns},
        )


def _read_only(column: Array) -> Array:
    """The column as an array in one piece that is not written to: of one type, whoever made it."""
    view = np.ascontiguousarray(column).view()
    view.flags.writeable = False
    return view


def _compiled(text: str, types_of: Callable[[Any], Any]) -> Loop:
    """The function of a kernel's text, compiled or read from the cache; a cache that cannot be read is as none."""
    import numba

    def compiled(path: Path | None) -> Loop:
        module = types.ModuleType("policydsl_kernel" if path is None else f"policydsl_{path.stem}")
        exec(compile(text, "<kernel>" if path is None else str(path), "exec"), module.__dict__)
        if path is not None:  # numba asks for the module of what it finds in the cache
            module.__file__ = str(path)
            sys.modules[module.__name__] = module
        make = numba.njit([types_of(numba.types)], nogil=True, error_model="numpy", cache=path is not None)
        function: Loop = make(module.kernel)
        return function

    folder = cache_folder()
    path = None if folder is None else _kept(folder, text)
    try:
        return compiled(path)
    except Exception:
        if path is None:
            raise
        return compiled(None)


def _interpreted(text: str) -> Loop:
    """The function of a kernel's text as Python runs it: slow, for tests."""
    namespace: dict[str, Any] = {}
    exec(compile(text, "<kernel>", "exec"), namespace)
    function: Loop = namespace["kernel"]
    return function


def cache_folder() -> Path | None:
    """The user's own folder for compiled kernels; None where there is none that only the user can write to.

    What numba reads from it is run, so a folder that others may write to is not used.
    """
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not base or not os.path.isabs(base):
        return None
    folder = Path(base) / "policydsl" / "kernels"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in (folder, folder.parent):
            about = place.lstat()
            if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o022):
                return None
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _kept(folder: Path, text: str) -> Path | None:
    """The file of this text in `folder`, written if it is not there. numba keeps what it compiled beside it;
    the text itself is never read back."""
    path = folder / f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:32]}.py"
    if path.exists():
        return path
    own = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        own.write_text(text, encoding="utf-8")
        os.replace(own, path)
    except OSError:
        return None
    with suppress(OSError):  # another process may be at it too
        _thin_out(folder)
    return path


def _thin_out(folder: Path) -> None:
    """Delete the oldest kernels beyond `_KEPT`, with what numba keeps of them. A process that has loaded one does not
    need its file any more."""
    texts = sorted(folder.glob("kernel_*.py"), key=lambda path: path.stat().st_mtime)
    for text in texts[:-_KEPT]:
        for path in [text, *folder.glob(f"**/{text.stem}.*.nb[ic]")]:
            path.unlink(missing_ok=True)
