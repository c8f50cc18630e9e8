# SPDX-License-Identifier: Apache-2.0
"""The list of verbs: Model -> Graph -> Plan -> Sources -> Image, and what is kept of them on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinyedge import board as boards
from tinyedge import build as builds
from tinyedge import emit, graph, passes, paths, toolchain
from tinyedge import model as models
from tinyedge import plan as planner
from tinyedge.board import Board
from tinyedge.build import Build, Draft
from tinyedge.errors import DoesNotFit
from tinyedge.graph import Graph
from tinyedge.model import Model, tflite
from tinyedge.options import DEFAULT, Options
from tinyedge.plan import Plan, overflow
from tinyedge.toolchain import describe

MODEL = "model.tflite"


@dataclass(frozen=True)
class Compiled:
    """A model on its way to a board, as far as a compiler is not needed."""

    model: Model
    plan: Plan


def lower(model: Model) -> Graph:
    """Model -> Graph."""
    return tflite.lower(model.data, model.name)


def plan(model: Model, board: Board, options: Options = DEFAULT) -> Compiled:
    """Model -> Graph -> Plan."""
    return Compiled(model, planner.plan(passes.optimize(lower(model)), board, options))


def build(
    model_path: Path,
    board: str | Path,
    out: Path,
    options: Options = DEFAULT,
    name: str | None = None,
) -> Build:
    """Model file -> image in `out`; gives what build.json says.

    `out` then holds build.json, model.tflite, src/ and firmware.elf. build.json is removed first and written
    last: a folder that has one holds a whole build.
    """
    return build_model(models.load(model_path, name=name), boards.load(board), out, options)


def build_model(
    model: Model,
    board: Board,
    out: Path,
    options: Options = DEFAULT,
) -> Build:
    """As `build`, for a model and a board that are loaded."""
    compiled = plan(model, board, options)
    sources = emit.emit(compiled.plan, model.sha256)
    paths.remove(out / builds.FILE)
    try:
        image = toolchain.compile(sources, board, out)
    except DoesNotFit as error:
        raise overflow.explain(compiled.plan, error) from error
    paths.write_atomic(out / MODEL, model.data)
    made = describe.describe(model, compiled.plan, image, MODEL)
    made.write(out)
    return made


def dump(model: Model, board: Board, stage: str, options: Options = DEFAULT) -> str:
    """A stage as text: "graph", "optimized", "plan" or "sources"."""
    if stage == "graph":
        return graph.dump(lower(model))
    compiled = plan(model, board, options)
    if stage == "optimized":
        return graph.dump(compiled.plan.graph)
    if stage == "plan":
        return planner.dump(compiled.plan)
    files = emit.emit(compiled.plan, model.sha256).files
    return "".join(f"==> {path} <==\n{data.decode()}\n" for path, data in files.items())


def draft(compiled: Compiled) -> Draft:
    """Plan -> what of its Build is known without a compiler."""
    return describe.draft(compiled.model, compiled.plan, MODEL)
