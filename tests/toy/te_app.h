/* SPDX-License-Identifier: Apache-2.0 */
/* A model with a memory, for tests of the runtime: it shows whether everything was done once and in order. */
#ifndef TE_APP_H
#define TE_APP_H

#include <stdint.h>

#define TE_APP_TOOL_VERSION "0.1.0"
#define TE_APP_BOARD "toy-board"
#define TE_APP_MODEL "toy"
#define TE_APP_MODEL_ID "0123456789abcdef"
#define TE_APP_BUILD_ID "fedcba9876543210"

/* Odd, and small enough for a chip with 16 KB. */
#define TE_APP_ARENA_SIZE 8003
#define TE_APP_ARENA_ALIGN 16
#define TE_APP_LAYERS 3

#define TE_APP_INPUTS 1
#define TE_APP_OUTPUTS 1
#define TE_APP_TENSORS {16, 64}, {0, 4}

void te_app_run_layers(void *arena, uint32_t first, uint32_t last);

#endif
