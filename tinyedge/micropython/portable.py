# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan for portable kernels, gives model.py: weights, arena and kernels in Python, or in viper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import tinyedge
from tinyedge import emit, text
from tinyedge.blocks import attach, behind
from tinyedge.errors import Unsupported
from tinyedge.graph import Array
from tinyedge.micropython import fits, kernel
from tinyedge.ops import Call, Constant, Input, Output, State
from tinyedge.plan import Layer, Plan
from tinyedge.text import Code, template

LINE = 72
"""Bytes of a constant in a line of Python."""
BORDERS = {"int8": "b", "uint8": "B", "bool": "B", "int16": "h", "int32": "i"}
"""Types that a model may have at its borders, as `array` calls them."""


def problems(plan: Plan) -> Iterator[Unsupported]:
    """Every reason for which MicroPython cannot have this model."""
    for layer in plan.layers:
        op = layer.op
        if layer.repeat is not None:
            yield Unsupported(
                f"layer {op.name!r} ({op.kind.upper()}): there are no loops over kernels in MicroPython",
                "build firmware with it, or a native module (.mpy)",
            )
        for call in layer.calls:
            if not kernel.exists(call.kernel):
                yield Unsupported(
                    f"layer {op.name!r} ({op.kind.upper()}): there is no kernel {call.kernel} in MicroPython",
                    "build firmware with it, or do without this operator",
                )
    yield from border_problems(plan)


def border_problems(plan: Plan) -> Iterator[Unsupported]:
    """Inputs and outputs that no module takes and gives."""
    for name in (*plan.graph.inputs, *plan.graph.outputs):
        tensor = plan.graph.tensors[name]
        if tensor.dtype not in BORDERS:
            yield Unsupported(
                f"{name!r} is {tensor.dtype}, and a module takes and gives integers of at most 32 bits",
                "convert the model to int8",
            )


def beyond_viper(plan: Plan) -> str | None:
    """The first layer for which only bytecode is right, and why; None where viper is."""
    for layer in plan.layers:
        for call in layer.calls:
            why = fits.problem(call)
            if why is not None:
                return f"layer {layer.op.name!r} ({layer.op.kind.upper()}): {why}"
    return None


def write(plan: Plan, model_sha256: str, viper: bool) -> bytes:
    """model.py, for ports with @micropython.viper or for all. Raises the first of `problems`."""
    for problem in problems(plan):
        raise problem
    constants: dict[bytes, Code] = {}
    numbers = [number for number, layer in enumerate(plan.layers) if layer.calls]
    calls = {
        number: [_show(plan, plan.layers[number], call, constants) for call in plan.layers[number].calls]
        for number in numbers
    }
    every = [call for layer in plan.layers for call in layer.calls]
    return _render(
        plan,
        model_sha256,
        native=None,
        viper=viper,
        kernels=[_function(each, viper) for each in kernel.with_needs({call.kernel for call in every})],
        constants=[{"name": name, "rows": rows(data)} for data, name in constants.items()],
        patch=max(map(_patch, every), default=0),
        layers=_layers(plan, calls),
        initial=initial_state(plan, flipped=True),
    )


def around_native(plan: Plan, model_sha256: str, constants: bytes) -> bytes:
    """The same module around a function `_run` of machine code, which is not there yet.

    constants: what that code reads.
    """
    for problem in border_problems(plan):
        raise problem
    return _render(
        plan,
        model_sha256,
        native={"constants": rows(constants)},
        viper=True,
        kernels=[],
        constants=[],
        patch=0,
        layers=[],
        initial=initial_state(plan),
    )


def stub(plan: Plan, model_sha256: str) -> bytes:
    """model.pyi, which tells editors what the module has."""
    return _render(plan, model_sha256, file="model.pyi.j2", initial=b"")


