# SPDX-License-Identifier: Apache-2.0
"""Takes a SavedModel as TensorFlow parses it, gives the operators in it that do more than compute.

Loading a SavedModel runs its initialisers, and converting it may run any part of it to see what is constant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tinyedge.model.keras import computing

_INITIALISERS = ("__saved_model_init_op", "init_op", "main_op", "legacy_init_op", "saved_model_main_op")


def unfit(parsed: Any) -> tuple[str, ...]:
    """Names of the operators, sorted, that something reaches and that are not known to compute only.

    Every SavedModel holds functions that save and restore it; they are only counted where something else than
    saving and restoring calls them.
    """
    reached = {kind for graph in parsed.meta_graphs for kind in _reached(graph)}
    return tuple(sorted(kind for kind in reached if not computing.operator(kind)))


def _reached(graph: Any) -> set[str]:
    functions: defaultdict[str, list[Any]] = defaultdict(list)
    for function in graph.graph_def.library.function:
        functions[function.signature.name] += function.node_def
    waiting = set(graph.object_graph_def.concrete_functions)
    kinds = set()
    for node in _upstream(graph.graph_def.node, _roots(graph)):
        waiting |= _called(node) & functions.keys()
        kinds.add(node.op)
    # A SavedModel of TensorFlow 1 has no objects: what restores it is a node that is run.
    if not graph.object_graph_def.nodes and graph.saver_def.restore_op_name:
        restoring = _upstream(graph.graph_def.node, {_node(graph.saver_def.restore_op_name)})
        kinds |= {node.op for node in restoring} - {"RestoreV2"}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for node in functions[name]:
            kinds.add(node.op)
            waiting |= (_called(node) & functions.keys()) - seen
    return {kind for kind in kinds if kind not in functions}


def _roots(graph: Any) -> set[str]:
    """Nodes that are run: what signatures give, and initialisers by any of the names they have had."""
    roots = {
        _node(tensor.name)
        for signature in graph.signature_def.values()
        for tensor in signature.outputs.values()
    }
    for name, collection in graph.collection_def.items():
        if name in _INITIALISERS:
            roots |= {_node(item) for item in collection.node_list.value}
    return roots


def _upstream(nodes: Iterable[Any], roots: set[str]) -> Iterator[Any]:
    by_name = {node.name: node for node in nodes}
    waiting, seen = set(roots), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        if name in by_name:
            yield by_name[name]
            waiting |= {_node(source) for source in by_name[name].input} - seen


def _called(node: Any) -> set[str]:
    """Names of functions that a node may call: by an attribute, or by being named like one."""
    names = {node.op}
    for value in node.attr.values():
        names.add(value.func.name)
        names |= {function.name for function in value.list.func}
    return names


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]
