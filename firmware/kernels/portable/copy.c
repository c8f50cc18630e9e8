/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/copy.h"

TE_KERNEL te_copy_fn te_copy_portable;

TE_KERNEL void te_copy_portable(const te_copy *restrict p, const void *in, void *out) {
    memcpy(out, in, (size_t)p->size);
}
