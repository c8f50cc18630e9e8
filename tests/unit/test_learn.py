# SPDX-License-Identifier: Apache-2.0
"""What was learnt before is read from the user's cache, and believed where it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge.bench import learn
from tinyedge.project import Stage

WHOLE = b'{"said": ["level of threshold"], "stages": [{"block": "threshold", "level": 0.5}]}'


def test_what_is_whole_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    assert learn._known(file) is None
    file.write_bytes(WHOLE)
    stage = Stage.model_validate({"block": "threshold", "level": 0.5})
    assert learn._known(file) == (["level of threshold"], (stage,))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\0" * len(WHOLE),
        WHOLE[:-9],
        b"[]",
        b"[" * 100_000,
        b"{}",
        WHOLE.replace(b"0.5", b"NaN"),
        WHOLE.replace(b'"level":', b'"lovel":'),
        WHOLE.replace(b"threshold", b"hook"),
        WHOLE.replace(b"threshold", b"../../x"),
        WHOLE.replace(b'"block"', b'"blocks"'),
        WHOLE.replace(b'{"block"', b'7, {"block"'),
    ],
)
def test_what_is_damaged_is_learnt_again(damaged: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(damaged)
    assert learn._known(tmp_path / "a.json") is None
