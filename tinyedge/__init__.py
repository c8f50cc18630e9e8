# SPDX-License-Identifier: Apache-2.0
"""Ahead-of-time compiler and bench for machine learning on microcontrollers.

The verbs of the command line, and the values that they take and give:

    import tinyedge

    report = tinyedge.test("model.tflite", "mps3-an547", "recording.npz", budget=tinyedge.Budget(flash=65536))
    print(report.verdict, report.bit_exact.frames, report.latency.p99, report.latency.unit)

    tinyedge.compile("model.tflite", "esp32c3", "build/esp32c3", tinyedge.Options(optimize="size"))
    tinyedge.deploy("build/esp32c3", "/dev/ttyUSB0")
    with tinyedge.connect("build/esp32c3", "/dev/ttyUSB0") as device:
        print(device.hello, device.memory())

What is not our bug is a TinyedgeError: one sentence, and `hint`, the next step. Everything is imported when
it is first used. `build`, `plan` and `flash` are modules of this package, so these verbs are called
`compile`, `check` and `deploy`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyedge.bench.features import of_project as features
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
    from tinyedge.judge.record import Record
    from tinyedge.judge.record import read as read_report
    from tinyedge.judge.report import Report
    from tinyedge.line.device import Device
    from tinyedge.model import Model
    from tinyedge.options import Options
    from tinyedge.pipeline import build as compile
    from tinyedge.pipeline import check, connect, load, quantize
    from tinyedge.pipeline import flash as deploy
    from tinyedge.project import Budget, Calibration, Replay

__version__ = "0.1.0"
# Where each name comes from, as type checkers are told above: module below tinyedge, and its name there.
_WHERE = {
    "Board": ("board", "Board"),
    "Budget": ("project", "Budget"),
    "Build": ("build", "Build"),
    "Calibration": ("project", "Calibration"),
    "CheckFailed": ("errors", "CheckFailed"),
    "Device": ("line.device", "Device"),
    "DeviceError": ("errors", "DeviceError"),
    "DoesNotFit": ("errors", "DoesNotFit"),
    "Draft": ("build", "Draft"),
    "InvalidMeasurement": ("errors", "InvalidMeasurement"),
    "Model": ("model", "Model"),
    "Options": ("options", "Options"),
    "Record": ("judge.record", "Record"),
    "Replay": ("project", "Replay"),
    "Report": ("judge.report", "Report"),
    "TinyedgeError": ("errors", "TinyedgeError"),
    "ToolMissing": ("errors", "ToolMissing"),
    "Unsupported": ("errors", "Unsupported"),
    "UsageError": ("errors", "UsageError"),
    "boards": ("board", "names"),
    "check": ("pipeline", "check"),
    "compile": ("pipeline", "build"),
    "connect": ("pipeline", "connect"),
    "deploy": ("pipeline", "flash"),
    "features": ("bench.features", "of_project"),
    "load": ("pipeline", "load"),
    "quantize": ("pipeline", "quantize"),
    "read_report": ("judge.record", "read"),
    "test": ("bench.trial", "test"),
}
__all__ = [
    "Board",
    "Budget",
    "Build",
    "Calibration",
    "CheckFailed",
    "Device",
    "DeviceError",
    "DoesNotFit",
    "Draft",
    "InvalidMeasurement",
    "Model",
    "Options",
    "Record",
    "Replay",
    "Report",
    "TinyedgeError",
    "ToolMissing",
    "Unsupported",
    "UsageError",
    "boards",
    "check",
    "compile",
    "connect",
    "deploy",
    "features",
    "load",
    "quantize",
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
