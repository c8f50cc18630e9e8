/* SPDX-License-Identifier: Apache-2.0 */
/* te_nearest for any type of feature: TE_ELEMENT is it, TE_NEAREST the kernel's name; included once for each.
 */
TE_KERNEL void TE_NEAREST(const te_nearest *p, const TE_ELEMENT *in, const int32_t *matrix,
                          const int64_t *offset, const int32_t *centres, int32_t *out) {
    int32_t at[64];
    for (int32_t k = 0; k < p->coordinates; k++) {
        int64_t sum = offset[k];
        for (int32_t i = 0; i < p->features; i++) {
            sum += te_product(in[i], *matrix++);
        }
        sum >>= p->shift;
        at[k] = sum < -p->limit ? -p->limit : sum > p->limit ? p->limit : (int32_t)sum;
    }
    out[0] = te_nearest_distance(p, at, centres);
}

#undef TE_ELEMENT
#undef TE_NEAREST
