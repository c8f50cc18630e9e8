# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph and a Board, gives modules of MicroPython: `import model; model.predict(buf)`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tinyedge import plan as planner
from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.graph import Graph
from tinyedge.micropython import native, portable, program
from tinyedge.options import Options
from tinyedge.plan import Plan
from tinyedge.project import Input


@dataclass(frozen=True)
class Modules:
    """The forms of one module: files by POSIX path, `native/model.mpy` before `viper/` and `plain/model.py`,
    then what `mip` and editors read.

    plans: of every module, by its path. compiler: that made native code, in its own words, or "".
    missing: why there is no other form, or no main.py, by its name. heap: bytes that a file of native code
    takes of it: code, constants where they are not in flash, arena, states; Python's nobody knows.
    """

    plans: Mapping[str, Plan]
    files: Mapping[str, bytes]
    missing: Mapping[str, str]
    compiler: str
    heap: Mapping[str, int]

    @property
    def plan(self) -> Plan:
        """Of the first of them."""
        return next(iter(self.plans.values()))


def interpreted(board: Board) -> Board:
    """`board` as Python sees it, which has no instruction set: a plan for it takes portable kernels."""
    return board.model_copy(update={"core": board.core.model_copy(update={"isa": ()})})


def make(
    graph: Graph,
    model_sha256: str,
    board: Board,
    options: Options,
    scratch: Path,
    signal: Input | None = None,
) -> Modules:
    """All forms that there are; native code is compiled in the empty folder `scratch`. signal: for main.py.

    Native code is optimised as an image would be. In Python all layers call one function of a kernel: that is
    small, whatever is said. Raises Unsupported where there is no form, UsageError for a number of bytes of
    flash, and ToolMissing without a compiler for the native form.
    """
    if options.flash is not None:
        raise UsageError(
            f"{options.flash:,} bytes of flash are given for a module of MicroPython, which keeps to none",
            "leave `flash` out, or choose `speed` or `size`, which leave out the project's",
        )
    plans: dict[str, Plan] = {}
    files: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    compiler = ""
    heap: dict[str, int] = {}
    architecture = native.architecture_of(board)
    if architecture is None:
        missing["native"] = f"no compiler that we know makes code of MicroPython's for {board.core.name}"
    else:
        own = planner.plan(graph, native.compiled_for(architecture, board), options)
        made = native.write(own, model_sha256, architecture, scratch)
        compiler, plans[f"native/{native.MODULE}"] = made.compiler, own
        whole = len(made.module) + own.arena_size + own.state_size
        heap = {f"native/{native.MODULE}": whole, "native/romfs.img": whole - made.constants}
        files |= {f"native/{native.MODULE}": made.module, "native/romfs.img": made.image}
    plan = planner.plan(graph, interpreted(board), replace(options, optimize="size"))
    refused = next(portable.problems(plan), None)
    if refused is not None and not files:
        raise refused
    beyond = str(refused or portable.beyond_viper(plan) or "")
    for form, why in (("viper", beyond), ("plain", str(refused or ""))):
        if why:
            missing[form] = why
        else:
            files[f"{form}/model.py"] = portable.write(plan, model_sha256, viper=form == "viper")
            plans[f"{form}/model.py"] = plan
    packages = {
        f"{path.split('/')[0]}/package.json": _package(path, model_sha256)
        for path in files
        if _is_module(path)
    }
    first = next(iter(plans.values()))
    others = {"model.pyi": portable.stub(first, model_sha256)}
    main = program.write(first, signal, board)
    if main is None:
        missing[program.FILE] = f"we know no pins of {board.name}'s MicroPython, or it has several inputs"
    else:
        others[program.FILE] = main
    return Modules(plans, files | packages | others, missing, compiler, heap)


def names_of(form: str) -> tuple[str, ...]:
    """Every file that a form may have."""
    if form == program.FILE:
        return (form,)
    return tuple(f"{form}/{name}" for name in ("model.mpy", "romfs.img", "model.py", "package.json"))


def _is_module(path: str) -> bool:
    return path.endswith((".py", ".mpy"))


def _package(path: str, model_sha256: str) -> bytes:
    """What `mip` installs a form by: its version is the model's."""
    name = path.split("/")[1]
    return (json.dumps({"urls": [[name, name]], "version": model_sha256[:12]}) + "\n").encode()
