# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a board, gives a folder with the C tree, the image and build.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.commands._job import with_compiler, with_job
from tinyedge.console import Console, with_console
from tinyedge.options import CHOICES, Protocol

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build, Draft, Layer
    from tinyedge.commands._job import Job
    from tinyedge.micropython import Modules


@click.command()
@with_job
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Default: build/BOARD.")
@with_compiler
@click.option(
    "--dump", type=click.Choice(["graph", "optimized", "plan", "sources"]), help="Print a stage and stop."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["firmware", "micropython"]),
    default="firmware",
    help="An image, or a module for MicroPython that is on the board already.",
)
@click.option(
    "--protocol",
    type=click.Choice(CHOICES["protocol"]),
    default="framed",
    help='What the firmware says: our link, or "mlperf" for the runner of MLPerf Tiny.',
)
@click.option("--sbom", is_flag=True, help="Write DIR/sbom.cdx.json too, a bill of materials (CycloneDX).")
@with_console
def command(
    console: Console,
    job: Job,
    output: Path | None,
    dump: str | None,
    form: str,
    protocol: Protocol,
    sbom: bool,
) -> None:
    """Build MODEL into a flashable image for a board, or into a module for its MicroPython."""
    from tinyedge import board as boards
    from tinyedge import pipeline
    from tinyedge.build import document
    from tinyedge.errors import UsageError

    if job.board is None:
        raise UsageError("no board is given", "`--board NAME`; `tinyedge boards` lists them")
    board = boards.load(job.board)
    options = replace(job.options, protocol=protocol)
    model = job.load(console)
    if dump is not None:
        text = pipeline.dump(model, board, dump, options)
        console.text(text)
        console.finish({"stage": dump, "text": text})
        return
    out = output or Path("build") / board.name
    if form == "micropython":
        if sbom:
            raise UsageError("there is no bill of materials of a module", "leave --sbom out")
        draft, modules = pipeline.build_module(model, board, out, job.options)
        _show_modules(console, draft, modules, board, out)
        console.finish(
            {
                "format": form,
                "files": sorted(modules.files),
                "missing": modules.missing,
                "heap": modules.heap,
                **document(draft),
            }
        )
        return
    made = pipeline.build(model, board, out, options, sbom=sbom)
    _show(console, board, made, out)
    if console.json:
        console.finish(document(made))


def balanced(layers: Sequence[Layer]) -> str:
    """Which layers became what, in a sentence; "" where no layer has code."""
    small = [layer.small for layer in layers if layer.kernel != "view"]
    if len(set(small)) == 1:
        return f"every layer is built for {'size' if small[0] else 'speed'}"
    fast = small.count(False)
    verb = "layer is" if fast == 1 else "layers are"
    return f"{fast} {verb} built for speed, {small.count(True)} for size" if small else ""


_FORMS = {
    "native/romfs.img": "that in a ROMFS, whose weights stay in flash (mpremote romfs deploy)",
    "native/model.mpy": "firmware's C, with {arena:,} bytes of arena",
    "viper/model.py": "Python that the board compiles, where its port has @micropython.viper",
    "plain/model.py": "Python that every port runs, slowly",
    "main.py": "reads the sensor at boot, on pins that are yours to change",
}


def _show_modules(console: Console, draft: Draft, modules: Modules, board: Board, out: Path) -> None:
    console.say(f"{draft.model.name} in MicroPython: copy one file, `import model; model.predict(buf)`")
    for path, what in _FORMS.items():
        if path in modules.files:
            said = what.format(arena=modules.plan.arena_size) + _room(modules, path, board)
            console.say(f"  {out / path}, {len(modules.files[path]):,} bytes: {said}")
    for form, why in modules.missing.items():
        console.warn(f"there is no {form}{'' if form.endswith('.py') else ' form'}: {why}")


def _room(modules: Modules, path: str, board: Board) -> str:
    """What the file takes of the heap, and whether the board's MicroPython has as much."""
    from tinyedge.micropython import heap

    needed = modules.heap.get(path)
    if needed is None:
        return ""
    return f"; takes {needed:,} bytes of heap: {heap.verdict(needed, board)}"


def _show(console: Console, board: Board, made: Build, out: Path) -> None:
    flash, ram = made.flash, made.ram
    bound = "unknown" if ram.stack_bound is None else f"{ram.stack_bound:,}"
    how = made.optimize if made.optimize == "balanced" else f"optimised for {made.optimize}"
    console.say(f"{made.model.name} for {made.board}, {how}")
    rest = f"weights {flash.weights:,}, everything else {_count(flash.code)}"
    of = "" if flash.given is None else f" of {flash.given:,} given"
    console.say(f"  flash {_count(flash.total)} bytes{of}: {rest}")
    if made.optimize == "balanced" and (shared := balanced(made.layers)):
        console.say(f"  {shared}")
    state = f", state {ram.state:,}" if ram.state else ""
    console.say(
        f"  RAM   {_count(ram.total)} bytes: arena {ram.arena:,} (no plan needs less than"
        f" {ram.arena_lower_bound:,}){state}, stack at most {bound}"
    )
    if board.memory is not None and board.memory.code is not None:
        loaded = "weights" in ram.parts
        console.say(
            "  weights are in RAM, where the boot ROM loads them"
            if loaded
            else "  weights stay in flash, behind its cache: RAM is too small for them"
        )
    console.say(f"  {made.macs:,} multiply-accumulates in {len(made.layers)} layers")
    if made.left_out:
        console.say(f"  {made.left_out}")
    console.say(f"  {out / made.image.elf}, build {made.image.build_id}, {made.compiler}")
    flashed = [str(out / file) for file in made.image.files]
    if board.flasher is not None:
        console.say(
            f"  to flash: {', '.join(flashed)}, as `tinyedge flash {out}` does ({board.flasher.method})"
        )
    elif board.image is not None:
        console.say(f"  to flash: {', '.join(flashed)}; {board.name}'s file says how, tinyedge cannot")


def _count(size: int | None) -> str:
    return "unmeasured" if size is None else f"{size:,}"
