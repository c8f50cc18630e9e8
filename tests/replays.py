# SPDX-License-Identifier: Apache-2.0
"""Takes what went wrong in it, gives a Replay of four frames, and the Report that is made of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests import fake_device
from tinyedge.build import Spec
from tinyedge.errors import DeviceError
from tinyedge.judge import report
from tinyedge.judge.expected import Expected
from tinyedge.judge.harness import Replay
from tinyedge.judge.locate import Difference
from tinyedge.judge.report import Report
from tinyedge.process.messages import Array
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

FRAMES = 4
SPEC = Spec("x", (1, 4), "int8", 0.5, 0)


def replayed(wrong: int = 0, judged: bool = True, labels: Any = (0, 0, 0, 1), frames: int = FRAMES) -> Replay:
    """Four frames of a model that should repeat its input; the last, an anomaly, comes back as zeros.

    wrong: elements of frame 1 that differ. judged: whether there is a reference. frames: after fewer than all
    the port was gone.
    """
    x = np.arange(16, dtype=np.int8).reshape(4, 4)
    right = x.reshape(4, 1, 4).copy()
    right[3] = 0
    outputs = right.copy()
    outputs[1, 0, :wrong] += 1
    first = Difference(1, 0, "conv_2d", "<first>", wrong, 4, (0, 0), 5, 4) if wrong and judged else None
    expected = Expected(
        (right,), (right,) if judged else None, "the test", "" if judged else "no one knows", {}
    ).first(frames)
    return Replay(
        recording=Recording(Path("a&b.npz"), (SPEC,), (x,), None if labels is None else np.array(labels)),
        specs=(SPEC,),
        outputs=(outputs[:frames],),
        expected=expected,
        first_difference=first,
        ticks=np.array([32, 64, 96, 128], np.uint64)[:frames],
        ticks_hz=32_000_000,
        tick_unit="instructions",
        stack_size=4096,
        stack_high_water=272,
        stopped=DeviceError("the port is gone") if frames < FRAMES else None,
    )


def judged(
    replay: Replay, float_outputs: list[Array] | None = None, period_us: float | None = None, **limits: Any
) -> Report:
    """The replay judged as of the fake device's build, by its AUC and these limits."""
    budget, board = Budget(**limits), fake_device.board()
    metric = Metric("auc", "mse")
    return report.judge(
        replay, fake_device.build(), board, budget, metric, float_outputs, period_us, emulated=True
    )
