# SPDX-License-Identifier: Apache-2.0
"""te_samples.h in C and in C++: what it sends is read as what was measured, lost rows as gaps."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import lacking
from tinyedge import paths
from tinyedge.line.samples import Sent

HEADER = paths.firmware() / "samples" / "te_samples.h"
MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "te_samples.h"
static void put(const uint8_t *bytes, uint32_t size) { fwrite(bytes, 1, size, stdout); }
int main(int count, char **given) {
    static int16_t rows[1 << 16];
    struct te_samples to = {put, 0, 0, 0};
    to.channels = (uint16_t)atoi(given[1]);
    to.row = (uint32_t)strtoul(given[2], NULL, 10);
    for (int at = 3; at < count; at++) {
        const uint32_t now = (uint32_t)atoi(given[at]);
        if (fread(rows, 2u * to.channels, now, stdin) == now) {
            te_samples_send(&to, rows, now);
        }
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder, made = tmp_path_factory.mktemp("samples"), []
    for compiler, language in (("gcc", "c"), ("g++", "cpp")):
        if shutil.which(compiler) is None:
            lacking(f"{compiler} is missing: apt-get install {compiler}")
        (folder / f"main.{language}").write_text(MAIN)
        options = ["-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        out = folder / language
        command = [compiler, *options, f"-I{HEADER.parent}", f"{folder}/main.{language}", "-o", str(out)]
        subprocess.run(command, check=True, timeout=60)
        made.append(out)
    return tuple(made)


@pytest.mark.parametrize("kind", ["noise", "zeros", "no zero byte"])
@pytest.mark.parametrize(("channels", "blocks"), [(1, (160, 1, 508, 509)), (6, (10, 85, 300)), (508, (3,))])
def test_what_is_sent_is_what_was_measured(
    programs: tuple[Path, ...], kind: str, channels: int, blocks: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(-32768, 32768, (sum(blocks), channels)).astype("<i2")
    rows = {"noise": rows, "zeros": np.zeros_like(rows), "no zero byte": rows | 0x0101}[kind]
    given = [str(channels), "0", *map(str, blocks)]
    wires = {
        subprocess.run([program, *given], input=rows.tobytes(), capture_output=True, check=True).stdout
        for program in programs
    }
    (wire,) = wires
    for size in (1, 97, len(wire)):
        sent = Sent()
        found = [row for at in range(0, len(wire), size) for row in sent.feed(wire[at : at + size])]
        assert [number for number, _ in found] == list(range(len(rows)))
        np.testing.assert_array_equal([values for _, values in found], rows)
        assert (sent.channels, sent.lost, sent.restarts) == (channels, 0, 0)


def test_lost_frames_and_restarts_leave_gaps(programs: tuple[Path, ...]) -> None:
    """From within a frame on; the third one damaged; the firmware restarted; numbers that begin anew."""
    rows = np.arange(1, 81, dtype="<i2")

    def wire(start: int, *blocks: int) -> list[bytes]:
        given = ["1", str(start), *map(str, blocks)]
        data = rows[: sum(blocks)].tobytes()
        sent = subprocess.run([programs[0], *given], input=data, capture_output=True, check=True)
        return [b"\0" + frame + b"\0" for frame in sent.stdout.split(b"\0") if frame]

    first = wire(2**32 - 30, 10, 10, 10, 10, 10)
    first[0] = first[0][9:]
    first[2] = first[2][:12] + b"\x7f" + first[2][13:]
    sent = Sent()
    found = sent.feed(b"boot: 1,2,3\r\n" + b"".join(first))
    assert [number for number, _ in found] == [*range(10), *range(20, 40)]
    assert [value for _, (value,) in found] == [*range(11, 21), *range(31, 51)]
    assert (sent.lost, sent.restarts) == (10, 0)
    again = sent.feed(b"".join(wire(0, 5)))
    assert [number for number, _ in again] == list(range(41, 46)) and sent.restarts == 1
