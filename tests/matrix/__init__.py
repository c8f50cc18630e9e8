# SPDX-License-Identifier: Apache-2.0
"""Keras models of many kinds, made integer, run as our C, compared with LiteRT (`python -m tests.matrix`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

GROUPS = ("layers", "operations", "networks", "strangers")
FORMS = {"keras": ".keras", "h5": ".h5", "saved_model": "", "recipe": ".tflite"}
"""Ways in, and how their files end; the last is TensorFlow's own recipe, which leaves the batch open."""
FRAMES = 40
"""With which a case is calibrated."""
SAMPLE = (
    "layers_activation_gelu",
    "layers_attention_of_heads",
    "layers_image_layer_normalized",
    "layers_image_transposed",
    "layers_long_gru",
    "layers_signal_lstm",
    "layers_stateful_gru",
    "networks_yolo_nano",
    "operations_two_divide",
    "strangers_convnext",
    "strangers_crnn_ctc",
    "strangers_mobilenet_v3_small",
    "strangers_unet_deep",
    "strangers_words",
)
"""Cases of every kind, few enough for an emulator (`python -m tests.matrix sample --board mps3-an547`)."""


@dataclass(frozen=True)
class Case:
    """shapes: of its inputs, without the batch. build: (keras, its inputs) -> its output or outputs.

    rows: how many numbers an input may be, where it is of integers; 0 where it is of floats. batch: 1 where
    the model must say so.
    """

    shapes: tuple[tuple[int, ...], ...]
    build: Callable[..., Any]
    rows: int = 0
    batch: int | None = None


def cases() -> Mapping[str, Case]:
    """All cases by name, which is a C identifier and begins with its group."""
    found: dict[str, Case] = {}
    for group in GROUPS:
        module = importlib.import_module(f"{__name__}.{group}")
        found |= {f"{group}_{name}": case for name, case in module.CASES.items()}
    return found
