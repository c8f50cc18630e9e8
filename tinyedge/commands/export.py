# SPDX-License-Identifier: Apache-2.0
"""Takes a model, gives a folder for the user's own build system: library, example with self-check, README."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyedge.commands._job import with_job
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.commands._job import Job
    from tinyedge.export._library import Library
    from tinyedge.export._self_check import Source


def _formats() -> str:
    from tinyedge import export

    return ", ".join(export.formats())


@click.command()
@with_job
@click.option("--format", "-f", "kind", metavar="F", required=True, help=f"One of {_formats()}.")
@click.option(
    "--core", metavar="C", help="Kernels for this core, instead of the board's; `portable`: for any."
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Default: build/export/F/te_MODEL."
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="REC",
    help="Inputs of the self-check, which the export then holds. Default: random ones.",
)
@click.option(
    "--author", default="", metavar="NAME", help="For package managers, as `Ada <ada@example.com>`."
)
@click.option(
    "--url", default="", metavar="URL", help="For package managers: where the library is described."
)
@click.option("--library-version", default="1.0.0", show_default=True, metavar="V", help="Of the export.")
@click.option("--force", is_flag=True, help="Write into DIR whatever it holds.")
@click.option("--check", is_flag=True, help="Write nothing; fail with 1 unless DIR is what would be written.")
@with_console
def command(
    console: Console,
    job: Job,
    kind: str,
    core: str | None,
    output: Path | None,
    replay: Path | None,
    author: str,
    url: str,
    library_version: str,
    force: bool,
    check: bool,
) -> None:
    """Export MODEL as C for a build system of your own.

    DIR becomes a library or module with the model's C, an example that runs an inference and checks it
    against TensorFlow Lite's reference kernels, and a README.
    """
    from contextlib import ExitStack

    from tinyedge import board as boards
    from tinyedge import export, paths
    from tinyedge.bench.features import Stages
    from tinyedge.export import _folder, _library
    from tinyedge.export._about import About
    from tinyedge.export._self_check import Around
    from tinyedge.toolchain import bill

    writer = export.find(kind)
    board = boards.load(job.board) if job.board and core is None else None
    about = About(library_version, author, url)
    source = None if replay is None else _source(job, replay)
    model = job.load(console)
    with ExitStack() as opened:
        before = opened.enter_context(Stages.before(model)) if model.front else None
        behind = opened.enter_context(Stages.behind(model, job.options)) if model.back else None
        library = _library.make(model, core, board, job.options, about, source, Around(before, behind))
    texts = {
        **writer.files(library),
        "NOTICE": library.render("common/NOTICE.j2"),
        "LICENSE": paths.licence().read_text(encoding="utf-8"),
    }
    texts[bill.FILE] = bill.render(library.contents(texts))
    files = {path: text.encode() for path, text in sorted(texts.items())}
    out = output or Path("build") / "export" / kind / library.name
    facts = {"format": kind, **library.describe()}
    if check:
        _folder.compare(out, files, facts)
    else:
        _folder.write(out, files, facts, force)
    _show(console, library, f"{out}: {writer.DESCRIPTION}, {len(files)} files")
    console.say("as exported" if check else f"next: {out / 'README.md'}")
    sizes = [{"path": path, "bytes": len(data)} for path, data in files.items()]
    console.finish({**facts, "folder": str(out), "files": sizes})


def _source(job: Job, replay: Path) -> Source:
    from tinyedge.export._self_check import Source

    known = job.project.replay if job.project else None
    # The project's windows belong to the project's recording.
    if known is None or known.file != replay:
        return Source(replay)
    return Source(replay, known.window, known.hop)


def _show(console: Console, library: Library, what: str) -> None:
    facts: dict[str, Any] = library.describe()
    flags = " ".join(library.needs) or "plain C"
    console.say(what)
    console.say(f"  kernels {', '.join(library.isas)} ({flags})")
    state = f" and state {facts['ram']['state']:,}" if facts["ram"]["state"] else ""
    console.say(f"  arena {facts['ram']['arena']:,}{state} bytes of RAM, lent by the caller")
    for figures in library.figures:
        if figures.flash is None:
            console.warn(f"not measured for {figures.core}: {figures.missing}")
            continue
        stack = "unknown" if figures.stack is None else f"at most {figures.stack:,} bytes"
        console.say(
            f"  {figures.core}: flash {figures.flash:,} bytes (code {figures.code:,}), stack {stack},"
            f" by {figures.compiler}"
        )
    check = facts["self_check"]
    console.say(
        f"  self-check: {check['frames']} inferences, {check['outputs']} outputs, {check['judged_by']}"
    )
