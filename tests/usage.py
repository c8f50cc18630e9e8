# SPDX-License-Identifier: Apache-2.0
"""Takes a command, gives its output, and the memory and processor time of it and of all that it starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# A small process between: Linux counts the largest that a process was from before its exec on, when it is as
# large as who started it, and a worker of pytest is larger than what is measured.
_BETWEEN = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print("", used.ru_maxrss * unit, used.ru_utime, sep="\\n")
sys.exit(code)
"""


@dataclass(frozen=True)
class Used:
    """`memory`: bytes of the largest process; `seconds`: processor time in user mode, of all."""

    code: int
    stdout: str
    stderr: str
    memory: int
    seconds: float


def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, timeout: float | None = None
) -> Used:
    """Run `command` (a Python's) to its end. timeout: s until it counts as hung, beside pytest's."""
    ended = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *command],
        cwd=cwd,
        env=env,
        timeout=timeout,
        capture_output=True,
        text=True,
    )
    *said, memory, seconds = ended.stdout.splitlines()
    return Used(ended.returncode, "\n".join(said).strip(), ended.stderr, int(memory), float(seconds))
