/* SPDX-License-Identifier: Apache-2.0 */
/* te_mixture for any type of feature: TE_ELEMENT is it, TE_MIXTURE the kernel's name; included once for each.
 */
TE_KERNEL void TE_MIXTURE(const te_mixture *restrict p, const TE_ELEMENT *in, const int32_t *matrix,
                          const int64_t *offset, const int64_t *peaks, const uint16_t *logarithm,
                          const uint32_t *power, int32_t *out) {
    int64_t energy[TE_MIXTURE_MOST];
    for (int32_t c = 0; c < p->components; c++) {
        uint64_t squares = 0;
        for (int32_t k = 0; k < p->features; k++) {
            int64_t sum = *offset++;
            for (int32_t i = 0; i < p->features; i++) {
                sum += te_product(in[i], *matrix++);
            }
            sum >>= p->shift;
            const int32_t at = sum < -p->limit ? -p->limit : sum > p->limit ? p->limit : (int32_t)sum;
            squares += (uint64_t)te_product(at, at);
        }
        energy[c] = peaks[c] + (int64_t)(squares >> 1);
    }
    out[0] = te_mixture_score(p, energy, logarithm, power);
}

#undef TE_ELEMENT
#undef TE_MIXTURE
