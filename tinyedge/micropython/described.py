# SPDX-License-Identifier: Apache-2.0
"""Takes a model, its Plan and a module made of it, gives the Build: what a report says of what was run."""

from __future__ import annotations

import hashlib

from tinyedge import build
from tinyedge.build import Build
from tinyedge.model import Model
from tinyedge.plan import Plan
from tinyedge.toolchain import describe

PROTOCOL = "repl"


def describe_module(model: Model, plan: Plan, name: str, data: bytes, compiler: str, taken: int) -> Build:
    """name: of the module's file, which holds `data`. taken: bytes of heap that the board measured for it."""
    ports = (*plan.graph.inputs, *plan.graph.outputs)
    return Build(
        **vars(describe.draft(model, plan, "model.tflite")),
        compiler=compiler,
        image=build.Files(name, (name,), hashlib.sha256(data).hexdigest()[:16], PROTOCOL),
        flash=build.Flash(
            total=len(data), code=len(data) - plan.weights, weights=plan.weights, parts={"module": len(data)}
        ),
        ram=build.Ram(
            total=taken,
            arena=plan.arena_size,
            arena_lower_bound=plan.arena_lower_bound,
            state=plan.state_size,
            stack_size=None,
            stack_bound=None,
            io=sum(plan.graph.tensors[port].nbytes for port in ports),
            parts={"heap": taken},
        ),
    )
