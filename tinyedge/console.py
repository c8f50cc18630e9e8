# SPDX-License-Identifier: Apache-2.0
"""Takes what a command has to say, gives text for people (tables on a terminal, else plain lines) or JSON.

A command takes its Console through the decorator `with_console`, which also adds `--json`:

    @click.command()
    @with_console
    def command(console: Console) -> None: ...
"""

from __future__ import annotations

import functools
import itertools
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from tinyedge import text

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

Function = TypeVar("Function", bound=Callable[..., Any])

_TOLD = (2.0, 8.0, 20.0, 60.0)
"""s between the lines that say how far a job is."""
_MINUTES = 120.0
"""s from which a duration is said in minutes."""

COMPLETE = "_TINYEDGE_COMPLETE"
"""What a shell sets, to INSTRUCTION_SHELL, when it asks for completions (click.shell_completion)."""


class Console:
    """Where a command writes. With `as_json`, stdout carries one JSON document and text goes to stderr."""

    def __init__(self, as_json: bool = False) -> None:
        self.json = as_json
        self._finished = False
        self._told: set[str] = set()

    @property
    def stream(self) -> TextIO:
        """Where text for people goes."""
        return sys.stderr if self.json else sys.stdout

    @property
    def terminal(self) -> bool:
        """Is somebody watching? (Decides about colour, box drawing and progress bars.)"""
        return self.stream.isatty()

    def say(self, what: RenderableType = "", style: str | None = None) -> None:
        """Print a line, or anything that rich can render; `style` (rich's words) shows on a terminal only."""
        what = text.terminal(what) if isinstance(what, str) else what
        if isinstance(what, str) and not (style and self.terminal):
            print(what, file=self.stream)
        else:
            self._rich().print(what, style=style, markup=False, highlight=False)

    def text(self, lines: str) -> None:
        """Print our own text of several lines."""
        for line in lines.rstrip("\n").split("\n"):
            self.say(line)

    def note(self, sentence: str) -> None:
        """Print a line, once in a command: a recording may be read to calibrate and to learn from."""
        if self._first(sentence):
            self.say(sentence)

    def warn(self, sentence: str) -> None:
        """Print one line that begins with "warning:" on stderr, once in a command."""
        if self._first(sentence):
            print(f"warning: {text.terminal(sentence)}", file=sys.stderr)

    def _first(self, sentence: str) -> bool:
        known = sentence in self._told
        self._told.add(sentence)
        return not known

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
        """Print a table. A column whose cells are all numbers (or "-", or None) is aligned to the right.

        Cells: str as it is, int with thousands separators, None as "-", anything else through str().
        """
        texts = [[_cell(value) for value in row] for row in rows]
        right = [
            bool(rows) and all(row[i] in (None, "-") or isinstance(row[i], int | float) for row in rows)
            for i in range(len(columns))
        ]
        if self.terminal:
            self._rich_table(columns, texts, right, title)
            return
        if title:
            self.say(title)
        lines = [list(columns), *texts]
        widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
        for line in lines:
            padded = (
                cell.rjust(width) if flush else cell.ljust(width)
                for cell, width, flush in zip(line, widths, right, strict=True)
            )
            self.say("  ".join(padded).rstrip())

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show how far a long job is; gives `advance(steps)`.

        On a terminal a bar; elsewhere a line on stderr after 2 s, and then seldom, so that the log of a CI
        says what takes so long, and for how long still.
        """
        if not self.terminal:
            pace = Pace(text.visible(what), total)
            with _ticking(pace):
                yield pace.advance
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        # Without markup: a file's name is in it.
        what_for = TextColumn("{task.description}", markup=False)
        what = text.visible(what)
        with Progress(
            what_for, BarColumn(), TimeRemainingColumn(), console=self._rich(), transient=True
        ) as bar:
            task = bar.add_task(what, total=total)
            yield lambda steps: bar.advance(task, steps)

    def finish(self, document: dict[str, Any]) -> None:
        """Print the command's one JSON document on stdout, when asked for JSON; call it once, at the end."""
        if not self.json:
            return
        if self._finished:
            raise RuntimeError("a command prints one JSON document, not two")
        self._finished = True
        # NaN and Infinity are not JSON: refuse to print what other tools cannot read.
        print(json.dumps(document, indent=2, allow_nan=False))

    def _rich(self) -> RichConsole:
        from rich.console import Console as RichConsole

        return RichConsole(file=self.stream, soft_wrap=False, emoji=False)

    def _rich_table(
        self, columns: Sequence[str], texts: Sequence[Sequence[str]], right: Sequence[bool], title: str
    ) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(text.terminal(title)) if title else None, title_justify="left")
        for name, flush in zip(columns, right, strict=True):
            table.add_column(name, justify="right" if flush else "left")
        for row in texts:
            table.add_row(*(Text(cell) for cell in row))
        self._rich().print(table)


class Pace:
    """How far a job is, in words; `total` steps, where that is known."""

    def __init__(self, what: str, total: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.what, self.total, self.done = what, total, 0
        self._clock = clock
        self._started = clock()

    def advance(self, steps: int) -> None:
        """`steps` more are done."""
        self.done += steps

    def __str__(self) -> str:
        taken = self._clock() - self._started
        if not self.total or not self.done:
            return f"{self.what}: {duration(taken)} so far"
        counted = f"{self.what}: {self.done:,} of {self.total:,}"
        if self.done >= self.total:
            return counted
        left = taken * (self.total - self.done) / self.done
        return f"{counted}, about {duration(left)} left"


@contextmanager
def _ticking(pace: Pace) -> Iterator[None]:
    over = threading.Event()

    def tell() -> None:
        for wait in itertools.chain(_TOLD, itertools.repeat(_TOLD[-1])):
            if over.wait(wait):
                return
            print(pace, file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def duration(seconds: float) -> str:
    """In seconds, or minutes where it is long."""
    return f"{seconds:.0f} s" if seconds < _MINUTES else f"{seconds / 60:.0f} min"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else text.visible(str(value))


def with_console(function: Function) -> Function:
    """Add `--json` to a click command and pass it `console`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @functools.wraps(function)
    def wrapper(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        return function(*args, console=Console(as_json), **kwargs)

    return wrapper  # type: ignore[return-value]
