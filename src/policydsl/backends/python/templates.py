"""How is generated code put together? From templates of Python whose blanks are filled with syntax trees.

A template is Python written here, by us. A blank is a name in it: filled with an expression it
becomes that expression, filled with a string it is renamed, filled with statements (where it
stands alone on a line) it becomes those. Text of a policy only ever enters as a value or as a
name made by `names`, so it cannot turn into code.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias, TypeVar

Filling: TypeAlias = "ast.expr | str | Sequence[ast.stmt]"
Tree = TypeVar("Tree", bound=ast.AST)


@cache
def _parsed(template: str) -> ast.Module:
    return ast.parse(template)


def copied(tree: Tree) -> Tree:
    """A copy of a syntax tree, with what was noted at its nodes (`above`, `beside`). `copy.deepcopy` does the same in
    five times the time, half of a compilation."""
    found = type(tree)()
    for key, value in vars(tree).items():
        if isinstance(value, list):
            value = [copied(v) if isinstance(v, ast.AST) else v for v in value]
        elif isinstance(value, ast.AST):
            value = copied(value)
        setattr(found, key, value)
    return found


class _Fill(ast.NodeTransformer):
    def __init__(self, blanks: dict[str, Filling]) -> None:
        self.blanks = blanks

    def _name(self, name: str) -> str:
        filling = self.blanks.get(name)
        return filling if isinstance(filling, str) else name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        filling = self.blanks.get(node.id)
        if isinstance(filling, ast.expr):
            return copied(filling)
        return ast.Name(self._name(node.id), node.ctx)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        if isinstance(node.value, ast.Name):
            filling = self.blanks.get(node.value.id)
            if filling is not None and not isinstance(filling, ast.expr | str):
                return list(filling)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._name(node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._name(node.name)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._name(node.arg)
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._name(node.attr)
        return self.generic_visit(node)


def code(template: str, **blanks: Filling) -> list[ast.stmt]:
    """The statements of `template` with its blanks filled."""
    module = _Fill(blanks).visit(copied(_parsed(template)))
    body: list[ast.stmt] = module.body
    return body


def expr(template: str, **blanks: Filling) -> ast.expr:
    """The expression `template` with its blanks filled."""
    (statement,) = code(template, **blanks)
    assert isinstance(statement, ast.Expr)
    return statement.value


def name(identifier: str) -> ast.expr:
    return ast.Name(identifier, ast.Load())


def constant(value: str | int | bool | None) -> ast.expr:
    """A literal; a negative number as Python writes it, with a minus before it."""
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def items(elements: Sequence[ast.expr]) -> ast.expr:
    """A tuple."""
    return ast.Tuple(list(elements), ast.Load())


def call(function: str | ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A call of `function`, a dotted name of ours or an expression."""
    head = expr(function) if isinstance(function, str) else function
    return ast.Call(head, list(arguments), [ast.keyword(k, v) for k, v in keywords.items()])


def item(container: ast.expr, key: ast.expr) -> ast.expr:
    return ast.Subscript(container, key, ast.Load())


def above(statement: ast.stmt, *lines: str) -> ast.stmt:
    """Give a statement comment lines to stand above it."""
    statement.above = (*getattr(statement, "above", ()), *lines)  # type: ignore[attr-defined]
    return statement


def beside(element: ast.expr, text: str) -> ast.expr:
    """Give an element of a tuple or a dict its own line and a comment at the end of it."""
    element.beside = text  # type: ignore[attr-defined]
    return element


def tall(container: ast.expr) -> ast.expr:
    """Lay out a tuple or a dict with one element a line, however short it is."""
    container.tall = True  # type: ignore[attr-defined]
    return container
