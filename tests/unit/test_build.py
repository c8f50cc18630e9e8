# SPDX-License-Identifier: Apache-2.0
"""build.json is read back as it was written; anything else is refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import fake_device
from tinyedge import build
from tinyedge.build import Build, Slot
from tinyedge.errors import UsageError


def test_no_build_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no build in"):
        Build.read(tmp_path)


@pytest.mark.parametrize("version", [None, 0, build.VERSION + 1, "1"])
def test_another_version_is_named(version: Any, tmp_path: Path) -> None:
    facts = build.document(fake_device.build())
    if version is None:
        del facts["version"]  # as tinyedge wrote it before it counted versions
    else:
        facts["version"] = version
    (tmp_path / build.FILE).write_text(json.dumps(facts))
    with pytest.raises(UsageError, match=f"of version {version!r}, .* reads {build.VERSION}") as error:
        Build.read(tmp_path)
    assert "`tinyedge build`" in error.value.hint


DAMAGES: list[tuple[str, Any, str]] = [
    ("macs", "8", "macs"),
    ("macs", -8, "macs"),
    ("rounding", "TFLM", "rounding"),
    ("extra", 1, "extra"),
    ("board", None, "board"),
    ("image", {"elf": "../firmware.elf", "files": [], "build_id": ""}, "image.elf"),
    ("image", {"elf": "firmware.elf", "files": ["/etc/passwd"], "build_id": ""}, "image.files.0"),
]


@pytest.mark.parametrize(("key", "value", "place"), DAMAGES)
def test_damage_is_placed(key: str, value: Any, place: str, tmp_path: Path) -> None:
    facts = build.document(fake_device.build())
    (tmp_path / build.FILE).write_text(json.dumps({**facts, key: value}))
    with pytest.raises(UsageError, match=rf"build\.json is damaged: '{place}'") as error:
        Build.read(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("key", build.document(fake_device.build()))
def test_every_key_is_needed(key: str, tmp_path: Path) -> None:
    facts = build.document(fake_device.build())
    del facts[key]
    (tmp_path / build.FILE).write_text(json.dumps(facts))
    with pytest.raises(UsageError, match="version None" if key == "version" else f"damaged: '{key}'"):
        Build.read(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b'{"version": NaN}', b"[" * 10**6])
def test_what_is_no_object_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / build.FILE).write_bytes(data)
    with pytest.raises(UsageError, match=r"build\.json (is damaged|has the form)"):
        Build.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"), [({"bytes": 3}, "takes 4 bytes, not 3"), ({"dtype": "int9"}, "no dtype")]
)
def test_a_tensor_takes_what_its_shape_says(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    facts = build.document(fake_device.build())
    facts["inputs"][0].update(change)
    (tmp_path / build.FILE).write_text(json.dumps(facts))
    with pytest.raises(UsageError, match=says):
        Build.read(tmp_path)


def test_a_slot_without_quantisation_has_a_spec_without() -> None:
    plain = Slot("n", None, (1, 2), "int32", (), (), 0, 8)
    assert (plain.spec.scale, plain.spec.zero_point, plain.spec.frame) == (None, None, (2,))
