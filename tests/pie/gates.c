/* SPDX-License-Identifier: Apache-2.0 */
/* Every number of 16 bits through firmware/kernels/pie/gates.h, over the model of the registers, and through
   kernels/gates.h: arguments are te_gate_exp's bits before the point, whether it is a sigmoid, and a file of what
   pie/gates.h loads. Tells the numbers that differ. */
#include "kernels/gates.h"
#include "kernels/pie/gates.h"

#include <stdio.h>
#include <stdlib.h>

enum { NUMBERS = 1 << 16, MOST = 1 << 10 };

int main(int count, char **arguments) {
    static _Alignas(16) int8_t vectors[MOST], tried[2 * NUMBERS];
    const int32_t whole = count > 3 ? atoi(arguments[1]) : 0;
    const int sigmoid = count > 3 && atoi(arguments[2]) != 0;
    int16_t *numbers = (int16_t *)(void *)tried;
    FILE *file = count > 3 ? fopen(arguments[3], "rb") : NULL;
    te_pie s = {0};
    if (file == NULL || fread(vectors, 1, MOST, file) != (size_t)te_pie_gate_size(whole, sigmoid))
        return 2;
    (void)fclose(file);
    for (int32_t i = 0; i < NUMBERS; i++)
        numbers[i] = (int16_t)(i + INT16_MIN);
    te_pie_gates(&s, tried, NUMBERS / (TE_PIE_VECTOR / 2), vectors, whole, sigmoid);
    for (int32_t i = 0; i < NUMBERS; i++) {
        const int32_t x = i + INT16_MIN;
        const int32_t wanted = sigmoid ? te_gate_sigmoid(x) : te_gate_tanh(x, whole - 1);
        if (numbers[i] != wanted)
            (void)printf("%d: %d, not %d\n", (int)x, numbers[i], (int)wanted);
    }
    return 0;
}
