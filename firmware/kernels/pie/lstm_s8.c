/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 products an instruction (dot.h), and eight cells at a time (gates.h). */
#include "kernels/pie/dot.h"
#include "kernels/pie/gates.h"
#include "kernels/pie/load.h"
#include "kernels/pie/lstm.h"
#include "kernels/pie/product.h"

/* Where in the window things of a batch are. */
typedef struct te_pie_lstm_room {
    int8_t *in, *state;
    int16_t *memory, *gates; /* gates of `pitch` cells each */
    int32_t pitch;
} te_pie_lstm_room;

/* What input or state tell all gates, Q3.12: added to what they were told if `more`. */
TE_PIE_INLINE void te_pie_lstm_tell(te_pie *s, const te_lstm *p, const int8_t *from, int32_t depth,
                                    const int8_t *weights, const int32_t *words, const int32_t *multiplier,
                                    const int32_t *shift, int more, const te_pie_lstm_room *room) {
    const int32_t vectors = (depth + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    const int8_t *w = weights;
    te_pie_hold(s, from, vectors);
    TE_PIE_VLD(s, 7, w, 16);
    TE_PIE_UNROLLED /* so that shifts are constants */
        for (int32_t gate = 0; gate < 4; gate++) {
        int16_t *told = room->gates + gate * room->pitch;
        for (int32_t cell = 0; cell < p->cells; cell++) {
            int32_t sum;
            TE_PIE_LD_ACCX(s, words, 8);
            sum = te_pie_requantize(te_pie_dot(s, 0, &w, from, vectors), multiplier[gate], shift[gate], 0, 1);
            told[cell] = (int16_t)te_pie_clamp_s16(more ? told[cell] + sum : sum);
        }
    }
    (void)s;
}

/* Cells from what gates let through; they are left in the place of the input gate, too. `vectors`: 2^cell_whole and
   the limits. */
TE_PIE_INLINE void te_pie_lstm_keep(te_pie *s, const te_lstm *p, const int8_t *constants,
                                    const int8_t *vectors, const te_pie_lstm_room *room) {
    const int32_t gate = room->pitch * (int32_t)sizeof(int16_t);
    const int8_t *one = constants, *half = constants + TE_PIE_VECTOR, *point = vectors;
    const int8_t *least = vectors + TE_PIE_VECTOR, *most = vectors + 2 * TE_PIE_VECTOR;
    TE_PIE_FENCE();
    TE_PIE_VLD(s, 7, one, 0);
    TE_PIE_VLD(s, 6, half, 0);
    TE_PIE_VLD(s, 5, point, 0);
    for (int32_t i = 0; i < gate; i += TE_PIE_VECTOR) {
        int8_t *let = (int8_t *)room->gates + i, *cells = (int8_t *)room->memory + i;
        const int8_t *kept = let + gate, *fresh = let + 3 * gate;
        /* Quotients by powers of two, ties away from zero: those below it lose one, which of 0 leaves 0. */
        TE_PIE_VLD(s, 0, let, 0);
        TE_PIE_VLD(s, 1, fresh, 0);
        TE_PIE_ZERO(s, 2);
        TE_PIE_LESS_S16(s, 3, 1, 2);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_WIDE_LD(s, 4, kept, 0, 0, 1);
        TE_PIE_WIDE_LD(s, 0, cells, 0, 3, 7);
        TE_PIE_WIDE_LD(s, 7, one, 0, 5, 6);
        TE_PIE_WIDE_SHIFT(s, 1, 15 + p->cell_whole);
        TE_PIE_LESS_S16(s, 3, 0, 2);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_WIDE_LD(s, 7, one, 0, 0, 4);
        TE_PIE_WIDE_LD(s, 7, one, 0, 3, 7);
        TE_PIE_WIDE_LD(s, 7, one, 0, 6, 7);
        TE_PIE_WIDE_SHIFT(s, 0, 15);
        TE_PIE_SUB_S16(s, 0, 2, 0);
        TE_PIE_SUB_S16(s, 0, 1, 0);
        if (p->clip > 0) {
            TE_PIE_VLD(s, 3, least, 0);
            TE_PIE_VLD(s, 4, most, 0);
            TE_PIE_MAX_S16(s, 0, 0, 3);
            TE_PIE_MIN_S16(s, 0, 0, 4);
        }
        TE_PIE_VST(s, 0, cells, 0);
        TE_PIE_VST(s, 0, let, 0);
        (void)kept, (void)fresh;
    }
    (void)one, (void)half, (void)point, (void)least, (void)most, (void)s;
}

/* The state of cells whose hyperbolic tangents are in the place of the input gate. */
TE_PIE_INLINE void te_pie_lstm_show(te_pie *s, const te_lstm *p, const int8_t *vectors,
                                    const te_pie_lstm_room *room) {
    const int32_t right = -p->out_shift;
    const int8_t *open = (const int8_t *)(room->gates + 2 * room->pitch);
    const int8_t *shown = (const int8_t *)room->gates;
    int8_t *to = room->state;
    TE_PIE_FENCE();
    for (int32_t i = 0; i < room->pitch; i += TE_PIE_VECTOR) {
        const int8_t *first = vectors, *second = vectors;
        TE_PIE_VLD(s, 0, open, 16);
        TE_PIE_VLD(s, 1, open, 16);
        TE_PIE_VLD(s, 2, shown, 16);
        TE_PIE_VLD(s, 3, shown, 16);
        TE_PIE_PRODUCTS(s, 0, 2, first, right, right > 0, 1);
        TE_PIE_PRODUCTS(s, 1, 3, second, right, right > 0, 1);
        TE_PIE_UNZIP(s, 0, 1);
        TE_PIE_VST(s, 0, to, 16);
        (void)first, (void)second;
    }
    (void)open, (void)shown, (void)to, (void)s;
}

TE_KERNEL te_lstm_s8_pie_fn te_lstm_s8_pie;

TE_KERNEL void te_lstm_s8_pie(const te_lstm *restrict p, const int8_t *in, const int8_t *weights,
                              const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias,
                              void *state, void *memory, const int8_t *vectors, int8_t *out, int8_t *window) {
    enum { SIGMOID = 3, TANH = 4 }; /* te_gate_exp's bits before the point */
    const int32_t pitch = (p->cells + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR * TE_PIE_VECTOR;
    const int32_t depth = (p->inputs + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR * TE_PIE_VECTOR;
    const int32_t gate = pitch / (TE_PIE_VECTOR / (int32_t)sizeof(int16_t)); /* vectors */
    const int8_t *tangent = vectors + te_pie_gate_size(SIGMOID, 1);
    const int8_t *of_cells = tangent + te_pie_gate_size(TANH, 0);
    const int8_t *limits = of_cells + te_pie_gate_size(p->cell_whole + 1, 0);
    const size_t bytes = (size_t)p->cells, size = bytes * sizeof(int16_t);
    int16_t *halves = (int16_t *)(void *)(window + depth + pitch);
    const te_pie_lstm_room room = {window, window + depth, halves, halves + pitch, pitch};
    te_pie s = {0};
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int8_t *kept = (int8_t *)state + batch * p->cells;
        int16_t *cells = (int16_t *)memory + batch * p->cells;
        memcpy(room.state, kept, bytes);
        memcpy(room.memory, cells, size);
        for (int32_t step = 0; step < p->steps; step++) {
            te_pie_copy_some(room.in, in + batch * p->in_batch + step * p->in_step, p->inputs);
            te_pie_lstm_tell(&s, p, room.in, p->inputs, weights, bias, p->in_multiplier, p->in_shift, 0,
                             &room);
            te_pie_lstm_tell(&s, p, room.state, p->cells, recurrent, state_bias, p->state_multiplier,
                             p->state_shift, 1, &room);
            te_pie_gates(&s, (int8_t *)room.gates, 3 * gate, vectors, SIGMOID, 1);
            te_pie_gates(&s, (int8_t *)(room.gates + 3 * pitch), gate, tangent, TANH, 0);
            te_pie_lstm_keep(&s, p, vectors, limits, &room);
            te_pie_gates(&s, (int8_t *)room.gates, gate, of_cells, p->cell_whole + 1, 0);
            te_pie_lstm_show(&s, p, limits + 3 * TE_PIE_VECTOR, &room);
            te_pie_copy_some(out + batch * p->out_batch + step * p->out_step, room.state, p->cells);
        }
        memcpy(kept, room.state, bytes);
        memcpy(cells, room.memory, size);
    }
}
