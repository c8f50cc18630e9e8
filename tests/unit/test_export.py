# SPDX-License-Identifier: Apache-2.0
"""What an export is made of: names, includes, the folder that it may write; no compiler needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinyedge import export, paths
from tinyedge.commands.export import command
from tinyedge.errors import CheckFailed, TinyedgeError, UsageError
from tinyedge.export import _folder, _sources
from tinyedge.export._about import About

FACTS = {"format": "cmake"}


def write(folder: Path, files: dict[str, str], force: bool = False) -> None:
    _folder.write(folder, {path: text.encode() for path, text in files.items()}, FACTS, force)


def held(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in folder.rglob("*")
        if file.is_file() and file.name != _folder.RECORD
    }


def test_formats_are_files_and_an_unknown_one_is_refused_by_listing_them() -> None:
    assert export.formats() == [
        "arduino",
        "cmake",
        "esp-idf",
        "micropython",
        "platformio",
        "single",
        "zephyr",
    ]
    for name in export.formats():
        assert export.find(name).DESCRIPTION
    with pytest.raises(UsageError, match="no export format 'rust' yet") as error:
        export.find("rust")
    assert error.value.hint == f"formats: {', '.join(export.formats())}"


def test_the_help_lists_the_formats() -> None:
    (option,) = [option for option in command.params if option.name == "kind"]
    assert all(name in str(option.to_info_dict()["help"]) for name in export.formats())


def test_includes_become_relative_but_for_the_public_header() -> None:
    files = {
        "te_x.h": b"/* h */\n",
        "te_x.c": b'#include "te_x.h"\n#include "kernels/a/k.c"\n#include "te_x_data.h"\n',
        "te_x_data.h": b"int data;\n",
        "kernels/a/k.c": b'#include "kernels/k.h"\n#include "body.h"\n#include <stdint.h>\n',
        "kernels/a/body.h": b"body\n",
        "kernels/k.h": b"#ifndef K\n#define K\n#endif\n",
    }
    assert _sources.relate(files, "te_x.h") == {
        "te_x.h": "/* h */\n",
        "te_x.c": '#include "te_x.h"\n#include "kernels/a/k.c"\n#include "te_x_data.h"\n',
        "te_x_data.h": "int data;\n",
        "kernels/a/k.c": '#include "../k.h"\n#include "body.h"\n#include <stdint.h>\n',
        "kernels/a/body.h": "body\n",
        "kernels/k.h": "#ifndef K\n#define K\n#endif\n",
    }


def test_an_amalgamation_takes_guarded_headers_once_and_bodies_every_time() -> None:
    files = {
        "x.c": '#include "x.h"\n#include "a.c"\n#include "b.c"\n',
        "a.c": '#define N 1\n#include "k/k.h"\n#include "k/body.h"\n',
        "b.c": '#define N 2\n#include "k/k.h"\n#include "k/body.h"\n',
        "k/k.h": "#ifndef K\n#define K\nint once;\n#endif\n",
        "k/body.h": '#include "k.h"\nint each_time;\n',
    }
    text = _sources.amalgamate(files, "x.c", "x.h")
    assert text.startswith('#include "x.h"\n')
    assert text.count("#include") == 1
    assert text.count("int once;") == 1
    assert text.count("int each_time;") == 2
    assert text.index("#define N 1") < text.index("int each_time;") < text.index("#define N 2")


@pytest.mark.parametrize(
    "about",
    [
        {"version": "1.0"},
        {"version": "01.0.0"},
        {"version": "1.0.0\n"},
        {"author": "a\nurl=x"},
        {"author": "a, b"},
        {"url": "x"},
        {"url": "http://x\n"},
    ],
)
def test_what_a_manifest_cannot_hold_is_refused(about: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        About(**about)


def test_a_new_folder_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a" / "b", {"x": "1", "sub/y": "2"})
    assert held(tmp_path / "a" / "b") == {"x": "1", "sub/y": "2"}

    def interrupted(path: Path, data: bytes | str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(paths, "write_atomic", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "c", {"x": "1"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_export_again_replaces_its_files_and_leaves_others(tmp_path: Path) -> None:
    write(tmp_path / "e", {"x": "1", "sub/old": "2"})
    (tmp_path / "e" / "build").mkdir()
    (tmp_path / "e" / "build" / "mine").write_text("mine")
    write(tmp_path / "e", {"x": "3", "new": "4"})
    assert held(tmp_path / "e") == {"x": "3", "new": "4", "build/mine": "mine"}


def test_what_is_not_ours_or_was_edited_is_not_lost(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a file"):
        (tmp_path / "file").write_text("")
        write(tmp_path / "file", {"x": "1"})
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "y").write_text("theirs")
    with pytest.raises(UsageError, match="holds no export"):
        write(tmp_path / "foreign", {"x": "1"})
    write(tmp_path / "e", {"x": "1"})
    (tmp_path / "e" / "x").write_text("edited")
    (tmp_path / "e" / "z").write_text("added")
    with pytest.raises(UsageError, match="x was edited since tinyedge made it"):
        write(tmp_path / "e", {"x": "2"})
    (tmp_path / "e" / "x").write_text("1")
    with pytest.raises(UsageError, match="z was not made by tinyedge"):
        write(tmp_path / "e", {"x": "2", "z": "ours"})
    assert held(tmp_path / "e") == {"x": "1", "z": "added"}
    write(tmp_path / "e", {"x": "2", "z": "ours"}, force=True)
    write(tmp_path / "foreign", {"x": "1"}, force=True)
    assert held(tmp_path / "e") == {"x": "2", "z": "ours"}
    assert held(tmp_path / "foreign") == {"x": "1", "y": "theirs"}


def test_an_interrupt_leaves_an_earlier_export_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "e", {"a": "1", "b": "1", "gone": "1"})
    real, count = paths.write_atomic, 0

    def fails_at_the_third(path: Path, data: bytes | str) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr(paths, "write_atomic", fails_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "e", {"a": "2", "b": "2", "c": "2"})
    assert held(tmp_path / "e") == {"a": "1", "b": "1", "gone": "1"}
    write(tmp_path / "e", {"a": "2"})
    assert held(tmp_path / "e") == {"a": "2"}


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"files": 3}', '{"files": {"../x": "0", "/x": "0"}}'])
def test_a_strange_record_removes_nothing_outside(tmp_path: Path, record: str) -> None:
    (tmp_path / "x").write_text("outside")
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / _folder.RECORD).write_text(record)
    try:
        write(tmp_path / "e", {"y": "1"})
    except TinyedgeError as error:
        assert "holds no export" in str(error)
    assert (tmp_path / "x").read_text() == "outside"


def test_a_check_tells_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "e", {"x": "1", "y": "2"})
    _folder.compare(tmp_path / "e", {"x": b"1", "y": b"2"}, FACTS)
    before = held(tmp_path / "e")
    for files, wrong in (
        ({"x": b"1", "y": b"3"}, "y"),
        ({"x": b"1"}, "y"),
        ({"x": b"1", "y": b"2", "z": b""}, "z"),
    ):
        with pytest.raises(CheckFailed, match=f"{wrong} is not what would be exported$"):
            _folder.compare(tmp_path / "e", files, FACTS)
    with pytest.raises(CheckFailed, match=f"{_folder.RECORD} is not what"):
        _folder.compare(tmp_path / "e", {"x": b"1", "y": b"2"}, {"format": "zephyr"})
    with pytest.raises(CheckFailed, match=r"\(and 1 more\)"):
        _folder.compare(tmp_path / "none", {"x": b"1", "y": b"2"}, FACTS)
    assert held(tmp_path / "e") == before and not (tmp_path / "none").exists()


def test_the_record_tells_the_digest_of_every_file(tmp_path: Path) -> None:
    write(tmp_path / "e", {"x": "1"})
    record = json.loads((tmp_path / "e" / _folder.RECORD).read_text())
    assert record["format"] == "cmake"
    assert record["files"] == {"x": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"}
