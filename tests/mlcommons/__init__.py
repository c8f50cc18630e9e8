# SPDX-License-Identifier: Apache-2.0
"""MLCommons' runner of MLPerf Tiny, unchanged, beside our firmware on an emulated board: see __main__."""
