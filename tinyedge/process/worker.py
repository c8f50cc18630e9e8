# SPDX-License-Identifier: Apache-2.0
"""Takes a module of ours, gives it a process of its own that answers messages: bounded, and always reaped.

For libraries that crash, or that print and take memory as they like. The other side is `serve`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

from tinyedge import paths
from tinyedge.process import light, messages
from tinyedge.process.messages import Array, Message

_OURS = Path(__file__).resolve().parents[2]  # the folder that `tinyedge` is in
_PATIENCE = 5.0  # s that a process whose pipe has closed gets to end
_STARVED = 5  # times its limit that a process gets which works, and is not let to
_LOOK = 1.0  # s between looks at such a process, at least
# What Python and its libraries need to be found and to start.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "LANG", "LC_ALL")


class Lost(Exception):
    """The process ended, or was ended because it gave no answer in time (`silent`).

    how: "was ended by signal 9", "ended with code 1". said: all that it printed.
    """

    def __init__(self, how: str, said: str, silent: bool) -> None:
        last = said.splitlines()[-1][:200] if said else "it printed nothing"
        super().__init__(f"{how} ({last})")
        self.how, self.said, self.silent = how, said, silent


class Worker:
    """A Python process that runs main() of `module`, which calls `serve`; caged (cage.py), killed on closing.

    folder: the one that the process may write to, None for nowhere. settings: of its environment, beside
    what programs need. fixed: its memory lies at the same addresses every time (cage.fix_addresses).
    python: an interpreter with packages of its own; of ours it has what needs nothing else.
    """

    def __init__(
        self,
        module: str,
        settings: Mapping[str, str] | None = None,
        folder: Path | None = None,
        fixed: bool = False,
        python: Path | None = None,
    ) -> None:
        self._silent = False
        self._noise: IO[bytes] = tempfile.TemporaryFile(dir=paths.temporary_place())  # noqa: SIM115 (closed in close())
        # The child imports from where this process does, also when it is started outside the checkout.
        found = f"sys.path[:] = {sys.path!r}" if python is None else f"sys.path.append({str(_OURS)!r})"
        code = f"import sys; {found}; from tinyedge.process import cage, light; light.start(); "
        if fixed:
            code += "cage.fix_addresses(); "
        code += f"cage.enter({None if folder is None else str(folder)!r}); from {module} import main; main()"
        # Nothing else of the user's environment: tokens and passwords lie there.
        inherited = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        if python is not None:
            inherited.pop("PYTHONHOME", None)
        self._process = subprocess.Popen(
            [str(python or sys.executable), "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            env=inherited | light.QUIET | dict(settings or {}),
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def close(self) -> None:
        """End the process; may be called again."""
        self._process.kill()
        self._process.wait()
        for stream in (self._requests, self._answers, self._noise):
            with contextlib.suppress(OSError):  # what was buffered for a dead process has nowhere to go
                stream.close()

    def ask(
        self,
        request: dict[str, Any],
        arrays: list[Array],
        seconds: float,
        progress: Callable[[int], object] = lambda done: None,
    ) -> Message:
        """Send one request, give its answer; `progress` gets the numbers that come before it.

        Raises Lost when the process dies, or says nothing for so many seconds, after which it is killed. On a
        busy machine (Linux) they are seconds of its own processor time, as long as it gets any.
        """
        try:
            with self._limit(seconds):
                messages.send(self._requests, request, arrays)
            while True:
                with self._limit(seconds):
                    header, answer = messages.receive(self._answers)
                if "progress" not in header:
                    return header, answer
                progress(header["progress"])
        except (EOFError, OSError) as error:
            raise self._lost() from error

    @contextlib.contextmanager
    def _limit(self, seconds: float) -> Iterator[None]:
        """Kill the process unless what is inside ends in time; EOFError when it was killed."""
        lock, waiting = threading.Lock(), True
        begun, before, worked = time.monotonic(), _processor_time(self.pid), 0.0
        timer: threading.Timer

        def start(after: float) -> threading.Timer:
            timer = threading.Timer(after, expire)
            timer.daemon = True
            timer.start()
            return timer

        def expire() -> None:
            nonlocal timer, worked
            # An answer that is in by now counts, whenever this thread gets to run.
            with lock:
                if not waiting:
                    return
                now = _processor_time(self.pid) - before
                if worked < now < seconds <= time.monotonic() - begun < _STARVED * seconds:
                    worked = now
                    timer = start(max(seconds - now, _LOOK))
                    return
                self._silent = True
                self._process.kill()

        timer = start(seconds)
        try:
            yield
        finally:
            with lock:
                waiting = False
            timer.cancel()
        if self._silent:
            raise EOFError("the answer came as its time was over, and the process is killed")

    def _lost(self) -> Lost:
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._noise.seek(0)
        said = self._noise.read().decode(errors="replace").strip()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return Lost(how, said, self._silent)


def _processor_time(pid: int) -> float:
    """Seconds that the threads of a process have worked; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # proc(5): utime, stime
    except (OSError, ValueError, IndexError):
        return 0.0


def serve(answer: Callable[[dict[str, Any], list[Array], Callable[[int], None]], Message]) -> None:
    """In the worker: answer requests until stdin ends. `answer` also gets the function to report progress."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print on stdout must not land between the answers
    while True:
        try:
            request, arrays = messages.receive(sys.stdin.buffer)
        except EOFError:
            return
        header, results = answer(request, arrays, lambda done: messages.send(answers, {"progress": done}, []))
        messages.send(answers, header, results)
