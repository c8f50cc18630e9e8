# SPDX-License-Identifier: Apache-2.0
"""Takes a folder, gives SavedModels in it, hostile ones and two plain ones; run by test_hostile_keras.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

Function = Callable[[Any], Any]


def save(folder: Path, function: Function, **parts: Any) -> None:
    """A SavedModel of one function of vectors of 4."""
    module = tf.Module()
    for name, part in parts.items():
        setattr(module, name, part)
    module.scale = tf.Variable(2.0)
    specs = [tf.TensorSpec((None, 4), tf.float32, name="x")]
    module.f = tf.function(lambda x: {"y": function(x) * module.scale}, input_signature=specs)
    tf.saved_model.save(module, str(folder), signatures=module.f)


def after(*actions: Any) -> Function:
    """A function that gives what it takes, after what is asked for."""

    def function(x: Any) -> Any:
        with tf.control_dependencies([action() for action in actions]):
            return tf.identity(x)

    return function


def write() -> Any:
    """Write a file."""
    return tf.raw_ops.WriteFile(filename="PWNED", contents="x")


class Resource(tf.saved_model.experimental.TrackableResource):  # type: ignore[misc]
    """Something whose initialiser runs when the SavedModel is loaded."""

    def _create_resource(self) -> Any:
        return tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[])

    def _initialize(self) -> None:
        write()


def old(folder: Path, action: Callable[[], Any]) -> None:
    """A SavedModel as TensorFlow 1 wrote it, which does `action` when it is loaded."""
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, (None, 4), name="x")
        scale = v1.get_variable("scale", initializer=2.0, use_resource=True)
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save  # noqa: B018 (removed one day; then this folder goes)
        builder = v1.saved_model.Builder(str(folder))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": x * scale})
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=action()
        )
        builder.save()


def main(folder: Path) -> None:
    """Write them all."""
    save(folder / "plain", lambda x: x)
    save(folder / "writes", after(write))
    save(folder / "reads", after(lambda: tf.raw_ops.ReadFile(filename="/etc/passwd")))
    save(folder / "prints", after(lambda: tf.print("x", output_stream="file://PWNED")))
    save(
        folder / "python", lambda x: tf.ensure_shape(tf.numpy_function(lambda v: v, [x], tf.float32), x.shape)
    )
    save(
        folder / "branch",
        lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: after(write)(x), lambda: x),
    )
    save(folder / "initialises", lambda x: x, resource=Resource())
    (folder / "words.txt").write_text("a\nb\n")
    initial = tf.lookup.TextFileInitializer(
        str(folder / "words.txt"), tf.string, 0, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    table = tf.lookup.StaticHashTable(initial, -1)
    save(
        folder / "table",
        lambda x: x + tf.cast(table.lookup(tf.constant("a")), tf.float32),
        table=table,
    )
    old(folder / "plain_old", lambda: None)
    old(folder / "old", write)
    for path in folder.glob("PWNED*"):
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
