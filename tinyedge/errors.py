# SPDX-License-Identifier: Apache-2.0
"""Takes what went wrong outside our code, gives one sentence, a next step and an exit code."""

from __future__ import annotations

from collections.abc import Sequence


class TinyedgeError(Exception):
    """Something that is not a defect of tinyedge: told to the user in one sentence, without a traceback.

    `message` holds the value that is wrong, `hint` the next thing to do ("" when the message says it).
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class CheckFailed(TinyedgeError):
    """A test, a comparison or a budget failed."""

    exit_code = 1


class UsageError(TinyedgeError):
    """Wrong usage or bad input."""

    exit_code = 2


class DoesNotFit(UsageError):
    """The image is `over` bytes too large for a `region` of the board's memory of `length` bytes."""

    def __init__(self, board: str, region: str, length: int, over: int) -> None:
        super().__init__(
            f"the image does not fit {board}: {region} ({length:,} bytes) overflows by {over:,} bytes"
        )
        self.region, self.length, self.over = region, length, over


class Unsupported(UsageError):
    """The input is well formed and asks for something that tinyedge does not do.

    problems: where it is several things, each of them.
    """

    def __init__(self, message: str, hint: str = "", problems: Sequence[Unsupported] = ()) -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


MOST_TOLD = 20
"""Problems that one message lists."""


def together(what: str, problems: Sequence[Unsupported]) -> Unsupported:
    """All problems as one: `what` begins the sentence, the hint is what helps against each."""
    more = f"; and {len(problems) - MOST_TOLD} more" if len(problems) > MOST_TOLD else ""
    told = "; ".join(dict.fromkeys(str(problem) for problem in problems[:MOST_TOLD]))
    hints = dict.fromkeys(problem.hint for problem in problems[:MOST_TOLD])
    return Unsupported(f"{what}: {told}{more}", "; ".join(hints), problems)


class InvalidMeasurement(TinyedgeError):
    """The run ended, and its figures may not be trusted."""

    exit_code = 3


class DeviceError(TinyedgeError):
    """The device or the line to it failed."""

    exit_code = 4


class ToolMissing(TinyedgeError):
    """A compiler, an emulator or a package is not installed; `hint` is the command that installs it."""

    exit_code = 5
