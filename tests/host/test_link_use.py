# SPDX-License-Identifier: Apache-2.0
"""A replay is as fast as the line: at 115,200 bit/s at least 90 % of it is bytes on the wire, and of inputs.

`python -m tests.host.test_link_use MODEL...` prints the figures of other models.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import relay, zoo
from tinyedge import pipeline
from tinyedge.bench.samples import noise
from tinyedge.build import Build
from tinyedge.judge import harness

RATE = 11_520.0  # bytes/s each way, of a UART at 115,200 bit/s
LEAST = 0.9
ATTEMPTS = (
    8  # a machine that is busy with other things wakes us too late; a line that idles does so each time
)


@dataclass(frozen=True)
class Use:
    """busy: share of the time in which bytes were on the line; useful: of inputs and outputs in these."""

    busy: float
    useful: float


def measure(folder: Path, build: Build, tcp: bool, frames: int) -> Use:
    """Replay random frames on the firmware in `folder`, behind a line of RATE."""
    samples = noise([slot.spec for slot in build.inputs], frames)
    with (
        relay.attached(folder / build.image.elf, RATE, tcp) as line,
        pipeline.connect(folder, line.url, build=build) as device,
    ):
        before, start = line.to.carried + line.back.carried, time.monotonic()
        ran = harness.run(device, build.inputs, build.outputs, samples.stored(), lambda steps: None)
        taken = time.monotonic() - start
        wire = line.to.carried + line.back.carried - before
    assert len(ran.ticks) == frames and ran.stopped is None
    bytes_of_frames = frames * sum(slot.bytes for slot in (*build.inputs, *build.outputs))
    return Use(wire / RATE / taken, bytes_of_frames / wire)


@pytest.mark.parametrize("tcp", [False, True], ids=["uart", "tcp"])
def test_the_line_is_used(tcp: bool, tmp_path: Path) -> None:
    build = pipeline.build(zoo.OURS / "tiny_cnn.tflite", "host", tmp_path)
    used = []
    for _ in range(ATTEMPTS):
        used.append(measure(tmp_path, build, tcp, 6))
        if used[-1].busy >= LEAST:
            break
    assert max(use.busy for use in used) >= LEAST, used
    assert used[-1].useful >= LEAST, used


def main(files: list[str]) -> None:
    """A row of a Markdown table for each model."""
    print(
        "| model | bytes of a frame, in and out | UART: busy, useful | TCP: busy, useful |\n|---|--:|--:|--:|"
    )
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            build = pipeline.build(file, "host", folder)
            size = sum(slot.bytes for slot in (*build.inputs, *build.outputs))
            best = []
            for tcp in (False, True):
                uses = [measure(Path(folder), build, tcp, max(3, int(RATE / size))) for _ in range(5)]
                best.append(max(uses, key=lambda use: use.busy))
            cells = " | ".join(f"{use.busy:.1%}, {use.useful:.1%}" for use in best)
            print(f"| {build.model.name} | {size} | {cells} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
