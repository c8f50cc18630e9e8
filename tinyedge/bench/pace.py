# SPDX-License-Identifier: Apache-2.0
"""Takes the time from one frame to the next, holds a replay to it: as fast as the sensor, and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable

from tinyedge.errors import UsageError
from tinyedge.judge.harness import Progress
from tinyedge.recording import Recording


class Pace:
    """The first frame is run when it is there; each other is due a period after the one before it.

    late: frames that were due more than a period before their turn came: board or link are too slow.
    """

    def __init__(
        self,
        period_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.late = 0
        self._period, self._clock, self._sleep = period_s, clock, sleep
        self._due: float | None = None

    def follow(self, progress: Progress) -> Progress:
        """`progress`, which then waits until the next frame is due."""

        def paced(steps: int) -> None:
            progress(steps)
            now = self._clock()
            self._due = (now if self._due is None else self._due) + steps * self._period
            if now < self._due:
                self._sleep(self._due - now)
            elif now > self._due + self._period:
                self.late += 1

        return paced


def of(samples: Recording) -> Pace:
    """The recording's own pace; UsageError where it is not known."""
    if samples.period_us is None:
        raise UsageError(
            f"{samples.path} does not say how fast it was recorded, so it cannot be replayed so",
            "record times, or give `period_us` under [replay]",
        )
    return Pace(samples.period_us / 1e6)
