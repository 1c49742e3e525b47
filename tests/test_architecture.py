"""Do imports run one way, does each library stay in its place, and does a start load only what it needs?"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "policydsl"

#: From the top down: a module imports from its own package and from what stands after it. Verbs
#: import no other verb, and only the pipeline and what single commands ask beside it import verbs.
LAYERS = (
    ("the program", ("__main__",)),
    ("commands and the API", ("cli", "batch", "bulk", "policyset", "api")),
    ("the pipeline", ("mutate", "tasks", "pipeline", "related")),
    ("verbs", ("syntax", "resolve", "checks", "lower", "examples", "interpret", "explain", "document", "difference", "prove", "changes", "citations", "sets", "sheets", "flatten", "backends.python", "backends.columns", "backends.sql")),
    ("what verbs share", ("pages", "canonical", "caseinput", "files", "results", "needs", "wording", "amounts", "dividing", "rounding", "backends.python.templates")),
    ("nouns", ("differences", "syntax.ast", "syntax.figures", "syntax.words", "flat", "trace", "ir", "model", "facts", "expressions", "kinds", "printed")),
    ("diagnostics", ("diagnostics",)),
    ("the ground", ("nodes", "source", "runtime")),
)  # fmt: skip
VERBS = 3
#: Examples are cases for the interpreter, and are nothing without it.
ALLOWED = {("examples", "interpret")}

#: Where each library may be imported.
LIBRARIES = {
    "lark": "syntax",
    "z3": "prove",
    "sqlglot": "backends",
    "numpy": "backends batch",
    "numba": "backends",
    "pyarrow": "backends batch",
    "polars": "backends",
    "pandas": "backends",
    "attrs": "nodes",
    "attr": "nodes",
    "jinja2": "pages",
    "duckdb": "batch",
    "pyspark": "batch",
    "py4j": "batch",
    "click": "cli",
    "rich": "cli",
    "opencc": "citations",
    "python_calamine": "sheets",
    "xlsxwriter": "sheets",
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__")
        found[name.rstrip(".")] = path
    return found


MODULES = modules()


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file without what is imported for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return tree


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The modules that a file imports at any time."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix("policydsl.")
                yield f"policydsl.{inner}" if inner in MODULES else module


def place(module: str) -> tuple[int, str]:
    """The number of the module's layer, and the entry of `LAYERS` that puts it there."""
    fits = [
        (len(entry), number, entry)
        for number, (_, entries) in enumerate(LAYERS)
        for entry in entries
        if module == entry or module.startswith(f"{entry}.")
    ]
    assert fits, f"{module} has no place in LAYERS"
    _, number, entry = max(fits)
    return number, entry


@pytest.mark.parametrize("module", [m for m in MODULES if m not in ("", "backends")])
def test_imports_run_one_way(module: str) -> None:
    layer, entry = place(module)
    for name in imported(MODULES[module]):
        other = name.removeprefix("policydsl.")
        if not name.startswith("policydsl.") or other.split(".")[0] == module.split(".")[0] != "backends":
            continue
        below, target = place(other)
        arrow = f"{module} ({LAYERS[layer][0]}) imports {other} ({LAYERS[below][0]})"
        if entry == target or (entry, target) in ALLOWED:
            continue
        entries = LAYERS[layer][1]
        after = layer == below != VERBS and entries.index(entry) < entries.index(target)
        assert layer < below or after, arrow
        assert below != VERBS or LAYERS[layer][0] == "the pipeline", arrow


def test_each_library_stays_in_its_place() -> None:
    known = sys.stdlib_module_names | {"policydsl"}
    for module, path in MODULES.items():
        for name in imported(path):
            library = name.split(".")[0]
            if library not in known:
                places = LIBRARIES.get(library, "").split()
                assert module.split(".")[0] in places, f"{module} imports {library}"


def test_generated_code_needs_nothing_but_the_standard_library_and_the_runtime() -> None:
    for name in imported(PACKAGE / "runtime.py"):
        assert name.split(".")[0] in sys.stdlib_module_names, name


def test_no_binary_float_is_written_anywhere() -> None:
    for module, path in MODULES.items():
        tree = parsed(path)
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        likeness = [c for c in calls if ast.unparse(c.func).endswith("get_close_matches")]
        allowed = {id(n) for call in likeness for n in ast.walk(call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                assert id(node) in allowed, f"{module}:{node.lineno}"


def test_every_module_says_which_question_it_answers() -> None:
    for module, path in MODULES.items():
        tree = parsed(path)
        assert not tree.body or ast.get_docstring(tree), module


# what a start loads


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a call of the command line leaves loaded, in a process of its own."""
    call = (
        "import io, json, sys\n"
        "from policydsl.cli.main import main\n"
        "out, sys.stdout = sys.stdout, io.StringIO()\n"
        f"status = main({list(arguments)!r})\n"
        "assert status == 0, status\n"
        "json.dump(sorted(sys.modules), out)\n"
    )
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, check=True, cwd=ROOT, env=environment
    )
    return set(json.loads(done.stdout))


def test_the_version_is_told_without_lark_attrs_or_click() -> None:
    loaded = loaded_by("--version")
    assert not loaded & {"lark", "attr", "attrs", "click", "rich", "policydsl.nodes", "policydsl.pipeline"}


def test_a_check_loads_neither_backends_nor_the_interpreter_nor_rich() -> None:
    loaded = loaded_by("check", "policies/xinzhou/2021.pol")
    assert not loaded & {"lark", "rich", "argparse", "importlib.metadata", "importlib.resources", "jinja2"}
    assert not {
        m for m in loaded if m.startswith(("policydsl.backends.", "policydsl.interpret", "policydsl.explain"))
    }
    assert not loaded & {"policydsl.diagnostics.machine", "policydsl.caseinput", "policydsl.runtime"}
    assert {m for m in loaded if m.startswith("policydsl.tasks.")} <= {"policydsl.tasks.locks"}
    assert not loaded & {
        "opencc",
        "difflib",
        "tomllib",
        "policydsl.citations.coverage",
        "policydsl.citations.nearest",
    }


def test_a_code_is_explained_without_the_compiler() -> None:
    loaded = loaded_by("explain", "PD084")
    assert not loaded & {"lark", "rich", "policydsl.pipeline", "policydsl.interpret"}


def test_a_case_is_computed_without_the_backends() -> None:
    loaded = loaded_by("run", "policies/xinzhou/2021.pol", "funding", "--set", "county=western")
    assert not {m for m in loaded if m.startswith(("policydsl.backends.", "policydsl.explain"))}
    assert "rich" not in loaded


def test_importing_the_package_costs_next_to_nothing() -> None:
    call = "import json, sys; import policydsl; json.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, check=True)
    loaded = {m for m in json.loads(done.stdout) if m.startswith("policydsl")}
    assert loaded == {"policydsl"}
