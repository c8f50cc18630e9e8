# SPDX-License-Identifier: Apache-2.0
"""Takes a command, gives a running child process that is always reaped and whose last words are kept."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tinyedge.errors import DeviceError, ToolMissing
from tinyedge.process import packages

_PATIENCE = 2.0  # s that a process gets to end by itself
_LINES = 50
_NEW_GROUP = 0x200  # Windows: CREATE_NEW_PROCESS_GROUP, which subprocess names only there


def require(program: str) -> None:
    """ToolMissing when there is no such program, with the command that installs it."""
    if shutil.which(program) is None:
        raise ToolMissing(f"cannot find {program}", f"install it: {packages.install(program)}")


class Child:
    """A child process with pipes on all three standard streams; stderr is drained all the time.

    With `merged`, what it says on stderr comes on stdout. It works in `folder`, else in ours.
    """

    def __init__(
        self,
        command: Sequence[str],
        name: str,
        merged: bool = False,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        require(command[0])
        self.name = name
        self._lines: deque[str] = deque(maxlen=_LINES)
        # In a group of its own, so that Ctrl-C reaches us alone and we end the child in good order.
        windows = sys.platform == "win32"
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if merged else subprocess.PIPE,
                env=None if environment is None else dict(environment),
                cwd=folder,
                bufsize=0,
                start_new_session=not windows,
                creationflags=_NEW_GROUP if windows else 0,
            )
        except OSError as error:
            raise DeviceError(f"cannot start {command[0]}: {error.strerror}") from error
        self._drain = threading.Thread(target=self._keep_lines, name=f"{name} stderr", daemon=True)
        self._drain.start()
        atexit.register(self.close)

    @property
    def stdin(self) -> IO[bytes]:
        """Unbuffered."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Unbuffered."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> int:
        """The exit code of a child that has closed its pipes; it is killed when it runs on all the same."""
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(_PATIENCE)

    def death(self) -> DeviceError:
        """What to say of a child that has closed its pipes: exit code and the last line on its stderr."""
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return DeviceError(f"{self.name} closed its line and still runs")
        self._drain.join(_PATIENCE)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        line = self._last_line()
        return DeviceError(f"{self.name} {how}{f': {line}' if line else ' and said nothing'}")

    def close(self) -> None:
        """End it (its stdin closes first, so it may go by itself); may be called again."""
        atexit.unregister(self.close)
        with contextlib.suppress(OSError):
            self.stdin.close()
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_PATIENCE)
        self._drain.join(_PATIENCE)

    def _keep_lines(self) -> None:
        if self._process.stderr is None:
            return
        with self._process.stderr as pipe:
            for line in pipe:
                self._lines.append(line.decode(errors="replace").strip())

    def _last_line(self) -> str:
        lines = [line for line in self._lines if line]
        # A sanitizer tells the cause first and "ABORTING" last.
        causes = [line for line in lines if "runtime error:" in line or line.startswith("SUMMARY:")]
        return (causes or lines or [""])[-1]