def initial_state(plan: Plan, flipped: bool = False) -> bytes:
    """What the states are before the first run. flipped: bytes as in Python's arena, top bit flipped."""
    block = bytearray(plan.state_size)
    for name, offset in plan.state_offsets.items():
        values = plan.graph.states[name]
        data = _bytes(values) if flipped else values.astype(values.dtype.newbyteorder("<")).tobytes()
        block[offset : offset + len(data)] = data
    return bytes(block)


def _layers(plan: Plan, calls: dict[int, list[Code]]) -> list[dict[str, Any]]:
    """Of every layer that does something its number, its calls, and what is copied out behind it."""
    out: dict[int, list[dict[str, Any]]] = {}
    for port in taps(plan):
        out.setdefault(port["layer"], []).append(port)
    numbers = sorted({*calls, *out})
    return [{"number": n, "calls": calls.get(n, []), "taps": out.get(n, [])} for n in numbers]


def taps(plan: Plan) -> list[dict[str, Any]]:
    """What a module tells besides its outputs: the network's own inputs and outputs, behind their layers."""
    made = {name: at for at, layer in enumerate(plan.layers) for name in layer.op.outputs}
    features = attach.features(plan.graph)
    said = behind.predictions(plan.graph, features or plan.graph.inputs)
    found = [*_ports(plan, features, "features"), *_ports(plan, said, "predictions")]
    return [port | {"given": None, "layer": made[port["tensor"].name]} for port in found]


def _named(plan: Plan) -> list[dict[str, Any]]:
    """What has a name of its own: taps, and of the outputs the score; `given`: its number among them."""
    decision = behind.decision_of(plan.graph)
    if decision is None or decision.score not in plan.graph.outputs:
        return taps(plan)
    (port,) = _ports(plan, (decision.score,), "score")
    return [*taps(plan), port | {"given": plan.graph.outputs.index(decision.score)}]


def facts(plan: Plan) -> dict[str, Any]:
    """What a module in any language has: its ports, names of its own, and what `push` must know."""
    graph = plan.graph
    decision = behind.decision_of(graph)
    inputs = _ports(plan, graph.inputs, "input", "buf")
    decided = decision and decision.decision
    streams = bool(attach.features(graph))
    return {
        "ports_in": inputs,
        "ports_out": [port | {"given": None} for port in _ports(plan, graph.outputs, "output", "out")],
        "named": _named(plan),
        "hop": inputs[0]["tensor"].size if streams else 0,
        "channels": inputs[0]["tensor"].shape[-1] if streams else 0,
        "warm_up": behind.warm_up(graph),
        "decision": graph.outputs.index(decided) if decided else None,
    }


def _render(
    plan: Plan, model_sha256: str, initial: bytes, file: str = "model.py.j2", **context: Any
) -> bytes:
    known = facts(plan)
    ports = known["ports_in"] + known["ports_out"] + known["named"]
    rendered = template.render(
        f"micropython/{file}",
        version=text.word(tinyedge.__version__),
        plan=plan,
        sha256=text.word(model_sha256),
        inputs=known["ports_in"],
        outputs=known["ports_out"],
        widths=sorted({port["bits"] for port in ports if port["wide"]}),
        counted=text.word("numbers" if any(port["wide"] for port in ports) else "bytes"),
        state_size=plan.state_size,
        initial=rows(initial) if any(initial) else [],
        **known,
        **context,
    )
    return rendered.encode()


def _function(each: kernel.Kernel, viper: bool) -> Code:
    decorator = "@micropython.viper\n" if viper else ""
    source = f"# {each.says}\n{decorator}{each.text}"
    return text.code(source.replace("{", "{{").replace("}", "}}"))


