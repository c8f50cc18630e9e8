# SPDX-License-Identifier: Apache-2.0
"""Ahead-of-time compiler and bench for machine learning on microcontrollers.

The verbs of the command line, and the values that they take and give; in a folder of `tinyedge init`:

    from pathlib import Path

    import tinyedge

    model = tinyedge.load("vibration.tflite")
    draft = tinyedge.check(model, "esp32c3")  # what it costs there; nothing is compiled
    print(len(draft.layers), draft.macs, draft.inputs[0].shape)

    recorded = tinyedge.Replay(file=Path("recording.csv"), window=32)
    budget = tinyedge.Budget(flash=65536, accuracy_min=0.9)
    report = tinyedge.test(model, "host", recorded, "build/host", budget=budget)
    print(report.verdict, report.bit_exact.frames, report.latency.p99, report.latency.unit)

    build = tinyedge.compile(model, "host", "build/small", tinyedge.Options(optimize="size"))
    with tinyedge.connect("build/small") as device:  # a board: connect(folder, "/dev/ttyUSB0")
        ticks = device.run()
        print(device.hello.build_id == build.image.build_id, ticks, build.outputs[0].read(device).shape)

`deploy(folder, port)` puts a build onto a board that is plugged in, and verifies it.
What is not our bug is a TinyedgeError: one sentence, and `hint`, the next step. Everything is imported when
it is first used. `build`, `plan` and `flash` are modules of this package, so these verbs are called
`compile`, `check` and `deploy`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyedge.bench.features import of_project as features
    from tinyedge.bench.profile import profile
    from tinyedge.bench.trial import test
    from tinyedge.board import Board
    from tinyedge.board import names as boards
    from tinyedge.build import Build, Draft
    from tinyedge.errors import (
        CheckFailed,
        DeviceError,
        DoesNotFit,
        InvalidMeasurement,
        TinyedgeError,
        ToolMissing,
        Unsupported,
        UsageError,
    )
    from tinyedge.judge.comparison import Comparison, Policy, compare
    from tinyedge.judge.profile import Profile
    from tinyedge.judge.record import Record
    from tinyedge.judge.record import read as read_report
    from tinyedge.judge.report import Report
    from tinyedge.line.device import Device
    from tinyedge.model import Model
    from tinyedge.options import Options
    from tinyedge.pipeline import build as compile
    from tinyedge.pipeline import check, connect, load, quantize
    from tinyedge.pipeline import flash as deploy
    from tinyedge.project import Budget, Calibration, Columns, Input, Project, Replay, Task
    from tinyedge.project import load as read_project

__version__ = "0.1.0"
# Where each name comes from, as type checkers are told above: module below tinyedge, and its name there.
_WHERE = {
    "Board": ("board", "Board"),
    "Budget": ("project", "Budget"),
    "Build": ("build", "Build"),
    "Calibration": ("project", "Calibration"),
    "CheckFailed": ("errors", "CheckFailed"),
    "Columns": ("project", "Columns"),
    "Comparison": ("judge.comparison", "Comparison"),
    "Device": ("line.device", "Device"),
    "DeviceError": ("errors", "DeviceError"),
    "DoesNotFit": ("errors", "DoesNotFit"),
    "Draft": ("build", "Draft"),
    "Input": ("project", "Input"),
    "InvalidMeasurement": ("errors", "InvalidMeasurement"),
    "Model": ("model", "Model"),
    "Options": ("options", "Options"),
    "Policy": ("judge.comparison", "Policy"),
    "Profile": ("judge.profile", "Profile"),
    "Project": ("project", "Project"),
    "Record": ("judge.record", "Record"),
    "Replay": ("project", "Replay"),
    "Report": ("judge.report", "Report"),
    "Task": ("project", "Task"),
    "TinyedgeError": ("errors", "TinyedgeError"),
    "ToolMissing": ("errors", "ToolMissing"),
    "Unsupported": ("errors", "Unsupported"),
    "UsageError": ("errors", "UsageError"),
    "boards": ("board", "names"),
    "check": ("pipeline", "check"),
    "compare": ("judge.comparison", "compare"),
    "compile": ("pipeline", "build"),
    "connect": ("pipeline", "connect"),
    "deploy": ("pipeline", "flash"),
    "features": ("bench.features", "of_project"),
    "load": ("pipeline", "load"),
    "profile": ("bench.profile", "profile"),
    "quantize": ("pipeline", "quantize"),
    "read_project": ("project", "load"),
    "read_report": ("judge.record", "read"),
    "test": ("bench.trial", "test"),
}
__all__ = [
    "Board",
    "Budget",
    "Build",
    "Calibration",
    "CheckFailed",
    "Columns",
    "Comparison",
    "Device",
    "DeviceError",
    "DoesNotFit",
    "Draft",
    "Input",
    "InvalidMeasurement",
    "Model",
    "Options",
    "Policy",
    "Profile",
    "Project",
    "Record",
    "Replay",
    "Report",
    "Task",
    "TinyedgeError",
    "ToolMissing",
    "Unsupported",
    "UsageError",
    "boards",
    "check",
    "compare",
    "compile",
    "connect",
    "deploy",
    "features",
    "load",
    "profile",
    "quantize",
    "read_project",
    "read_report",
    "test",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _WHERE[name]
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), there)
    return found


def __dir__() -> list[str]:
    return __all__
