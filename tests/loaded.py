# SPDX-License-Identifier: Apache-2.0
"""Takes a command line, gives the modules that Python has loaded when it has run: time that a user waits."""

from __future__ import annotations

import subprocess
import sys

NOT_OF_COMPILING = (
    "ai_edge_litert.interpreter",
    "elftools",
    "matplotlib",
    "rich",
    "scipy",
    "serial",
    "sklearn",
    "tensorflow",
    "tinyedge.energy",
    "tinyedge.judge.harness",
    "tinyedge.judge.report",
    "tinyedge.model.float_file",
    "tinyedge.model.keras.quantize",
    "tinyedge.recording",
    "tinyedge.transport",
)
"""What a model that is integer already needs nothing of on its way to an image."""

_SCRIPT = """
import sys
from tinyedge import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as end:
    assert not end.code
print(*sys.modules, file=sys.stderr)
"""


def by(*command: str) -> tuple[set[str], str]:
    """The modules, and what the command printed; it has to succeed."""
    ended = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *command], capture_output=True, text=True, timeout=100
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.split()), ended.stdout