def _show(plan: Plan, layer: Layer, call: Call, constants: dict[bytes, Code]) -> Code:
    """The call as a line of Python; the arrays that it takes join `constants`."""
    known = kernel.read(call.kernel)
    arguments: list[Code | int] = [text.code("_arena")]
    for argument in _folded(call).arguments:
        # It may be in the arena, a constant, or a state.
        either = known.parameters[len(arguments)].endswith("_data")
        if isinstance(argument, Constant):
            name = text.code("_C{}", len(constants))
            arguments.append(constants.setdefault(_bytes(argument.data), name))
            arguments += [0] if either else []
            continue
        if isinstance(argument, State):
            assert either, f"{known.name} has a state"
            arguments += [text.code("_state"), plan.state_offsets[argument.name]]
            continue
        arguments += [text.code("_arena")] if either else []
        if isinstance(argument, Input | Output):
            arguments.append(plan.offsets[argument.name])
        else:
            arguments.append(layer.scratch[argument.name] + argument.at)
    fields = _fields(call)
    for parameter in known.parameters[len(arguments) :]:
        arguments.append(text.code("_patch") if parameter == "patch" else fields[parameter.rstrip("_")])
    return text.code("{}({})", text.identifier(call.kernel), text.join(arguments, ", "))


def _fields(call: Call) -> dict[str, int]:
    """The fields of the kernel's struct, also elements of arrays as name_0 ..., and numbers in two halves."""
    fields: dict[str, int] = {"reverse": 0}
    for name, value in call.params.items():
        if isinstance(value, tuple):
            fields |= {f"{name}_{i}": element for i, element in enumerate(value)}
        else:
            fields |= {name: value, f"{name}_high": value >> 16, f"{name}_low": value & 0xFFFF}
    return fields


def _folded(call: Call) -> Call:
    """The call with a bias for sums of (value + 128) * weight - 128 * (value + 128)."""
    weights = next((a.data for a in call.arguments if isinstance(a, Constant) and a.role == "weights"), None)
    if weights is None:
        return call
    sums = fits.by_output(call, weights.astype(np.int64)).sum(axis=1)
    arguments = []
    for argument in call.arguments:
        if isinstance(argument, Constant) and argument.role == "bias":
            folded = argument.data.astype(np.int64) - 128 * sums
            # Modulo 2^32, as viper computes; within it, where sums of products fit 32 bits, as they must.
            assert np.abs(folded).max(initial=0) < 2**31, "a bias of more than 32 bits"
            argument = replace(argument, data=folded.astype(np.int32))
        arguments.append(argument)
    return replace(call, arguments=tuple(arguments))


def _patch(call: Call) -> int:
    """Bytes that the call needs for the inputs of one output."""
    if "patch" not in kernel.read(call.kernel).parameters:
        return 0
    weights = next(a.data for a in call.arguments if isinstance(a, Constant) and a.role == "weights")
    return int(fits.by_output(call, weights).shape[1])


def _bytes(data: Array) -> bytes:
    if data.dtype.itemsize == 1:
        return (data.view(np.uint8) ^ 128).tobytes()
    return data.astype(data.dtype.newbyteorder("<")).tobytes()


def rows(data: bytes) -> list[Code]:
    """Bytes as lines of Python."""
    return [text.python_bytes(data[i : i + LINE]) for i in range(0, len(data), LINE)]


def _ports(plan: Plan, tensors: Sequence[str], role: str, caller: str = "") -> list[dict[str, Any]]:
    """As emit.ports, with what Python calls type and shape; `caller`: what the argument is called."""
    found = []
    for number, port in enumerate(emit.ports(plan, tuple(tensors), role)):
        tensor = port["tensor"]
        name = text.identifier(caller) if caller else text.code("")
        named = text.code("{}[{}]", name, number) if len(tensors) > 1 else name
        bits = 8 * tensor.nbytes // max(1, tensor.size)
        found.append(
            port
            | {
                "kind": text.identifier(BORDERS.get(tensor.dtype, "b")),
                "shape": _tuple(tensor.shape),
                "wide": bits > 8,
                "bits": bits if bits > 8 else text.code(""),
                "caller": named,
                "passed": text.code("_{}", port["role"]) if bits > 8 else named,
            }
        )
    return found


def _tuple(values: tuple[int, ...]) -> Code:
    return text.code("({}{})", text.numbers(values), text.code("," if len(values) == 1 else ""))
