"""What does a module that needs nothing but the standard library look like? The runtime stands in it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from pathlib import Path

from policydsl import runtime


def runtime_tree() -> ast.Module:
    """The runtime as it stands in its file."""
    return ast.parse(Path(runtime.__file__).read_text(encoding="utf-8"))


def runtime_names(tree: ast.Module) -> list[str]:
    """What the runtime defines and imports, at its top."""
    found: list[str] = []
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=own) | ast.ClassDef(name=own):
                found.append(own)
            case ast.AnnAssign(target=ast.Name(id=own)) | ast.Assign(targets=[ast.Name(id=own)]):
                found.append(own)
            case ast.ImportFrom(module=module, names=aliases) if module != "__future__":
                found += [alias.name for alias in aliases]
            case _:
                pass
    return found


class _Rename(ast.NodeTransformer):
    """Names of the runtime that the policy has for itself get `_rt_` before them."""

    def __init__(self, own: Iterable[str], public: Iterable[str]) -> None:
        self.own = set(own)
        self.public = set(public)

    def name(self, own: str) -> str:
        return f"_rt_{own}" if own in self.public else own

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.own:
            return ast.Name(self.name(node.id), node.ctx)
        if node.id in self.public and hasattr(builtins, node.id):
            return ast.Attribute(ast.Name("_builtins", ast.Load()), node.id, node.ctx)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in self.own:
            node.name = self.name(node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if node.name in self.own:
            node.name = self.name(node.name)
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        for alias in node.names:
            if alias.name in self.own and self.name(alias.name) != alias.name:
                alias.asname = self.name(alias.name)
        return node


class _Inline(ast.NodeTransformer):
    """`_rt.fen` of a generated module becomes the name that the runtime has in it."""

    def __init__(self, rename: _Rename) -> None:
        self.rename = rename

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "_rt":
            return ast.Name(self.rename.name(node.attr), node.ctx)
        return self.generic_visit(node)


def inline(module: ast.Module, public: Iterable[str]) -> ast.Module:
    """`module` with the runtime in it. `public` are the names of the policy."""
    tree = runtime_tree()
    own = [n for n in runtime_names(tree) if n != "PolicyError"]
    rename = _Rename([*own, "PolicyError"], {n for n in public if n != "PolicyError"})
    shared: list[ast.stmt] = [rename.visit(node) for node in tree.body[1:] if not _future(node)]
    docstring, future, *rest = module.body
    kept = [node for node in rest if not _of_runtime(node)]
    imports = [node for node in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    if "builtins" not in {a.name for i in imports if isinstance(i, ast.Import) for a in i.names} and any(
        isinstance(n, ast.Name) and n.id == "_builtins" for node in shared for n in ast.walk(node)
    ):
        imports.insert(0, ast.Import([ast.alias("builtins", "_builtins")]))
    others = [_Inline(rename).visit(node) for node in kept if node not in imports]
    return ast.Module([docstring, future, *imports, *shared, *others], [])


def _future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _of_runtime(node: ast.stmt) -> bool:
    """What a module says to be joined to the runtime, which it is now."""
    match node:
        case ast.ImportFrom(module="policydsl"):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="require_api"))):
            return True
        case ast.Assign(targets=[ast.Name(id="PolicyError")]):
            return True
        case _:
            return False
