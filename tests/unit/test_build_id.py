# SPDX-License-Identifier: Apache-2.0
"""The id that firmware and build.json share tells builds apart that differ in their code alone."""

from __future__ import annotations

from tests import tiny_models
from tinyedge import board as boards
from tinyedge import emit, model, pipeline
from tinyedge.options import Options


def id_of(options: Options) -> str:
    loaded = model.Model(tiny_models.dense(), "dense", "0" * 64, "test")
    return emit.emit(pipeline.plan(loaded, boards.load("host"), options).plan, "0" * 64).build_id


def test_one_layer_has_the_same_sources_for_speed_and_size_and_two_ids() -> None:
    options = [
        Options("speed"),
        Options("size"),
        Options("balanced"),
        Options(compiler="gcc"),
        Options(compiler="clang"),
    ]
    assert len({id_of(each) for each in options}) == len(options)


def test_where_a_compiler_lies_does_not_matter() -> None:
    assert id_of(Options(compiler="/opt/arm/bin/gcc")) == id_of(Options(compiler="gcc"))
