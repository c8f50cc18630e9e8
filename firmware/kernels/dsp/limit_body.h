/* SPDX-License-Identifier: Apache-2.0 */
/* te_limit for any width of element, a word at a time: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
 * name_s16end; included once for each. */
#include "kernels/dsp/halves.h"
#include "kernels/limit.h"
#include "kernels/unrolled.h"

TE_KERNEL TE_TYPED(te_limit, _fn) TE_TYPED(te_limit, _dsp);

TE_KERNEL void TE_TYPED(te_limit, _dsp)(const te_limit *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    enum { PLACES = sizeof(uint32_t) / sizeof(TE_ELEMENT), HIGH = (1 << (8 * sizeof(TE_ELEMENT) - 1)) - 1 };
    const uint32_t low = TE_TYPED(te_halves_same, )(p->min), high = TE_TYPED(te_halves_same, )(p->max);
    const int32_t whole = p->size / PLACES * PLACES;
    TE_FOURFOLD
    for (int32_t i = 0; i < whole; i += PLACES) {
        uint32_t word = te_halves_word(in + i);
        word = p->min > -HIGH - 1 ? TE_TYPED(te_halves_choose, )(word, low, word, low) : word;
        word = p->max < HIGH ? TE_TYPED(te_halves_choose, )(word, high, high, word) : word;
        memcpy(out + i, &word, sizeof word);
    }
    TE_ROLLED
    for (int32_t i = whole; i < p->size; i++)
        out[i] = (TE_ELEMENT)te_clamp(in[i], p->min, p->max);
}

#undef TE_ELEMENT
#undef TE_TYPED
