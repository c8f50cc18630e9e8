# SPDX-License-Identifier: Apache-2.0
"""Takes a model, gives its layers, costs and memory plan, or every reason for which it cannot be built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tinyedge.commands._job import with_job
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.commands._job import Job
    from tinyedge.errors import Unsupported
    from tinyedge.plan import Plan

BAR = 30  # characters of the longest bar


@click.command()
@with_job
@with_console
def command(console: Console, job: Job) -> int:
    """Show what MODEL costs on a board, and what in it is unsupported; nothing is compiled.

    Which layers are fast within the bytes of --flash only a compiler tells: here they go by their work.
    """
    from tinyedge import board as boards
    from tinyedge import build, passes, pipeline
    from tinyedge.errors import Unsupported

    board = boards.load(job.board or "host")
    try:
        model = job.load(console) if job.calibration else job.sketch(console)
    except Unsupported as error:
        return _refuse(console, job.model.name if job.model else "the pipeline", error.problems or (error,))
    found = passes.problems(passes.legalize(pipeline.lower(model), job.options.rounding))
    if found:
        return _refuse(console, model.name, found)
    compiled = pipeline.plan(model, board, job.options)
    draft = pipeline.draft(compiled)
    _show(console, compiled.plan, draft.left_out)
    given = job.options.flash
    if given is not None:
        console.warn(
            f"which layers are fast within {given:,} bytes of flash `tinyedge build` finds, which compiles;"
            " kernels and arena here are of those with most of the work"
        )
    memory = board.memory
    if memory is not None:
        for what, takes, of in (
            ("activations alone take", compiled.plan.arena_size, memory.ram.length),
            ("weights alone take", compiled.plan.weights, given or memory.flash.length),
        ):
            if takes > of:
                console.warn(f"no image will fit: {what} {takes:,} bytes of {of:,}")
    console.finish(
        {
            "model": {"name": model.name, "sha256": model.sha256},
            "board": None if job.board is None else board.name,
            "supported": True,
            "unsupported": [],
            "flash": {
                "weights": compiled.plan.weights,
                "given": given,
                "available": memory and memory.flash.length,
            },
            "ram": {
                "arena": compiled.plan.arena_size,
                "arena_lower_bound": compiled.plan.arena_lower_bound,
                "state": compiled.plan.state_size,
                "available": memory and memory.ram.length,
            },
            **build.layout(draft),
        }
    )
    return 0


def _refuse(console: Console, name: str, found: Sequence[Unsupported]) -> int:
    console.say(f"{name} cannot be built:")
    for problem in found:
        console.say(f"  {problem}")
        console.say(f"    hint: {problem.hint}")
    unsupported = [{"problem": str(problem), "hint": problem.hint} for problem in found]
    console.finish({"model": {"name": name}, "supported": False, "unsupported": unsupported})
    return found[0].exit_code


def _show(console: Console, plan: Plan, left_out: str) -> None:
    from tinyedge.plan import placement

    alive = placement.alive(plan.graph, plan.scratch)
    largest = max(alive)
    rows: list[list[Any]] = []
    for i, layer in enumerate(plan.layers):
        shape = "x".join(map(str, plan.graph.output(layer.op).shape)) if layer.op.outputs else ""
        bar = "#" * round(BAR * alive[i] / largest)
        rows.append([i, layer.op.name, layer.kernel, shape, layer.macs, layer.weights, alive[i], bar])
    columns = ["", "layer", "kernel", "output", "MACs", "weights", "RAM alive", ""]
    console.table(columns, rows, f"{plan.graph.name}: {plan.macs:,} multiply-accumulates")
    if left_out:
        console.say(left_out)
    memory = plan.board.memory
    of_ram = "" if memory is None else f" of {memory.ram.length:,}"
    given = plan.options.flash
    of_flash = f" of {given:,} given" if given else "" if memory is None else f" of {memory.flash.length:,}"
    console.say(
        f"arena {plan.arena_size:,}{of_ram} bytes of RAM; layer by layer without overlap {largest:,},"
        f" no plan needs less than {plan.arena_lower_bound:,}"
    )
    if plan.state_size:
        console.say(f"state {plan.state_size:,} bytes of RAM, which live from one run to the next")
    console.say(f"weights {plan.weights:,} bytes of flash{of_flash}; `tinyedge build` measures the code")
