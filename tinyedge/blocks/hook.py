# SPDX-License-Identifier: Apache-2.0
"""C of the user's own, on either side of the network; firmware/kernels/hook.h says how it is written.

The same file runs on the device and on this machine, where it is what the device is judged by. That is
somebody's program: a project that has one is built and replayed with `--trust` alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge import paths
from tinyedge.blocks import Block, Parameters, Stream, behind, grid, step
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State
from tinyedge.project import Project, Stage

KIND = "BLOCK_HOOK"
HEADER = "kernels/hook.h"
LONGEST = 1 << 20  # bytes of a file
_TAKEN = ("arena", "constants", "params", "state")  # what the function that calls it has of its own
_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"\n]*)', re.MULTILINE)


class Hook(Parameters):
    """file: of C beside tinyedge.toml; it has one function, of its own name. state: bytes that it keeps.

    rows, channels: what it gives, where that is not what it takes; behind the network `channels` scores.
    scale: what a step of these is worth, where that changes. decides: behind the network, it gives a
    decision, 0 or 1. source: what is in the file; tinyedge reads it, and no tinyedge.toml says it.
    """

    file: Annotated[str, Field(pattern=r"^(.*/)?[a-z][a-z0-9_]{0,63}\.c$")]
    state: Annotated[int, Field(ge=0, le=65536)] = 0
    rows: Annotated[int, Field(ge=1, le=65535)] | None = None
    channels: Annotated[int, Field(ge=1, le=65535)] | None = None
    scale: Annotated[float, Field(gt=0)] | None = None
    decides: bool = False
    source: str | None = None


@dataclass(frozen=True)
class Source:
    """A file of C; as text its digest, by which it is told from others."""

    text: str

    def __str__(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def read(project: Project, trust: bool) -> Project:
    """The project, where the user trusts it with the C of its hooks; without that no stage takes them."""
    stages = {
        "preprocess": tuple(_read(project.preprocess, project, trust)),
        "postprocess": tuple(_read(project.postprocess, project, trust)),
    }
    return project.model_copy(update=stages)


def _read(stages: Iterable[Stage], project: Project, trust: bool) -> Iterable[Stage]:
    for stage in stages:
        keys = stage.model_extra or {}
        if stage.block == "hook" and "source" in keys:
            raise UsageError(
                f"{project.file}: a hook's C is in a file, not in `source`", "write `file` alone"
            )
        if stage.block == "hook" and trust and isinstance(keys.get("file"), str):
            file = project.root / keys["file"]
            try:
                source = paths.read(file, LONGEST).decode("utf-8")
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
                raise UsageError(f"cannot read {file}: {why}", "correct `file` of the block `hook`") from None
            yield Stage.model_validate({"block": "hook", **keys, "source": source})
        else:
            yield stage


def append(stream: Stream, wanted: Hook, name: str) -> Stream:
    """int16 [1, rows, channels] -> int16 of its rows and channels; int32 [1, n] -> int32 [1, channels]."""
    source = _checked(wanted)
    scores = bool(stream.said)
    last = behind.scores(stream, "hook") if scores else stream.last
    if (scores and wanted.rows is not None) or (wanted.decides and not scores):
        key = "rows" if scores else "decides"
        raise UsageError(
            f"block 'hook': {key} means nothing {'behind' if scores else 'before'} the network",
            f"leave out {key}",
        )
    rows, channels = grid(last)
    given = wanted.channels or (1 if wanted.decides else channels)
    quantization = last.quantization
    if wanted.scale is not None:
        quantization = Quantization((wanted.scale,), (0,))
    elif given != channels:
        quantization = Quantization((step(stream, "hook"),), (0,))
    attrs = {"name": Path(wanted.file).stem, "source": source}
    state = {"state": np.zeros(max(1, -(-wanted.state // 4)), np.int32)}
    if not scores:
        target = Tensor(name, (1, wanted.rows or rows, given), "int16", quantization)
        rate = None if stream.rate_hz is None else stream.rate_hz * target.shape[1] / rows
        return replace(stream.then(KIND.lower(), target, attrs, state), rate_hz=rate)
    if not wanted.decides:
        return stream.then(KIND.lower(), Tensor(name, (1, given), "int32", quantization), attrs, state)
    if given != 1:
        raise UsageError(f"block 'hook' gives {given} decisions", "leave out channels: a decision is one")
    decided = stream.then(
        KIND.lower(), Tensor(name, (1, 1), "int32"), {**attrs, "nothing": 0, "level": None}, state
    )
    return behind.keeping(decided, last.name)


def _checked(wanted: Hook) -> Source:
    """The hook's C, as one file that has a function of its name."""
    if wanted.source is None:
        raise UsageError(
            f"{wanted.file} is C of the project's own, and would run on this machine, too",
            "read it, and give `--trust` where you know whose it is",
        )
    name = Path(wanted.file).stem
    if name in _TAKEN:
        raise UsageError(
            f"the hook {wanted.file} has a name that generated C needs", "call it something else"
        )
    strange = [each for each in _INCLUDE.findall(wanted.source) if each != HEADER]
    if strange or HEADER not in wanted.source:
        what = f"includes {strange[0]!r}" if strange else f"does not include {HEADER!r}"
        raise UsageError(
            f"{wanted.file} {what}", f'a hook is one file, with `#include "{HEADER}"` and <headers> of C'
        )
    if re.search(rf"\b{name}\s*\(", wanted.source) is None:
        raise UsageError(f"{wanted.file} has no function {name!r}", "call it as the file is called")
    return Source(wanted.source)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, state, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (rows, channels), (out_rows, out_channels) = grid(source), grid(target)
    params = {"rows": rows, "channels": channels, "out_rows": out_rows, "out_channels": out_channels}
    arguments = (Input(source.name), Output(target.name), State(state.name))
    return (Call("hook", op.attrs["name"], params, arguments, source=op.attrs["source"].text),)


block = Block(Hook, append, place="either", bound="what your C says, the same bits on every target")
operator = Operator((KIND,), infer, calls)
