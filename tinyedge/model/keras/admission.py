# SPDX-License-Identifier: Apache-2.0
"""Takes the configuration of a Keras model, gives one that names nothing but Keras' own classes, or why not.

A configuration tells Keras which classes to make and which functions to call. What it may name is asked of
the installed Keras, and module names in it are replaced by Keras' own: so it cannot name anything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from tinyedge.model.keras import computing

_NAMESPACES = ("layers", "models", "initializers", "regularizers", "constraints", "dtype_policies")
_ROOTS = ("keras", "tf_keras", "tensorflow", "builtins")
# Plain values that Keras writes as classes.
_VALUES = (
    "__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__", "__tuple__",
    "TensorShape",
)  # fmt: skip
_RUN_CODE = (
    "ClassMethod", "FlaxLayer", "InstanceMethod", "InstanceProperty", "JaxLayer", "Lambda", "TFSMLayer",
    "TensorFlowOpLayer", "TorchModuleWrapper",
)  # fmt: skip
_READ_FILES = ("IntegerLookup", "StringLookup", "TextVectorization")
_TRAINING = ("_constraint", "_regularizer")
"""How a layer's parameters end that have no effect where it computes, whoever wrote their classes."""
_CALL_FUNCTIONS = ("SlicingOpLambda", "TFOpLambda")


@dataclass(frozen=True)
class Known:
    """What a Keras library makes of names. classes: name -> modules that have it. functions: activations."""

    classes: Mapping[str, tuple[str, ...]]
    functions: frozenset[str]


def known(library: ModuleType) -> Known:
    """All that `library`, which is `keras` (3) or `tf_keras` (2), has for building a network."""
    classes: dict[str, tuple[str, ...]] = {}
    for name, module in _classes(library):
        classes[name] = (*classes.get(name, ()), module)
    functions = {
        name
        for name, value in vars(library.activations).items()
        if inspect.isfunction(value) and name not in ("deserialize", "get", "serialize")
    }
    return Known(classes, frozenset({*functions, *getattr(library.src.activations, "ALL_OBJECTS_DICT", ())}))


def _classes(library: ModuleType) -> Iterator[tuple[str, str]]:
    """(class, module as files name it); there Keras 2 is "keras", whatever its package is called."""
    for space in _NAMESPACES:
        yield from ((name, f"keras.{space}") for name in _made_here(getattr(library, space, None)))
    yield from ((name, "keras") for name in _made_here(library))
    if library.__name__ == "keras":
        yield "Functional", "keras.src.models.functional"
        for module in filter(inspect.ismodule, vars(library.src.ops).values()):
            for name, cls in vars(module).items():
                if not inspect.isclass(cls) or cls.__module__ != module.__name__:
                    continue
                if issubclass(cls, library.Operation):
                    yield name, module.__name__
    else:
        from tf_keras.src.layers import serialization

        serialization.populate_deserializable_objects()
        for name, cls in serialization.LOCAL.ALL_OBJECTS.items():
            if inspect.isclass(cls):
                yield name, cls.__module__.removeprefix("tf_")
        yield "Functional", "keras.src.engine.functional"
        yield "Policy", "keras.mixed_precision"


def admit(config: Any, known: Known) -> tuple[Any, tuple[str, ...]]:
    """A copy of `config` that names only what is `known`; and sentences about what was left out of it.

    Where there are such sentences, the copy must not be used. What trains a model is dropped.
    """
    walk = _Walk(known)
    copy = walk.node(config)
    return copy, tuple(dict.fromkeys(walk.problems))


@dataclass
class _Walk:
    known: Known
    problems: list[str] = field(default_factory=list)

    def node(self, node: Any, key: str = "") -> Any:
        if key.endswith(_TRAINING):
            return None
        if isinstance(node, list):
            return [self.node(item) for item in node]
        if isinstance(node, dict):
            if "class_name" in node:
                return self.made(node)
            # A model inside a model brings losses and metrics of its own.
            return {k: self.node(v, k) for k, v in node.items() if k != "compile_config"}
        if key.endswith("activation") and isinstance(node, str):
            self.function(node)
        return node

    def made(self, node: dict[str, Any]) -> Any:
        kind = node["class_name"]
        inner = node.get("config")
        name = inner.get("name") if isinstance(inner, dict) else None
        where = f"layer {name!r}" if isinstance(name, str) else "the model"
        if kind == "function" and isinstance(inner, str):
            self.function(inner)
            return inner  # Keras takes the bare name of a function of its own anywhere
        if isinstance(kind, str) and kind in _VALUES:
            return {k: self.node(v, k) for k, v in node.items()}
        if not isinstance(kind, str) or kind not in self.known.classes or self.foreign(node):
            self.problems.append(f"{where} is of the class {kind!r}, which is not Keras' own")
        elif kind in _RUN_CODE:
            self.problems.append(f"{where} is a {kind}, whose code is not run from a file")
        elif kind in _READ_FILES:
            self.problems.append(f"{where} is a {kind}, which reads files")
        elif kind in _CALL_FUNCTIONS:
            called = inner.get("function") if isinstance(inner, dict) else None
            if not isinstance(called, str) or not computing.function(called):
                self.problems.append(f"{where} calls {called!r}, which does more than compute")
        clean = {k: self.node(v, k) for k, v in node.items() if k != "compile_config"}
        if isinstance(node.get("module"), str):
            modules = self.known.classes.get(str(kind), ())
            clean["module"] = node["module"] if node["module"] in modules else next(iter(modules), None)
        clean.pop("registered_name", None)
        return clean

    def foreign(self, node: dict[str, Any]) -> bool:
        """Does it ask for a class of the same name from elsewhere?"""
        module = node.get("module")
        registered = node.get("registered_name")
        return (module is not None and str(module).split(".")[0] not in _ROOTS) or registered not in (
            None,
            node["class_name"],
        )

    def function(self, name: str) -> None:
        # Keras 2 also takes a layer's name for an activation.
        classes = [] if name in (*_RUN_CODE, *_READ_FILES, *_CALL_FUNCTIONS) else self.known.classes
        if name not in self.known.functions and name not in classes:
            self.problems.append(f"the function {name!r} is not one of Keras' own activations")


def _made_here(module: ModuleType | None) -> list[str]:
    return [] if module is None else [name for name, value in vars(module).items() if inspect.isclass(value)]
