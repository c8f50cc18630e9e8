/* SPDX-License-Identifier: Apache-2.0 */
/* The same on the model of the registers: blocks of 512 bytes from stdin, as many to stdout. */
#include <stdio.h>

#include "tried.h"

int main(void) {
    static _Alignas(16) int8_t in[512], out[512];
    while (fread(in, sizeof in, 1, stdin) == 1) {
        memset(out, 0, sizeof out);
        tried(in, out);
        if (fwrite(out, sizeof out, 1, stdout) != 1)
            return 1;
    }
    return 0;
}
