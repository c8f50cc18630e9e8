# SPDX-License-Identifier: Apache-2.0
"""A board at another machine: behind ser2net, and behind labgrid's coordinator and exporter, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import absent, lacking
from tests.roms import line
from tests.roms.firmware import BUILD, Firmware
from tinyedge import board as boards
from tinyedge import transport
from tinyedge.errors import DeviceError
from tinyedge.line.device import connect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal on Windows")

HOLD = """
import sys
from tinyedge import board
from tinyedge.bench import places
print(places.resolve("labgrid://c3", board.load("host")), flush=True)
sys.stdin.read()
"""


def _ser2net() -> str:
    found = shutil.which("ser2net", path=f"{os.environ['PATH']}:/usr/sbin")
    return found or lacking("ser2net is missing: apt-get install ser2net")


@contextmanager
def _running(*command: str | Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_ser2net_wants_ign_set_control_and_is_told_so() -> None:
    port = _free_port()
    with line.pty(Firmware()) as device:
        settings = (
            f"connection: &c#  accepter: telnet(rfc2217,mode=server),tcp,127.0.0.1,{port}",
            f"  connector: serialdev(nouucplock=true),{device},115200n81,local",
            "  options:",
            "    max-connections: 4",
        )
        with _running(_ser2net(), "-d", "-n", *(part for each in settings for part in ("-Y", each))):
            _listens(port)
            url = f"rfc2217://127.0.0.1:{port}"
            with connect(transport.open(f"{url}?ign_set_control"), BUILD, timeout=10) as opened:
                assert opened.hello.build_id == BUILD.image.build_id
            with pytest.raises(DeviceError, match="'control'") as caught:
                transport.open(url)
            assert f"-p '{url}?ign_set_control'" in caught.value.hint


def test_a_place_of_labgrid_is_acquired_used_and_released(tmp_path: Path) -> None:
    where = os.environ.get("TINYEDGE_LABGRID_CLIENT") or shutil.which("labgrid-client")
    if where is None:
        absent("labgrid is not here: it needs an environment of its own; TINYEDGE_LABGRID_CLIENT names it")
    _ser2net()  # which its exporter runs
    client, port = Path(where), _free_port()
    environment = {
        **os.environ,
        "LG_COORDINATOR": f"127.0.0.1:{port}",
        "TINYEDGE_LABGRID_CLIENT": str(client),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }

    def asked(*arguments: str) -> str:
        command = (str(client), *arguments)
        found: str = subprocess.check_output(command, env=environment, text=True, timeout=60)
        return found

    with ExitStack() as running:
        device = running.enter_context(line.pty(Firmware()))
        settings = tmp_path / "exporter.yaml"
        settings.write_text(f"desk:\n  RawSerialPort:\n    port: {device}\n    speed: 115200\n")
        own = {"cwd": tmp_path, "env": environment}
        running.enter_context(
            _running(client.with_name("labgrid-coordinator"), "-l", f"127.0.0.1:{port}", **own)
        )
        _listens(port)
        exporter = ("--hostname", "127.0.0.1", "--name", "rack", settings)
        running.enter_context(_running(client.with_name("labgrid-exporter"), *exporter, **own))
        deadline = time.monotonic() + 20
        while "desk" not in asked("resources"):
            assert time.monotonic() < deadline
        asked("-p", "c3", "create")
        asked("-p", "c3", "add-match", "*/desk/*")
        command = [sys.executable, "-c", HOLD]
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdin is not None and holder.stdout is not None
            url = holder.stdout.readline().strip()
            assert url.startswith("rfc2217://127.0.0.1:")
            with connect(
                transport.open(url, baud=boards.load("host").link.baud), BUILD, timeout=10
            ) as opened:
                assert opened.hello.build_id == BUILD.image.build_id
            assert "c3" in asked("who")
            second = subprocess.run(
                command, env=environment, input="", capture_output=True, text=True, timeout=60, check=False
            )
            assert "does not acquire the place c3" in second.stderr and "already acquired" in second.stderr
            holder.stdin.close()
            assert holder.wait(60) == 0
        assert "c3" not in asked("who")
