# SPDX-License-Identifier: Apache-2.0
"""Takes a model and the core to make it for, gives the Library: all that an export format writes down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tinyedge
from tinyedge import board as boards
from tinyedge import build, emit, names, pipeline, text
from tinyedge.board import Board, Core
from tinyedge.errors import UsageError
from tinyedge.export import _figures, _self_check, _sources
from tinyedge.export._about import About
from tinyedge.export._figures import Figures
from tinyedge.export._self_check import NOTHING, Around, SelfCheck, Source
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.pipeline import Compiled
from tinyedge.plan import Plan, spending
from tinyedge.plan.spending import Taken
from tinyedge.text import template
from tinyedge.toolchain.bill import Contents

PORTABLE = "portable"
_HOST = "host"
_SHOWN = ("cortex-m4", "rv32imc")
"""Cores whose figures stand for the portable kernels, which run on any."""
_DEEP = 8192
"""Bytes of stack that an inference is given where its need is not known: more than twice any kernel's."""


@dataclass(frozen=True)
class Library:
    """A model as C for a foreign tree.

    name: te_<model>, the prefix of all it defines. core: which it is made for, None for any.
    sources: NAME.h, NAME.c, NAME_data.h and kernels/..., as `_sources.relate` gives them. isas: the kernel
    folders in use. machine: the compiler flags that the core takes (GCC's words; Clang knows the same).
    """

    compiled: Compiled
    name: str
    core: Core | None
    sources: Mapping[str, str]
    isas: tuple[str, ...]
    machine: tuple[str, ...]
    figures: tuple[Figures, ...]
    check: SelfCheck
    about: About

    @property
    def model(self) -> Model:
        """The model as it was loaded."""
        return self.compiled.model

    @property
    def header(self) -> str:
        """NAME.h."""
        return self.sources[f"{self.name}.h"]

    @property
    def guards(self) -> tuple[str, ...]:
        """The headers among `sources` that refuse a compiler without the instructions that are needed."""
        return tuple(path for path in sorted(self.sources) if path.endswith("/isa.h"))

    @property
    def needs(self) -> tuple[str, ...]:
        """The compiler flags without which the kernels do not compile; none where they are plain C."""
        return self.machine if self.guards else ()

    @property
    def level(self) -> str:
        """The optimisation that the code is laid out for, as GCC and Clang call it."""
        return "-O3" if self.compiled.plan.fast else "-Os"

    @property
    def stack(self) -> int | None:
        """The deepest stack of an inference on the cores that were measured, in bytes; None when unknown."""
        known = [figures.stack for figures in self.figures if figures.stack is not None]
        return max(known) if len(known) == len(self.figures) else None

    @property
    def stack_text(self) -> str:
        """Where `stack_room` comes from, for a comment."""
        if self.stack is None:
            return "what an inference needs is not known"
        cores = " and ".join(figures.core for figures in self.figures)
        return f"an inference needs at most {self.stack:,} bytes on {cores}, by {self.figures[0].compiler}"

    def stack_room(self, besides: int) -> int:
        """Bytes of stack for a thread that also needs `besides`; twice an inference, for other compilers."""
        needed = 2 * (_DEEP if self.stack is None else self.stack) + besides
        return -(-needed // 1024) * 1024

    def amalgamated(self) -> str:
        """NAME.c with all in it but NAME.h."""
        whole = _sources.amalgamate(self.sources, f"{self.name}.c", f"{self.name}.h")
        return self.render("common/amalgamated.c.j2") + whole

    def check_files(self) -> dict[str, str]:
        """NAME_check.h and NAME_check.c: the self-check."""
        return {f"{self.name}_check.{kind}": self.render(f"common/check.{kind}.j2") for kind in ("h", "c")}

    def placed(self, headers: str, sources: str) -> dict[str, str]:
        """`sources` below the folder `sources`, NAME.h in the folder `headers`."""
        public = f"{self.name}.h"
        return {
            f"{headers if path == public else sources}/{path}": content
            for path, content in self.sources.items()
        }

    def render(self, file: str, **more: Any) -> str:
        """A file of templates/export/, filled in with this library and with `more`."""
        graph = self.compiled.plan.graph
        own = text.identifier(self.name)
        return template.render(
            f"export/{file}",
            library=self,
            name=own,
            upper=own.upper(),
            plan=self.compiled.plan,
            model=self.model,
            core=self.core,
            check=self.check,
            inputs=emit.ports(self.compiled.plan, graph.inputs, "input"),
            outputs=emit.ports(self.compiled.plan, graph.outputs, "output"),
            version=text.word(tinyedge.__version__),
            about=self.about,
            rows=emit.rows,
            **emit.lent(self.compiled.plan),
            **more,
        )

    def contents(self, files: Mapping[str, str]) -> Contents:
        """What the bill of materials of an export with these files (path -> text) lists."""
        digests = {path: hashlib.sha256(content.encode()).hexdigest() for path, content in files.items()}
        model = self.model
        return Contents(self.name, self.about.version, False, model.name, model.sha256, "", digests)

    def describe(self) -> dict[str, Any]:
        """What --json and the export's own record tell of it; no path, no time."""
        plan = self.compiled.plan
        return {
            "tool": {"version": tinyedge.__version__},
            "library": self.name,
            "model": {"name": self.model.name, "sha256": self.model.sha256},
            "core": self.core.name if self.core else PORTABLE,
            "kernels": list(self.isas),
            "compiler_flags": [*self.needs, self.level],
            "optimize": plan.options.optimize,
            "rounding": plan.options.rounding,
            "ram": {
                "arena": plan.arena_size,
                "arena_lower_bound": plan.arena_lower_bound,
                "state": plan.state_size,
            },
            "flash": {"weights": plan.weights},
            "measured": [
                {
                    "core": f.core,
                    "compiler": f.compiler,
                    "flash": f.flash,
                    "code": f.code,
                    "constants": f.constants,
                    "weights": f.weights,
                    "stack": f.stack,
                    "missing": f.missing,
                }
                for f in self.figures
            ],
            "self_check": {
                "frames": self.check.frames,
                "outputs": sum(values.size for values in self.check.outputs),
                "layers": len(self.check.layers),
                "judged_by": "LiteRT's reference kernels",
            },
            **build.layout(pipeline.draft(self.compiled)),
        }


def make(
    model: Model,
    core: str | None,
    board: Board | None,
    options: Options = DEFAULT,
    about: About | None = None,
    source: Source | None = None,
    around: Around = NOTHING,
) -> Library:
    """The library of `model` for `core` (a name or "portable"), else for the core of `board`, else portable.

    `source`: where the self-check's inputs come from. around: who speaks for what is not the model's own.

    Raises what `pipeline.plan` and `_self_check.make` raise; UsageError where there is no such core.
    """
    target = _target(core, board)
    name = names.prefix(model.name)
    compiled = _settle(model, target, options, name)
    files = emit.emit_model(compiled.plan, model.sha256, name)
    own = None if target.core.name == _HOST else target.core
    shown = [own] if own else [boards.core(shown) for shown in _SHOWN]
    return Library(
        compiled,
        name,
        own,
        _sources.relate(files, f"{name}.h"),
        tuple(sorted({call.isa for layer in compiled.plan.layers for call in layer.calls})),
        _machine(own) if own else (),
        tuple(_figures.measure(compiled.plan, files, name, core) for core in shown),
        _self_check.make(compiled, source, around),
        about or About(),
    )


def _settle(model: Model, target: Board, options: Options, name: str) -> Compiled:
    """The plan; where flash is given, that which makes the library as fast as it allows on its core."""
    if options.flash is None:
        return pipeline.plan(model, target, options)
    if target.core.name == _HOST:
        raise UsageError(
            f"{options.flash:,} bytes of flash are given for a library that is of no core",
            "name a core, or leave `flash` out",
        )

    def look(tried: Plan) -> Taken:
        files = emit.emit_model(tried, model.sha256, name)
        return _figures.taken(tried, files, name, target.core)

    return Compiled(model, spending.within(pipeline.whole(model, options), target, options, look))


def _target(core: str | None, board: Board | None) -> Board:
    """What to plan for; the host's core, which has no kernels of its own, stands for all."""
    if core is None and board is not None and board.core.name != _HOST:
        return board
    if core in (None, PORTABLE, _HOST):
        return boards.load(_HOST).model_copy(update={"name": "any core"})
    return _figures.bare(boards.core(str(core)))


def _machine(core: Core) -> tuple[str, ...]:
    facts = core.compilers.get("gcc") or next(iter(core.compilers.values()))
    return tuple(flag for flag in facts.flags if flag.startswith(("-mcpu=", "-march=")))
