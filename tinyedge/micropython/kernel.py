# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a kernel, gives its Python of firmware/kernels/micropython/: parameters, needs, text."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyedge import paths


@dataclass(frozen=True)
class Kernel:
    """One function: the kernels that it calls, what its file says of it, and its text."""

    name: str
    parameters: tuple[str, ...]
    needs: tuple[str, ...]
    says: str
    text: str


def folder() -> Path:
    """Where the kernels are; README.md there says what is in them."""
    return paths.firmware() / "kernels" / "micropython"


def exists(name: str) -> bool:
    """Whether MicroPython can do what the kernel of C does."""
    return (folder() / f"{name}.py").is_file()


@functools.cache
def read(name: str) -> Kernel:
    """The kernel, which `exists`."""
    text = (folder() / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    *imports, function = tree.body[1:]
    assert isinstance(function, ast.FunctionDef) and function.name == name
    needs = tuple(str(node.module) for node in imports if isinstance(node, ast.ImportFrom))
    lines = text.splitlines()[function.lineno - 1 : function.end_lineno]
    parameters = tuple(argument.arg for argument in function.args.args)
    return Kernel(name, parameters, needs, str(ast.get_docstring(tree)), "\n".join(lines))


def with_needs(names: Iterable[str]) -> tuple[Kernel, ...]:
    """These kernels and what they call, each once and before whoever calls it."""
    found: dict[str, Kernel] = {}

    def visit(name: str) -> None:
        kernel = read(name)
        for needed in kernel.needs:
            visit(needed)
        found.setdefault(name, kernel)

    for name in sorted(names):
        visit(name)
    return tuple(found.values())
