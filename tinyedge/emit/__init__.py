# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan, gives Sources: the whole C tree of a build, the same bytes for the same plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tinyedge
from tinyedge import names, paths, protocols, text
from tinyedge.board import Board, port, wiring
from tinyedge.emit import copies, parts
from tinyedge.emit.copies import Shared
from tinyedge.graph import ITEM_SIZE, Tensor
from tinyedge.ops import Constant, Input, Output, Scratch, State
from tinyedge.options import Options
from tinyedge.plan import Layer, Plan
from tinyedge.plan import files as kernels
from tinyedge.plan.sharing import Place
from tinyedge.text import Code, template

LINE = 110
"""Columns of generated C."""
BRIEF = 1 << 16
"""Bytes from which an array in firmware is a string literal: compilers take it in a twentieth of the time."""
APART = 32
"""Layers with kernels of their own that one unit of firmware has: units are compiled side by side."""
LINES = 1000
"""Lines of an array that are written at once."""


@dataclass(frozen=True)
class Sources:
    """A C tree: POSIX relative path -> bytes.

    `units` are the files to compile, of which `model_units` are models' and say what they are optimised for,
    "speed" or "size". `prefixes` are those of the models' symbols, in the order of their numbers on the link.
    """

    files: Mapping[str, bytes]
    units: tuple[str, ...]
    model_units: Mapping[str, str]
    options: Options
    build_id: str
    prefixes: tuple[str, ...] = ()


def emit(plan: Plan, model_sha256: str) -> Sources:
    """Write down `plan` for its board: model, kernels, runtime, port and linker script."""
    return emit_image([(plan, model_sha256)])


def emit_image(models: Sequence[tuple[Plan, str]]) -> Sources:
    """Write down an image with several models, each a plan and the SHA-256 of its file.

    They are of one board and one set of options, and no two have the same name.
    """
    first = models[0][0]
    prefixes = tuple(names.prefix(plan.graph.name) for plan, _ in models)
    assert all((plan.board, plan.options) == (first.board, first.options) for plan, _ in models)
    assert len(set(prefixes)) == len(prefixes)
    files = emit_board(first.board)
    model_units: dict[str, str] = {}
    for prefix, (plan, sha256) in zip(prefixes, models, strict=True):
        # A folder of its own, since two models may have files of one name: a_data.h of the model "a", say.
        folder = f"models/{prefix}"
        model = emit_model(plan, sha256, prefix, BRIEF, APART)
        model["descriptor.c"] = emit_descriptor(plan, sha256, prefix)
        for path, data in model.items():
            kernel = path.startswith("kernels/")
            files[path if kernel else f"{folder}/{path}"] = data
            if not kernel and path.endswith(".c"):
                model_units[f"{folder}/{path}"] = parts.level(plan, path, prefix)
    _speak(first, files)
    build_id = _digest(files, first.options)
    files["app.c"] = _render(
        "app.c.j2",
        board=first.board,
        build_id=text.word(build_id),
        arena=text.identifier(names.ARENA),
        models=[
            {
                "descriptor": text.identifier(names.descriptor(prefix)),
                "state": text.identifier(f"{names.STATE}{number}") if plan.state_size else None,
                "state_size": plan.state_size,
            }
            for number, (prefix, (plan, _)) in enumerate(zip(prefixes, models, strict=True))
        ],
        arena_size=max(plan.arena_size for plan, _ in models),
    )
    units = tuple(p for p in sorted(files) if p.endswith((".c", ".S")) and not p.startswith("kernels/"))
    return Sources(dict(sorted(files.items())), units, model_units, first.options, build_id, prefixes)


def _speak(plan: Plan, files: dict[str, bytes]) -> None:
    """Another protocol than ours on the line: its sources, in place of some of the runtime's."""
    protocol = protocols.of(plan.options.protocol)
    if protocol is not None:
        files |= protocol.files(plan)
        for path in protocol.REPLACES:
            del files[path]


def emit_board(board: Board) -> dict[str, bytes]:
    """All but the model: runtime, port, what they are told of the board, and the linker script."""
    firmware = paths.firmware()
    shared = (file for folder in ("runtime", "ports") for file in sorted((firmware / folder).iterdir()))
    parts = {file.relative_to(firmware).as_posix(): file for file in shared if file.suffix in port.SUFFIXES}
    files = {path: file.read_bytes() for path, file in (parts | port.files(board)).items()}
    told = [(text.identifier(name), value) for name, value in wiring.defines(board).items()]
    files["te_board.h"] = _render("te_board.h.j2", board=board, wiring=told)
    if board.memory is not None:
        if board.memory.code is None:
            files["linker.ld"] = _render("linker.ld.j2", board=board)
        else:
            files["linker.ld"] = _render("linker_loaded.ld.j2", board=board, model="ram")
            files["linker_flash.ld"] = _render("linker_loaded.ld.j2", board=board, model="flash")
    return files


