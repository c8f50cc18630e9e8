# SPDX-License-Identifier: Apache-2.0
"""Models that are called like parts of the firmware: all of them, in one image, are what they say."""

from __future__ import annotations

from pathlib import Path

from tests import tiny_models
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import emit, pipeline, toolchain, transport
from tinyedge.line import device as devices
from tinyedge.model import Model
from tinyedge.options import Options
from tinyedge.toolchain import compilers

# Files, types, functions and macros of the runtime, of ports and of kernels; and endings of generated names.
NAMES = (
    *("app", "arena", "link", "command", "crc32", "session", "model", "board", "main", "tile", "fault", "of"),
    *("fully_connected_s8_portable", "run", "layer0", "w0_bias"),
)


def test_a_model_may_be_called_like_anything_in_the_firmware(tmp_path: Path) -> None:
    host = boards.load("host")
    missing = compilers.missing(host)
    if missing:
        lacking(missing)
    models = [Model(tiny_models.dense(), name, f"{number:064x}", "test") for number, name in enumerate(NAMES)]
    plans = [(pipeline.plan(model, host, Options("size")).plan, model.sha256) for model in models]
    image = toolchain.compile(emit.emit_image(plans), host, tmp_path)
    with devices.connect(transport.open_board(host, image.elf)) as device:
        assert tuple(model.name for model in device.hello.served) == NAMES
        source, target = device.tensor(0), device.tensor(1)
        answers = set()
        for number in range(len(NAMES)):
            device.choose(number)
            answers.add(
                device.infer([(source.offset, bytes([1, 2, 3, 4]))], [(target.offset, target.size)])[1][0]
            )
        assert len(answers) == 1 and any(answers.pop())
    parts = {symbol.name: symbol.part for symbol in image.symbols}
    assert all(parts[f"te_{name}_model"] == "model" for name in NAMES)
    # Neither of these is taken for what its beginning looks like.
    assert parts["te_fully_connected_s8_portable_run_layer"] == parts["te_w0_bias_run_layer"] == "model"
    assert parts["te_app_w0_weights"] == "weights"
