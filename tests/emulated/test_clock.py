# SPDX-License-Identifier: Apache-2.0
"""A board's own clock by the host's: QEMU without -icount runs SysTick at the pace of this machine's time."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from tests import trials
from tinyedge import board as boards
from tinyedge.bench import trial
from tinyedge.judge import record
from tinyedge.project import Budget
from tinyedge.recording import metrics

BOARD = "netduinoplus2"


def test_the_clock_of_a_board_at_a_port_is_measured(tmp_path: Path) -> None:
    prepared = trials.prepare(BOARD, tmp_path)
    board = boards.load(BOARD)
    assert board.emulator is not None
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    # The same machine as in the board file, as a program that somebody else has started.
    words = {"{elf}": str(tmp_path / "firmware.elf"), "{serial}": f"tcp:127.0.0.1:{port},server=on,wait=off"}
    command = [words.get(word, word) for word in board.emulator.command]
    at = command.index("-icount")
    with subprocess.Popen(command[:at] + command[at + 2 :]) as qemu:
        try:
            wait_for(port)
            report = trial.run(
                prepared.model,
                board,
                prepared.build,
                tmp_path,
                prepared.recording,
                metrics.choose(1, 1, labelled=False),
                Budget(),
                port=f"socket://127.0.0.1:{port}",
            )
        finally:
            qemu.kill()
    latency = report.latency
    assert report.verdict == "pass" and latency.unit == "cycles"
    assert latency.clock_hz_measured is not None and latency.clock_hz_uncertainty is not None
    assert latency.clock_hz == 168_000_000
    assert abs(latency.clock_hz_measured - 168e6) <= latency.clock_hz_uncertainty
    assert not latency.clock_differs
    assert record.of(report).latency.clock_hz_measured == latency.clock_hz_measured


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "QEMU did not open its serial port"
            time.sleep(0.1)
        else:
            return
