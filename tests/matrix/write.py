# SPDX-License-Identifier: Apache-2.0
"""Takes a folder and names of cases, writes each as NAME.keras and NAME.npz; run alone: it imports Keras."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from tests import matrix
from tests.matrix import Case


def write(name: str, case: Case, folder: Path, form: str) -> None:
    """The model, its moving averages and biases made random, and frames to calibrate it with."""
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    dtype = "int32" if case.rows else "float32"
    inputs = [
        keras.Input(batch_shape=(case.batch, *shape), dtype=dtype, name=f"input_{i}")
        for i, shape in enumerate(case.shapes)
    ]
    model = keras.Model(inputs, case.build(keras, *inputs))
    for variable in model.variables:
        if variable.path.endswith(("bias", "beta", "moving_mean")):
            variable.assign(rng.normal(0, 0.2, variable.shape))
        elif variable.path.endswith(("gamma", "moving_variance")):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    frames: dict[str, Any] = {}
    for i, shape in enumerate(case.shapes):
        wanted = (matrix.FRAMES, *shape)
        frames[f"input_{i}"] = rng.integers(0, case.rows, wanted) if case.rows else rng.normal(0, 1, wanted)
    np.savez(folder / f"{name}.npz", **frames)
    file = folder / f"{name}{matrix.FORMS[form]}"
    if form == "saved_model":
        model.export(file, verbose=False)
    elif form == "recipe":
        file.write_bytes(_by_the_recipe(model, [values.astype(dtype) for values in frames.values()]))
    else:
        model.save(file)


def _by_the_recipe(model: Any, frames: list[Any]) -> bytes:
    """What TensorFlow's page on full-integer quantisation says to write."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([v[i : i + 1] for v in frames] for i in range(matrix.FRAMES))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


if __name__ == "__main__":
    known = matrix.cases()
    for chosen in sys.argv[3:]:
        try:
            write(chosen, known[chosen], Path(sys.argv[1]), sys.argv[2])
        except Exception as error:  # Keras' own refusal of a case is a row of the table
            (Path(sys.argv[1]) / f"{chosen}.failed").write_text(str(error).splitlines()[0])
