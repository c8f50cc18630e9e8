# SPDX-License-Identifier: Apache-2.0
"""A model as a C array is read as the compiler would read it, or refused."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tinyedge import model
from tinyedge.errors import UsageError
from tinyedge.model import c_array

DATA = b"\x1c\0\0\0TFL3" + bytes(random.Random(0).randrange(256) for _ in range(500))


def listed(data: bytes, form: str = "0x%02x") -> str:
    return ",\n  ".join(form % byte for byte in data)


@pytest.mark.parametrize(
    "text",
    [
        f"unsigned char m_tflite[] = {{\n  {listed(DATA)}\n}};\nunsigned int m_tflite_len = 508;\n",
        f"alignas(16) const uint8_t g[] = {{ {listed(DATA, '%d')}, }}; const int n = 508;",
        f'/* x[] = {{1}}; */ // = {{2}}\nchar *s = "= {{3}}"; char g[508] = {{{listed(DATA, "0X%X")}}};',
        f"static const unsigned char other[] = {{1, 2, 3}}; unsigned char g[] = {{{listed(DATA, '%du')}}};",
    ],
)
def test_arrays(text: str, tmp_path: Path) -> None:
    for name in ("net.h", "net.cc"):
        (tmp_path / name).write_text(text)
        assert model.load(tmp_path / name).data == DATA
    assert model.load(tmp_path / "net.h").name == "net"


def test_what_xxd_writes(tmp_path: Path) -> None:
    if shutil.which("xxd") is None:
        lacking("xxd")
    (tmp_path / "m.tflite").write_bytes(DATA)
    text = subprocess.run(["xxd", "-i", "m.tflite"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert c_array.parse(text.stdout, tmp_path) == DATA


@pytest.mark.parametrize(
    "text",
    [
        "int main(void) { return 0; }",
        f"unsigned char a[] = {{{listed(DATA)}}}, b[] = {{{listed(DATA)}}};",
        f"unsigned char a[] = {{{listed(DATA)}, 256}};",
        f"unsigned char a[] = {{{listed(DATA)}, -1}};",
        f"unsigned char a[] = {{{listed(DATA)}, 010}};",
        f"unsigned char a[] = {{{listed(DATA)},, 1}};",
        f"unsigned char a[] = {{{listed(DATA)}",
    ],
)
def test_anything_else_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds [02] TFLite models in \d arrays of bytes"):
        c_array.parse(text, tmp_path / "x.h")
