"""How does generated code look? Comments beside tables, long lines broken; the code stays what it was.

What is laid out is parsed again and compared with the tree it was made from, so that a comment
or a broken line can never change it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

WIDTH = 110


def lay_out(module: ast.Module) -> str:
    """The text of `module`."""
    ast.fix_missing_locations(module)
    text = "\n".join(_block(module.body, "", top=True)) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(ast.parse(ast.unparse(module))):
        raise AssertionError("the layout of generated code changed its meaning")
    return text


def comment(text: str) -> str:
    """`text` as one line that nothing in it can end."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _block(body: Sequence[ast.stmt], indent: str, *, top: bool = False) -> Iterator[str]:
    for i, statement in enumerate(body):
        if i and top:
            yield from _space(body[i - 1], statement)
        elif (i and isinstance(statement, ast.FunctionDef | ast.ClassDef)) or (
            i and isinstance(body[i - 1], ast.FunctionDef | ast.ClassDef)
        ):
            yield ""
        for line in getattr(statement, "above", ()):
            yield f"{indent}# {comment(line)}"
        if i == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            yield from _docstring(statement.value.value, indent)
        else:
            yield from _statement(statement, indent)


def _space(before: ast.stmt, after: ast.stmt) -> Iterator[str]:
    defined = ast.FunctionDef | ast.ClassDef
    imports = ast.Import | ast.ImportFrom
    if isinstance(before, defined) or isinstance(after, defined):
        yield from ("", "")
    elif (
        getattr(after, "above", ())
        or isinstance(before, imports) != isinstance(after, imports)
        or (isinstance(before, ast.Expr) and isinstance(before.value, ast.Constant))
    ):
        yield ""


def _docstring(text: object, indent: str) -> Iterator[str]:
    assert isinstance(text, str)
    safe = "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    )
    if safe.endswith('"'):
        safe = f'{safe[:-1]}\\"'
    yield from f'{indent}"""{safe}"""'.split("\n")


def _statement(node: ast.stmt, indent: str) -> Iterator[str]:
    inner = f"{indent}    "
    match node:
        case ast.FunctionDef():
            yield from _function_head(node, indent)
            yield from _block(node.body, inner)
        case ast.ClassDef():
            for decorator in node.decorator_list:
                yield f"{indent}@{ast.unparse(decorator)}"
            bases = ", ".join(map(ast.unparse, node.bases))
            yield f"{indent}class {node.name}{f'({bases})' if bases else ''}:"
            yield from _block(node.body, inner)
        case ast.If():
            yield from _if(node, indent, "if")
        case ast.Try():
            yield f"{indent}try:"
            yield from _block(node.body, inner)
            for handler in node.handlers:
                caught = f" {ast.unparse(handler.type)}" if handler.type else ""
                yield f"{indent}except{caught}{f' as {handler.name}' if handler.name else ''}:"
                yield from _block(handler.body, inner)
        case ast.Assign(targets=[target]):
            yield from _value(node.value, indent, f"{_target(target)} = ")
        case ast.AnnAssign() if node.value is not None:
            head = f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)} = "
            yield from _value(node.value, indent, head)
        case ast.Return() if node.value is not None:
            yield from _value(node.value, indent, "return ")
        case ast.Expr():
            yield from _value(node.value, indent, "")
        case _:
            yield from (f"{indent}{line}" for line in ast.unparse(node).split("\n"))


def _target(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return ", ".join(map(ast.unparse, node.elts))
    return ast.unparse(node)


def _if(node: ast.If, indent: str, word: str) -> Iterator[str]:
    yield from _value(node.test, indent, f"{word} ", ":")
    yield from _block(node.body, f"{indent}    ")
    match node.orelse:
        case []:
            return
        case [ast.If() as other]:
            yield from _if(other, indent, "elif")
        case _:
            yield f"{indent}else:"
            yield from _block(node.orelse, f"{indent}    ")


def _function_head(node: ast.FunctionDef, indent: str) -> Iterator[str]:
    for decorator in node.decorator_list:
        yield f"{indent}@{ast.unparse(decorator)}"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    short = f"{indent}def {node.name}({ast.unparse(node.args)}){returns}:"
    if len(short) <= WIDTH:
        yield short
        return
    yield f"{indent}def {node.name}("
    for piece in _parameters(node.args):
        yield f"{indent}    {piece},"
    yield f"{indent}){returns}:"


def _parameters(args: ast.arguments) -> Iterator[str]:
    """Each parameter, and the bare `*` and `/`, as a piece of its own."""
    plain = [*args.posonlyargs, *args.args]
    missing = len(plain) - len(args.defaults)
    for i, arg in enumerate(plain):
        default = None if i < missing else args.defaults[i - missing]
        yield _parameter(arg, default)
        if args.posonlyargs and i == len(args.posonlyargs) - 1:
            yield "/"
    if args.vararg:
        yield f"*{_parameter(args.vararg, None)}"
    elif args.kwonlyargs:
        yield "*"
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default)


def _parameter(arg: ast.arg, default: ast.expr | None) -> str:
    text = arg.arg if arg.annotation is None else f"{arg.arg}: {ast.unparse(arg.annotation)}"
    return text if default is None else f"{text} = {ast.unparse(default)}"


def _value(node: ast.expr, indent: str, head: str, tail: str = "") -> Iterator[str]:
    """`head`, the expression and `tail` on one line, or the parts of the expression on their own."""
    text = ast.unparse(node)
    note = getattr(node, "beside", None)
    after = f"{tail}  # {comment(note)}" if note else tail
    room = len(f"{indent}{head}{text}{tail}") <= WIDTH
    if room and "\n" not in text and not _stands_tall(node):
        yield f"{indent}{head}{text}{after}"
        return
    inner = f"{indent}    "
    match node:
        case ast.Tuple() if node.elts:
            yield f"{indent}{head}("
            for element in node.elts:
                yield from _value(element, inner, "", ",")
            yield f"{indent}){after}"
        case ast.List() if node.elts:
            yield f"{indent}{head}["
            for element in node.elts:
                yield from _value(element, inner, "", ",")
            yield f"{indent}]{after}"
        case ast.Dict() if node.keys:
            yield f"{indent}{head}{{"
            for key, value in zip(node.keys, node.values, strict=True):
                assert key is not None
                yield from _value(value, inner, f"{ast.unparse(key)}: ", ",")
            yield f"{indent}}}{after}"
        case ast.Call() if node.args or node.keywords:
            yield f"{indent}{head}{ast.unparse(node.func)}("
            for argument in node.args:
                yield from _value(argument, inner, "", ",")
            for keyword in node.keywords:
                name = f"{keyword.arg}=" if keyword.arg else "**"
                yield from _value(keyword.value, inner, name, ",")
            yield f"{indent}){after}"
        case ast.DictComp():
            yield f"{indent}{head}{{"
            yield from _value(node.value, inner, f"{ast.unparse(node.key)}: ")
            for generator in node.generators:
                yield f"{inner}{_for(generator)}"
            yield f"{indent}}}{after}"
        case _:
            yield f"{indent}{head}{text}{after}"


def _for(generator: ast.comprehension) -> str:
    text = f"for {ast.unparse(generator.target)} in {ast.unparse(generator.iter)}"
    return text + "".join(f" if {ast.unparse(test)}" for test in generator.ifs)


def _stands_tall(node: ast.expr) -> bool:
    return any(
        hasattr(n, "tall") or hasattr(n, "beside") for n in ast.walk(node) if n is not node
    ) or hasattr(node, "tall")
