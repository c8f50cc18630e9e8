# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan, gives the model as a module of MicroPython: `import model; model.predict(buf)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinyedge.board import Board
from tinyedge.micropython import portable
from tinyedge.plan import Plan


@dataclass(frozen=True)
class Module:
    """Files by POSIX path; `without_viper` says why there is no form for viper, where there is none."""

    files: Mapping[str, bytes]
    without_viper: str | None


def interpreted(board: Board) -> Board:
    """`board` as Python sees it, which has no instruction set: a plan for it takes portable kernels."""
    return board.model_copy(update={"core": board.core.model_copy(update={"isa": ()})})


def emit(plan: Plan, model_sha256: str) -> Module:
    """The module, of a plan for an `interpreted` board. Raises Unsupported where a kernel is missing."""
    files = {"plain/model.py": portable.write(plan, model_sha256, viper=False)}
    why = portable.beyond_viper(plan)
    if why is None:
        files["viper/model.py"] = portable.write(plan, model_sha256, viper=True)
    return Module(files, why)
