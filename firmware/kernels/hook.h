/* SPDX-License-Identifier: Apache-2.0 */
/* A step of the pipeline in C of the user's own, before the network or behind it.

   A hook is one file that is called as its function is, my_filter.c:

       #include "kernels/hook.h"

       TE_KERNEL void my_filter(const te_hook *hook, const int16_t *in, int16_t *out, void *state) {
           int32_t *last = state;
           for (int32_t i = 0; i < hook->rows * hook->channels; i++) {
               out[i] = (int16_t)((in[i] + *last) / 2);
               *last = in[i];
           }
       }

   It is compiled into the image and into what this machine runs, so keep to integers: then both give the same
   bits. It has no static variables: what it keeps from run to run is in `state`. */
#ifndef TE_HOOK_H
#define TE_HOOK_H

#include "kernels/kernel.h"

/* Not every hook needs all that it is given. */
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

typedef struct te_hook {
    int32_t rows, channels;         /* of `in`: in[row * channels + channel]; scores are one row */
    int32_t out_rows, out_channels; /* of `out`, all of which is to be written */
} te_hook;

/* Before the network: one run's samples become others, which lie elsewhere. state: as many bytes as
   tinyedge.toml says, at an address that 4 divides, all of them 0 when a stream begins. */
typedef void te_hook_samples_fn(const te_hook *hook, const int16_t *in, int16_t *out, void *state);

/* Behind it: scores become others, or a decision, out[0]: 0 while nothing is there. */
typedef void te_hook_scores_fn(const te_hook *hook, const int32_t *in, int32_t *out, void *state);

#endif
