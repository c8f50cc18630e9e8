/* SPDX-License-Identifier: Apache-2.0 */
/* A sliding window over a stream: what earlier runs brought, then what this one brings. */
#ifndef TE_WINDOW_H
#define TE_WINDOW_H

#include "kernels/kernel.h"

typedef struct te_window {
    int32_t kept, fresh; /* elements from earlier runs, and of this one */
} te_window;

/* out [kept + fresh] becomes kept [kept], then in [fresh]; kept becomes the last `kept` elements of out.

   Order: in is read after the first `kept` elements of out were written: they must not overlap. */
typedef void te_window_s16_fn(const te_window *p, const int16_t *in, int16_t *kept, int16_t *out);

#endif
