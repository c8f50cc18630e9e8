# SPDX-License-Identifier: Apache-2.0
"""Takes an integer model and a recording, says what speed costs on a board: tests both builds in Python.

tinyedge init demo && cd demo
python ../examples/size_and_speed.py vibration.tflite recording.csv 32 host
"""

from __future__ import annotations

import sys
from pathlib import Path

import tinyedge
from tinyedge import Options


def main(model: str, recording: str, window: str, board: str) -> int:
    """Print one line a build; 0 when both are bit-exact. window: rows of the recording in one input."""
    replay = tinyedge.Replay(file=Path(recording), window=int(window))
    draft = tinyedge.check(model, board)
    print(f"{draft.model.name}: {len(draft.layers)} layers, {draft.macs:,} multiply-accumulates")
    worst = 0
    for options in (Options(optimize="speed"), Options(optimize="size")):
        folder = Path("build") / f"{board}-{options.optimize}"
        report = tinyedge.test(model, board, replay, folder, options=options, frames=32)
        flash, latency = report.build.flash, report.latency
        print(
            f"{options.optimize}: {report.bit_exact.frames} of {report.replay.frames} frames bit-exact,"
            f" {latency.p50:,.0f} {latency.unit}, {flash.total:,} bytes of flash: {report.verdict}"
        )
        worst = max(worst, report.exit_code)
    # The firmware can also be talked to.
    with tinyedge.connect(folder, board=board) as device:
        device.run()
        output = report.build.outputs[0].read(device)
        print(f"{device.hello.board} runs build {device.hello.build_id}: {output.size} outputs")
    return worst


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except tinyedge.TinyedgeError as error:
        sys.exit(f"{error}; {error.hint}")
