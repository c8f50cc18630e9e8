# SPDX-License-Identifier: Apache-2.0
"""Takes a model, its Plan and its Image, gives the Build: byte counts, no time and no absolute path."""

from __future__ import annotations

from collections.abc import Iterable

import tinyedge
from tinyedge import build, names
from tinyedge.blocks import attach, behind
from tinyedge.build import Build, Draft, Slot
from tinyedge.model import Model
from tinyedge.plan import Layer, Plan
from tinyedge.toolchain.image import Image, Symbol


def draft(model: Model, plan: Plan, path: str) -> Draft:
    """What is known without a compiler. path: the model's file name in the folder of the build."""
    features = attach.features(plan.graph)
    predictions = behind.predictions(plan.graph, features or plan.graph.inputs)
    return Draft(
        version=build.VERSION,
        tool=build.Tool(tinyedge.__version__),
        board=plan.board.name,
        model=build.ModelFile(model.name, model.sha256, path),
        optimize=plan.options.optimize,
        rounding=plan.options.rounding,
        macs=plan.macs,
        arena_align=plan.alignment,
        inputs=tuple(slot(plan, name) for name in plan.graph.inputs),
        features=tuple(slot(plan, name) for name in features),
        outputs=tuple(slot(plan, name) for name in plan.graph.outputs),
        predictions=tuple(slot(plan, name) for name in predictions),
        warm_up=behind.warm_up(plan.graph),
        decision=behind.decision_of(plan.graph),
        layers=tuple(_layer(plan, layer) for layer in plan.layers),
    )


def describe(model: Model, plan: Plan, image: Image, path: str) -> Build:
    """All of it; arguments as for `draft`."""
    parts = image.by_part()
    slots = (*plan.graph.inputs, *plan.graph.outputs)
    return Build(
        **vars(draft(model, plan, path)),
        compiler=image.compiler,
        image=build.Files(
            image.elf.name, tuple(file.name for file in image.files), image.build_id, plan.options.protocol
        ),
        flash=build.Flash(
            total=image.flash,
            code=None if image.flash is None else image.flash - plan.weights,
            weights=plan.weights,
            parts={part: size["flash"] for part, size in parts.items() if size["flash"]},
            given=plan.options.flash,
        ),
        ram=build.Ram(
            total=image.ram,
            arena=plan.arena_size,
            arena_lower_bound=plan.arena_lower_bound,
            state=plan.state_size,
            stack_size=image.stack_size,
            stack_bound=image.stack_bound,
            io=sum(plan.graph.tensors[name].nbytes for name in slots),
            parts={part: size["ram"] for part, size in parts.items() if size["ram"]},
        ),
    )


def _layer(plan: Plan, layer: Layer) -> build.Layer:
    return build.Layer(
        name=layer.op.name,
        op=layer.op.kind,
        macs=layer.macs,
        weights=layer.weights,
        kernel=layer.kernel,
        in_place=layer.in_place,
        outputs=tuple(slot(plan, name) for name in layer.op.outputs),
        small=layer.small,
    )


def code(image: Image, prefix: str) -> tuple[dict[int, int], dict[int, int]]:
    """Bytes of flash of the functions that are layers of the model, and of those that layers share."""
    found: dict[str, dict[int, int]] = {"layer": {}, "shared": {}}
    for symbol in image.symbols:
        made = names.generated(symbol.name, prefix)
        if made is not None and made.kind in found and made.number is not None:
            sizes = found[made.kind]
            sizes[made.number] = sizes.get(made.number, 0) + symbol.flash
    return found["layer"], found["shared"]


def flash_by_layer(build: Build, symbols: Iterable[Symbol]) -> list[int]:
    """Bytes of flash of each layer's own code and constants; what layers share is in no one's."""
    flash = [0] * len(build.layers)
    for symbol in symbols:
        found = names.generated(symbol.name, names.prefix(build.model.name))
        if found is not None and found.kind in names.OF_LAYERS and found.number is not None:
            flash[found.number] += symbol.flash
    return flash


def slot(plan: Plan, name: str) -> Slot:
    """Where the tensor `name` lies in the arena."""
    tensor = plan.graph.tensors[name]
    quantization = tensor.quantization
    return Slot(
        name=name,
        index=tensor.index,
        shape=tensor.shape,
        dtype=tensor.dtype,
        scale=() if quantization is None else quantization.scale,
        zero_point=() if quantization is None else quantization.zero_point,
        offset=plan.offsets[name],
        bytes=tensor.nbytes,
        channels=None if tensor.part is None else tensor.part.channels,
        left_out=0 if tensor.part is None else tensor.part.of - len(tensor.part.channels),
    )