def emit_model(
    plan: Plan,
    model_sha256: str,
    name: str | None = None,
    brief: int | None = None,
    apart: int | None = None,
) -> dict[str, bytes]:
    """The model alone: NAME.h, NAME.c, NAME_data.h and the kernels and contracts that they include.

    `name` is also what all that it defines begins with; te_<model> where it is not given. Arrays of int8
    with at least `brief` elements are string literals, all others lists of numbers. More than `apart` layers
    that share no kernel lie in units of their own, NAME_part0.c and its data; where some are to be fast and
    others small, those lie in NAME_small.c and its data. With `apart` None all are in NAME.c.
    """
    prefix = text.identifier(name or names.prefix(plan.graph.name))
    shared = copies.copies(plan, prefix)
    constants, layers = constants_and_layers(plan, prefix, brief, shared.used)
    kernel_files = kernels.kernels(plan.layers)
    if plan.state_size:
        kernel_files.insert(0, "kernels/kernel.h")  # for memcpy and memset
    files = kernels.contents(kernel_files, plan.layers)
    context = {
        "plan": plan,
        "prefix": prefix,
        "sha256": text.word(model_sha256),
        "alignment": plan.alignment,
        "initial": _initial(plan, prefix),
        **lent(plan),
        "unused": [
            text.code(block)
            for block in ("arena", "state")
            if (block == "arena" or plan.state_size) and all(block not in entry["lent"] for entry in layers)
        ],
        "inputs": ports(plan, plan.graph.inputs, "input"),
        "outputs": ports(plan, plan.graph.outputs, "output"),
    }
    split = parts.parts(plan, prefix, constants, layers, shared.described, apart)
    for part in split:
        files[part["unit"]] = _render("model_part.c.j2", **{**context, **part})
        files[part["data"]] = _render("model_data.h.j2", **{**context, **part, "initial": ()})
    main = {
        "unit": text.code("{}.c", prefix),
        "data": text.code("{}_data.h", prefix),
        "apart": bool(split),
        "kernel_files": kernel_files if not split else kernel_files[: bool(plan.state_size)],
        "constants": () if split else constants,
        "layers": layers,
        "copies": shared.described,
        "marked": plan.fast and plan.small,
        "shared": (),
        "elsewhere": (),
    }
    for kind in (".h", ".c", "_data.h"):
        files[f"{prefix}{kind}"] = _render(f"model{kind}.j2", **context, **main)
    return files


def emit_descriptor(plan: Plan, model_sha256: str, name: str) -> bytes:
    """The model's `struct te_model`, for whatever runs models that it was not compiled with."""
    graph = plan.graph
    return _render(
        "descriptor.c.j2",
        plan=plan,
        prefix=text.identifier(name),
        symbol=text.identifier(names.descriptor(name)),
        model_id=text.word(model_sha256[:16]),
        places=[(plan.offsets[n], graph.tensors[n].nbytes) for n in (*graph.inputs, *graph.outputs)],
    )


def lent(plan: Plan) -> dict[str, Code]:
    """The blocks of memory that the model takes: as parameters of its functions, and as their arguments."""
    return {
        "parameters": text.code("void *arena, void *state" if plan.state_size else "void *arena"),
        "lent": text.code("arena, state" if plan.state_size else "arena"),
    }


def _initial(plan: Plan, prefix: str) -> list[dict[str, Any]]:
    """The states' initial values: the one byte that all of a state's bytes are, or an array of them."""
    found = []
    for i, (name, offset) in enumerate(plan.state_offsets.items()):
        tensor = plan.graph.tensors[name]
        little = np.dtype(tensor.dtype).newbyteorder("<")
        data = plan.graph.states[name].astype(little).tobytes()
        found.append(
            {
                "offset": offset,
                "size": len(data),
                "byte": data[0] if len(set(data)) == 1 else None,
                "name": text.identifier(names.initial(prefix, i)),
                "rows": rows(np.frombuffer(data, np.uint8)),
            }
        )
    return found


