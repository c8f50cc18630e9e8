# SPDX-License-Identifier: Apache-2.0
"""Takes compiler commands, runs them side by side, gives what each said; nothing survives an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Far beyond any compilation seen (the slowest takes seconds): a compiler that hangs must end too.
_SECONDS = 300.0
_TIDYING = 1.0  # s


@dataclass(frozen=True)
class Finished:
    """How a command ended; `text` is everything that it printed."""

    command: tuple[str, ...]
    code: int
    text: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Finished:
    """Run one command in `folder` to its end; OSError when it cannot be started."""
    return run_all([command], folder, environment)[0]


def run_all(
    commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str]
) -> list[Finished]:
    """Run the commands in `folder`, as many at a time as there are processors; answers in the same order."""
    running: set[subprocess.Popen[str]] = set()
    over = threading.Event()

    def one(command: Sequence[str]) -> Finished:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=None if sys.platform == "win32" else 0,
        )
        running.add(process)
        try:
            if over.is_set():  # it was started while the others were ended
                _end(process)
            text, _ = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            _end(process)
            text, _ = process.communicate()
            text += f"\nstopped after {_SECONDS:.0f} s"
        finally:
            running.discard(process)
        return Finished(tuple(command), process.returncode, text)

    workers = min(os.cpu_count() or 1, max(1, len(commands)))
    with ThreadPoolExecutor(workers) as pool:
        jobs: list[Future[Finished]] = []
        try:
            jobs += [pool.submit(one, command) for command in commands]
            return [job.result() for job in jobs]
        except BaseException:
            over.set()
            for job in jobs:
                job.cancel()
            for process in list(running):
                _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and what it started, which would go on writing into a folder that is being removed."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(OSError, subprocess.TimeoutExpired):  # OSError: it has ended by itself
        os.killpg(process.pid, signal.SIGTERM)  # on which GCC removes what it keeps in TMPDIR
        process.wait(_TIDYING)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
