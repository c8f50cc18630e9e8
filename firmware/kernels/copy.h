/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes elsewhere: between a state and an activation. */
#ifndef TE_COPY_H
#define TE_COPY_H

#include "kernels/kernel.h"

typedef struct te_copy {
    int32_t size; /* bytes */
} te_copy;

/* out [size] becomes in [size]. No overlap. */
typedef void te_copy_fn(const te_copy *p, const void *in, void *out);

#endif