def constants_and_layers(
    plan: Plan,
    prefix: Code,
    brief: int | None = None,
    shared: Mapping[Place, Shared] | None = None,
    beside: bool = False,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What templates know of constant arrays, equal ones once, and of layers that are not views.

    shared: of calls, by layer and number in it, the copy of a kernel that each uses. beside: constants are
    not in the C, and layers are lent the bytes of all of them.
    """
    constants: list[dict[str, Any]] = []
    known: dict[tuple[str, bytes], Code] = {}
    roles: list[tuple[int, str]] = []

    def declare(i: int, constant: Constant) -> Code:
        data = np.ascontiguousarray(constant.data)
        key = (str(data.dtype), hashlib.sha256(data.data).digest())
        if key not in known:
            # An operator may have several constants of one role.
            again = sum(layer == i and role == constant.role for layer, role in roles)
            roles.append((i, constant.role))
            role = f"{constant.role}{again}" if again else constant.role
            known[key] = text.identifier(names.constant(prefix, i, role, constant.weight))
            literal = data.dtype == np.int8 and brief is not None and data.size >= brief
            constants.append(
                {
                    "type": text.identifier(f"{data.dtype}_t"),
                    "name": known[key],
                    "size": data.size,
                    "data": data,
                    "literal": literal,
                    "rows": (strings if literal else rows)(data.ravel()),
                }
            )
        return known[key]

    layers = []
    for i, layer in enumerate(plan.layers):
        calls = [
            {
                "shared": (shared or {}).get((i, number)),
                "contract": text.identifier(f"te_{call.contract}"),
                "function": text.identifier(names.kernel(call.kernel, call.isa)),
                "params": copies.fields(call.params),
                "laid": None if call.laid is None else copies.fields(call.laid),
                "laid_type": text.identifier(f"te_{call.contract}_{call.isa}"),
                "arguments": [
                    declare(i, argument)
                    if isinstance(argument, Constant)
                    else _pointer(plan, layer, argument)
                    for argument in call.arguments
                ],
            }
            for number, call in enumerate(layer.calls)
        ]
        if calls:
            first, times = (layer.repeat.first, layer.repeat.times) if layer.repeat else (None, 0)
            layers.append(
                {
                    "index": i,
                    "layer": layer,
                    "calls": calls,
                    "first": first,
                    "times": times,
                    **_lent(layer, beside),
                }
            )
    return constants, layers


def _lent(layer: Layer, beside: bool) -> dict[str, Code]:
    """The blocks of memory that a layer's function takes, as its parameters and as its arguments."""
    used = {type(argument) for call in layer.calls for argument in call.arguments}
    blocks = [text.code("arena")] if used & {Input, Output, Scratch} else []
    blocks += [text.code("state")] if State in used else []
    parameters = [text.code("uint8_t *{}", block) for block in blocks]
    if beside and Constant in used:
        blocks.append(text.code("constants"))
        parameters.append(text.code("const uint8_t *constants"))
    return {"parameters": text.join(parameters or [text.code("void")], ", "), "lent": text.join(blocks, ", ")}


def _pointer(plan: Plan, layer: Layer, argument: Input | Output | Scratch | State) -> Code:
    """A kernel's argument that is not a constant, in C."""
    if isinstance(argument, Scratch):
        return text.code("(void *)(arena + {})", layer.scratch[argument.name] + argument.at)
    if isinstance(argument, State):
        return text.code("(void *)(state + {})", plan.state_offsets[argument.name])
    tensor = plan.graph.tensors[argument.name]
    qualifier = text.code("const " if isinstance(argument, Input) else "")
    # By way of void *, since an arena of bytes says nothing of alignment.
    form = (
        "({0}{1} *)(arena + {2}{3})"
        if ITEM_SIZE[tensor.dtype] == 1
        else "({0}{1} *)({0}void *)(arena + {2}{3})"
    )
    moved = text.code(" + {} * step", argument.stride) if argument.stride else text.code("")
    return text.code(form, qualifier, _c_type(tensor), plan.offsets[tensor.name], moved)


def _c_type(tensor: Tensor) -> Code:
    return text.identifier("uint8_t" if tensor.dtype == "bool" else f"{tensor.dtype}_t")


def rows(values: np.ndarray[Any, Any], indent: int = 4) -> list[Code]:
    """Array elements as lines of C, many lines a piece, since there may be millions of elements."""
    elements = values.view("uint8") if values.dtype == bool else values
    # The longest is the smallest or the largest.
    ends = (elements.min(), elements.max()) if elements.size else (0,)
    per_row = max(1, (LINE - 4) // (max(len(str(end)) for end in ends) + 2))
    piece, between = LINES * per_row, "\n" + " " * indent
    return [
        text.lines(elements[i : i + piece].tolist(), per_row, between) for i in range(0, elements.size, piece)
    ]


def strings(values: np.ndarray[Any, Any], indent: int = 4) -> list[Code]:
    """Bytes as lines of a string literal, many lines a piece."""
    per_row = (LINE - indent - 2) // 4
    piece, between = LINES * per_row, "\n" + " " * indent
    data = values.tobytes()
    return [text.strings(data[i : i + piece], per_row, between) for i in range(0, len(data), piece)]


def ports(plan: Plan, tensors: tuple[str, ...], role: str) -> list[dict[str, Any]]:
    """The model's inputs or outputs as model.h calls them: role, tensor, type, offset, scale, zero point."""
    found = []
    for i, name in enumerate(tensors):
        tensor = plan.graph.tensors[name]
        found.append(
            {
                "role": text.identifier(role if len(tensors) == 1 else f"{role}{i}"),
                "tensor": tensor,
                "type": _c_type(tensor),
                "offset": plan.offsets[name],
                "scale": None if tensor.quantization is None else text.number(tensor.scale),
                "zero_point": None if tensor.quantization is None else tensor.zero_point,
            }
        )
    return found


def _render(name: str, /, **context: Any) -> bytes:
    return template.render(name, version=text.word(tinyedge.__version__), **context).encode()


def _digest(files: Mapping[str, bytes], options: Options) -> str:
    """The same wherever it is made: of a compiler, its name without its folder."""
    compiler = Path(options.compiler or "").name
    optimize = options.optimize if options.flash is None else f"{options.optimize} {options.flash}"
    digest = hashlib.sha256(f"{tinyedge.__version__}\0{optimize}\0{compiler}\0".encode())
    for path, data in sorted(files.items()):
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]
