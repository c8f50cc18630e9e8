# SPDX-License-Identifier: Apache-2.0
# make demo   all the set-up, then a trained model replayed on an emulated board, with a verdict
# make test   all the set-up, then everything that is checked
# make bench  instructions, memory and flash of the reference models, beside TFLM's
# make wheel  dist/tinyedge-*.whl

BIN := $(CURDIR)/.venv/bin
C_FILES = $(shell git ls-files '*.c' '*.h')

.PHONY: setup demo test hostile lint format bench wheel

setup:
	@scripts/setup

demo: setup
	cd examples/motion-anomaly && $(BIN)/python data.py && $(BIN)/tinyedge test --html report.html

test: lint
	$(BIN)/pytest -n 2

hostile: setup
	TINYEDGE_HOSTILE=long TINYEDGE_FUZZ=10000 $(BIN)/pytest -s --timeout 0 -k "hostile or fuzz or users_files or made or own_board"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy examples/motion-classifier
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

bench: setup
	$(BIN)/python -m tests.bench.bench
	$(BIN)/python -m tests.bench.s3
	$(BIN)/python -m tests.bench.balanced
	$(BIN)/python -m tests.bench.shapes
	$(BIN)/python -m tests.bench.blocks
	$(BIN)/python -m tests.bench.operators

wheel:
	$(or $(wildcard $(BIN)/python),python3) -m pip wheel -q --no-deps -w dist .
