/* SPDX-License-Identifier: Apache-2.0 */
/* What MLPerf Tiny's protocol needs to know of the one model of an image; the generated mlperf_model.c has it. */
#ifndef TE_MLPERF_H
#define TE_MLPERF_H

#include <stdbool.h>
#include <stdint.h>

/* `factor` / 2^`shift`: a positive number to 31 bits and more. */
struct te_ratio {
    uint32_t factor;
    int32_t shift;
};

/* An int8 tensor in the arena: a value q stands for (q - zero_point) * scale. */
struct te_mlperf_tensor {
    uint32_t offset;
    uint32_t size;
    int32_t zero_point;
    struct te_ratio scale;
};

struct te_mlperf {
    const char *name; /* what MLCommons' runner finds its test script by: ad01, ic01, kws01, vww01 */
    struct te_mlperf_tensor input;
    struct te_mlperf_tensor output;
    struct te_ratio per_scale; /* 1 / the input's scale */
    bool rebuilds;             /* an autoencoder: fed floats, its result is the mean squared error */
    uint8_t *received;         /* what `db` fills: a byte of each input, or a float where it rebuilds */
    uint32_t received_size;
    int8_t *loaded; /* the input's values, which a run may write over in the arena */
};

extern const struct te_mlperf te_mlperf;

#endif
