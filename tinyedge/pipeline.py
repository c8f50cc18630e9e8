# SPDX-License-Identifier: Apache-2.0
"""The list of verbs: Model -> Graph -> Plan -> Sources -> Image, and what is kept of them on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tinyedge
from tinyedge import board as boards
from tinyedge import emit, graph, passes, paths, toolchain
from tinyedge import model as models
from tinyedge import plan as planner
from tinyedge.board import Board
from tinyedge.errors import DoesNotFit
from tinyedge.graph import Graph
from tinyedge.model import Model, tflite
from tinyedge.options import DEFAULT, Options
from tinyedge.plan import Layer, Plan, overflow
from tinyedge.toolchain import Image

BUILD = "build.json"
MODEL = "model.tflite"


@dataclass(frozen=True)
class Compiled:
    """A model on its way to a board, as far as a compiler is not needed."""

    model: Model
    lowered: Graph
    plan: Plan


def lower(model: Model) -> Graph:
    """Model -> Graph."""
    return tflite.lower(model.data, model.name)


def plan(model: Model, board: Board, options: Options = DEFAULT) -> Compiled:
    """Model -> Graph -> Plan."""
    lowered = lower(model)
    return Compiled(model, lowered, planner.plan(passes.optimize(lowered), board, options))


def build(
    model_path: Path,
    board: str | Path,
    out: Path,
    options: Options = DEFAULT,
    name: str | None = None,
) -> dict[str, Any]:
    """Model file -> image in `out`; gives what build.json says (DESIGN.md section 3).

    `out` then holds build.json, model.tflite, src/ and firmware.elf. build.json is removed first and written
    last: a folder that has one holds a whole build.
    """
    return build_model(models.load(model_path, name=name), boards.load(board), out, options)


def build_model(
    model: Model,
    board: Board,
    out: Path,
    options: Options = DEFAULT,
) -> dict[str, Any]:
    """As `build`, for a model and a board that are loaded."""
    compiled = plan(model, board, options)
    sources = emit.emit(compiled.plan, model.sha256)
    paths.remove(out / BUILD)
    try:
        image = toolchain.compile(sources, board, out)
    except DoesNotFit as error:
        raise overflow.explain(compiled.plan, error) from error
    paths.write_atomic(out / MODEL, model.data)
    document = describe(compiled, image)
    paths.write_atomic(out / BUILD, json.dumps(document, indent=1) + "\n")
    return document


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


def describe(compiled: Compiled, image: Image) -> dict[str, Any]:
    """build.json: stable keys, byte counts, no time and no absolute path."""
    plan = compiled.plan
    return {
        "tool": {"version": tinyedge.__version__},
        "board": plan.board.name,
        "model": {"name": compiled.model.name, "sha256": compiled.model.sha256, "path": MODEL},
        "optimize": plan.options.optimize,
        "rounding": plan.options.rounding,
        "compiler": image.compiler,
        "image": {
            "elf": image.elf.name,
            "files": [file.name for file in image.files],
            "build_id": image.build_id,
        },
        "flash": {
            "total": image.flash,
            "code": image.flash - plan.weights,
            "weights": plan.weights,
            "parts": {part: size["flash"] for part, size in image.by_part().items() if size["flash"]},
        },
        "ram": {
            "total": image.ram,
            "arena": plan.arena_size,
            "arena_lower_bound": plan.arena_lower_bound,
            "stack_size": image.stack_size,
            "stack_bound": image.stack_bound,
            "io": sum(plan.graph.tensors[n].nbytes for n in (*plan.graph.inputs, *plan.graph.outputs)),
            "parts": {part: size["ram"] for part, size in image.by_part().items() if size["ram"]},
        },
        **describe_plan(compiled),
    }


def describe_plan(compiled: Compiled) -> dict[str, Any]:
    """The part of build.json that is known without a compiler."""
    plan = compiled.plan
    return {
        "macs": plan.macs,
        "arena_align": planner.ALIGNMENT,
        "inputs": [_tensor(plan, name) for name in plan.graph.inputs],
        "outputs": [_tensor(plan, name) for name in plan.graph.outputs],
        "layers": [_layer(plan, layer) for layer in plan.layers],
    }


def _layer(plan: Plan, layer: Layer) -> Mapping[str, Any]:
    return {
        "name": layer.op.name,
        "op": layer.op.kind,
        "macs": layer.macs,
        "weights": layer.weights,
        "kernel": layer.kernel,
        "in_place": layer.in_place,
        "outputs": [_tensor(plan, name) for name in layer.op.outputs],
    }


def _tensor(plan: Plan, name: str) -> Mapping[str, Any]:
    tensor = plan.graph.tensors[name]
    quantization = tensor.quantization
    return {
        "name": name,
        "index": tensor.index,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": [] if quantization is None else list(quantization.scale),
        "zero_point": [] if quantization is None else list(quantization.zero_point),
        "offset": plan.offsets[name],
        "bytes": tensor.nbytes,
    }
