# SPDX-License-Identifier: Apache-2.0
"""Takes the bytes of a TFLite file, gives its objects, unless they would be far more than the file holds.

A FlatBuffer may refer to one table or one string from any number of places, and unpacking copies it for each:
a file of 1 MB could ask for all memory. No converter shares more than a few strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_edge_litert import schema_py_generated as schema

TABLE_BYTES = 32
"""Bytes of a file for each of its tables, on average, at least: real ones take twice that and more."""
DTYPES = {number: name.lower() for name, number in vars(schema.TensorType).items() if isinstance(number, int)}
"""Names of the types of tensors, by their numbers in a file."""
COPIES = 2
"""How often the file's bytes may be copied into strings, at most."""


class Shared(Exception):
    """The file refers to the same bytes so often that it would grow without bound."""


def unpack(data: bytes) -> Any:
    """A schema.ModelT. Raises Shared, and whatever the accessors raise on bytes that are no FlatBuffer."""
    most = len(data) // TABLE_BYTES
    for count in _tables(schema.Model.GetRootAs(data, 0)):
        most -= count
        if most < 0:
            raise Shared
    return schema.ModelT.InitFromPackedBuf(_Counted(data), 0)


def operators(data: bytes) -> frozenset[int]:
    """The numbers of the builtin operators that a file lists, without unpacking it; none of damaged bytes."""
    try:
        model = schema.Model.GetRootAs(data, 0)
        count = model.OperatorCodesLength()
        if count > len(data) // TABLE_BYTES:
            return frozenset()
        codes = (model.OperatorCodes(i) for i in range(count))
        return frozenset(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) for code in codes)
    except Exception:  # the accessors raise anything on broken offsets; `unpack` is who tells
        return frozenset()


def inputs(data: bytes) -> int:
    """How many inputs a file's first graph has, without unpacking it; none of damaged bytes."""
    try:
        return int(schema.Model.GetRootAs(data, 0).Subgraphs(0).InputsLength())
    except Exception:  # as above
        return 0


class _Counted(bytes):
    """Bytes of which only so many may be copied: the accessors take strings as slices."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(key, slice):
            self.copied += len(part)
            if self.copied > COPIES * len(self):
                raise Shared
        return part


def _tables(model: Any) -> Iterator[int]:
    """Numbers of tables, one after another, so that counting may end early."""
    yield model.SubgraphsLength() + model.OperatorCodesLength() + model.BuffersLength()
    yield model.MetadataLength() + model.SignatureDefsLength()
    for i in range(model.SignatureDefsLength()):
        signature = model.SignatureDefs(i)
        yield signature.InputsLength() + signature.OutputsLength()
    for i in range(model.SubgraphsLength()):
        subgraph = model.Subgraphs(i)
        yield subgraph.TensorsLength() + subgraph.OperatorsLength()
        for j in range(subgraph.TensorsLength()):
            tensor = subgraph.Tensors(j)
            sparsity = tensor.Sparsity()
            yield tensor.VariantTensorsLength() + (0 if sparsity is None else sparsity.DimMetadataLength())
