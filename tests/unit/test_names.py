# SPDX-License-Identifier: Apache-2.0
"""Names of generated C: they live apart from all others, whatever a model is called, and are found again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import tiny_models
from tinyedge import board as boards
from tinyedge import emit, model, names, paths, pipeline
from tinyedge.names import Generated

_NAME = re.compile(r"\b(?:te_[a-z0-9_]+|TE_[A-Z0-9_]+)\b")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def firmware_names() -> set[str]:
    """Every name of ours in firmware/: the runtime's, the ports', the kernels', macros among them."""
    files = [file for file in paths.firmware().rglob("*") if file.suffix in (".c", ".h", ".S")]
    return {name for file in files for name in _NAME.findall(_COMMENT.sub("", file.read_text("utf-8")))}


def generated_names(stem: str) -> set[str]:
    """What generated files of a model called `stem` define, without its prefix: each te_<stem>_X gives X."""
    loaded = model.Model(tiny_models.dense(), stem, "0" * 64, "test")
    plan = pipeline.plan(loaded, boards.load("host")).plan
    files = emit.emit(plan, "0" * 64).files
    text = "".join(data.decode() for path, data in files.items() if path.startswith("models/"))
    prefix = names.prefix(stem)
    found = re.findall(rf"\b(?:{prefix}|{prefix.upper()})_(\w+)", _COMMENT.sub("", text))
    return {name for name in found if name not in ("data", "H")}


def test_no_name_of_the_firmware_ends_like_a_generated_one() -> None:
    """So none can be that of any model: a generated name is te_<model>_ and one of those endings."""
    every = firmware_names()
    assert len(every) > 300  # the search works
    clashes = {
        name
        for name in every
        for at in range(len("te_") + 1, len(name))
        if name[at] == "_" and names.GENERATED.fullmatch(name[at + 1 :])
    }
    assert not clashes


def test_generated_names_end_as_they_are_said_to() -> None:
    endings = generated_names("twinkle")
    assert len(endings) > 15
    assert not {ending for ending in endings if names.GENERATED.fullmatch(ending) is None}
    # And none ends like another with a word before it: te_a_b_run could be model a's or a_b's.
    shadows = {
        ending
        for ending in endings
        for at in range(len(ending))
        if ending[at] == "_" and names.GENERATED.fullmatch(ending[at + 1 :])
    }
    assert not shadows


@pytest.mark.parametrize(
    ("symbol", "is_what"),
    [
        ("te_kws_layer3", Generated("layer", 3)),
        ("te_kws_layer3.constprop.0", Generated("layer", 3)),
        ("te_kws_layer12$part$0", Generated("layer", 12)),
        ("te_kws_layer0.isra.0", Generated("layer", 0)),
        ("te_kws_layer4.cold", Generated("layer", 4)),
        ("te_kws_w3_weights", Generated("weight", 3)),
        ("te_kws_c10_multiplier", Generated("constant", 10)),
        ("te_kws_s1_initial", Generated("state", 1)),
        ("te_kws_run_layer", Generated("other", None)),
        ("te_kws_model", Generated("other", None)),
        ("te_kws_w3_run", Generated("weight", 3)),
        ("te_conv_2d_s8_portable", None),
        ("te_kws2_layer3", None),
        ("te_link_send", None),
    ],
)
def test_symbols_of_a_model_are_told(symbol: str, is_what: Generated | None) -> None:
    assert names.generated(symbol, "te_kws") == is_what


def test_a_clone_goes_by_its_functions_name() -> None:
    for clone in ("f.constprop.0", "f$constprop$0", "f.part.0", "f.isra.0", "f.part.0.isra.0", "f"):
        assert names.function_of(clone) == "f"
    assert names.function_of("$d") == "$d"


def test_the_names_are_those_that_the_firmware_has() -> None:
    texts = {
        name: (paths.firmware() / "runtime" / f"{name}.c").read_text("utf-8") for name in ("arena", "main")
    }
    for function in (*names.THROUGH_MODEL, names.EXECUTED):
        assert re.search(rf"^[\w() ]*\b{function}\(", texts["arena"], re.MULTILINE)
    ports = [file.read_text("utf-8") for file in Path(paths.firmware() / "ports").rglob("*.[cS]")]
    assert sum(names.TRAP in text for text in ports) >= 2
    scripts = [
        (paths.templates() / f"{name}.ld.j2").read_text("utf-8") for name in ("linker", "linker_loaded")
    ]
    for script in scripts:
        assert set(re.findall(r"^    (\.\w+) \(NOLOAD\)", script, re.MULTILINE)) == set(names.CLEARED)
    assert all(pattern in scripts[1] for pattern in names.ARRAYS)
