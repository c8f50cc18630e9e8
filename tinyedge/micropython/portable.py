# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan for portable kernels, gives model.py: weights, arena and kernels in Python, or in viper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

import tinyedge
from tinyedge import emit, text
from tinyedge.errors import Unsupported
from tinyedge.graph import Array
from tinyedge.micropython import fits, kernel
from tinyedge.ops import Call, Constant, Input, Output, Scratch
from tinyedge.plan import Layer, Plan
from tinyedge.text import Code, template

LINE = 72
"""Bytes of a constant in a line of Python."""
BORDERS = {"int8": "b", "uint8": "B"}
"""Types that a model may have at its borders, as `array` calls them."""


def problems(plan: Plan) -> Iterator[Unsupported]:
    """Every reason for which MicroPython cannot have this model."""
    for layer in plan.layers:
        for call in layer.calls:
            if not kernel.exists(call.kernel):
                op = layer.op
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
                f"{name!r} is {tensor.dtype}, and a module takes and gives int8 or uint8",
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
    calls = [_show(plan, layer, call, constants) for layer in plan.layers for call in layer.calls]
    used = kernel.with_needs({call.kernel for layer in plan.layers for call in layer.calls})
    return _render(
        plan,
        model_sha256,
        native=None,
        viper=viper,
        kernels=[_function(each, viper) for each in used],
        constants=[{"name": name, "rows": _rows(data)} for data, name in constants.items()],
        patch=max((_patch(call) for layer in plan.layers for call in layer.calls), default=0),
        calls=calls,
    )


def around_native(plan: Plan, model_sha256: str, constants: bytes, initial: bytes) -> bytes:
    """The same module around a function `_run` of machine code, which is not there yet.

    constants: what that code reads; initial: the states before the first run.
    """
    for problem in border_problems(plan):
        raise problem
    native = {
        "constants": _rows(constants),
        "state_size": len(initial),
        "initial": _rows(initial),
    }
    return _render(plan, model_sha256, native=native, viper=True, kernels=[], constants=[], patch=0, calls=[])


def stub(plan: Plan, model_sha256: str) -> bytes:
    """model.pyi, which tells editors what the module has."""
    return _render(plan, model_sha256, file="model.pyi.j2")


def _render(plan: Plan, model_sha256: str, file: str = "model.py.j2", **context: Any) -> bytes:
    rendered = template.render(
        f"micropython/{file}",
        version=text.word(tinyedge.__version__),
        plan=plan,
        sha256=text.word(model_sha256),
        inputs=_ports(plan, plan.graph.inputs, "input"),
        outputs=_ports(plan, plan.graph.outputs, "output"),
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
        either = known.parameters[len(arguments)].endswith("_data")  # it may be in the arena, or a constant
        if isinstance(argument, Constant):
            name = text.code("_C{}", len(constants))
            arguments.append(constants.setdefault(_bytes(argument.data), name))
            arguments += [0] if either else []
            continue
        arguments += [text.code("_arena")] if either else []
        if isinstance(argument, Input | Output):
            arguments.append(plan.offsets[argument.name])
        else:
            assert isinstance(argument, Scratch), "a kernel with states has no file here"
            arguments.append(layer.scratch[argument.name])
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
    assert data.dtype == np.int32
    return data.astype("<i4").tobytes()


def _rows(data: bytes) -> list[Code]:
    return [text.python_bytes(data[i : i + LINE]) for i in range(0, len(data), LINE)]


def _ports(plan: Plan, tensors: tuple[str, ...], role: str) -> list[dict[str, Any]]:
    kinds = [text.identifier(BORDERS[plan.graph.tensors[name].dtype]) for name in tensors]
    ports = emit.ports(plan, tensors, role)
    shapes = [_tuple(plan.graph.tensors[name].shape) for name in tensors]
    added = zip(ports, kinds, shapes, strict=True)
    return [port | {"kind": kind, "shape": shape} for port, kind, shape in added]


def _tuple(values: tuple[int, ...]) -> Code:
    return text.code("({}{})", text.numbers(values), text.code("," if len(values) == 1 else ""))
