# SPDX-License-Identifier: Apache-2.0
"""What `import tinyedge` gives: documented, typed, nothing by accident, and nothing imported too early."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

import tinyedge

SOURCE = Path(tinyedge.__file__)


def test_type_checkers_and_python_are_told_the_same() -> None:
    body = ast.parse(SOURCE.read_text(encoding="utf-8")).body
    (block,) = (node for node in body if isinstance(node, ast.If))
    told = {}
    for line in block.body:
        assert isinstance(line, ast.ImportFrom) and line.module is not None
        for alias in line.names:
            told[alias.asname or alias.name] = (line.module.removeprefix("tinyedge."), alias.name)
    assert told == tinyedge._WHERE


def test_nothing_else_is_exported() -> None:
    assert dir(tinyedge) == sorted(tinyedge.__all__) == sorted(tinyedge._WHERE)
    with pytest.raises(AttributeError, match="no attribute 'Bild'"):
        tinyedge.Bild  # noqa: B018
    modules = {path.stem for path in SOURCE.parent.iterdir()}
    assert not modules & set(tinyedge.__all__), "a module of this name would take its place once imported"


def test_importing_the_package_imports_no_other_module_of_it() -> None:
    script = "import sys, tinyedge; print([n for n in sys.modules if n.startswith('tinyedge.')])"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "[]", ended


@pytest.mark.parametrize("name", tinyedge.__all__)
def test_it_is_documented_and_typed(name: str) -> None:
    found = getattr(tinyedge, name)
    assert (inspect.getdoc(found) or "").strip()
    functions: list[Any] = [found]
    if inspect.isclass(found):
        members = [member for key, member in vars(found).items() if not key.startswith("_")]
        functions = [member for member in members if inspect.isfunction(member)]
        functions += [member.fget for member in members if isinstance(member, property)]
        functions += [member.__func__ for member in members if isinstance(member, classmethod | staticmethod)]
    for function in functions:
        assert (inspect.getdoc(function) or "").strip(), function
        wanted = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
        assert {*wanted, "return"} <= set(typing.get_type_hints(function)), function
