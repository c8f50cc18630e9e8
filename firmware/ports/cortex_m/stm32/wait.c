/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a register and what it should become, says whether it did. */
#include "wait.h"

#define LOOKS 160000u

bool wait_until(volatile uint32_t *what, uint32_t mask, uint32_t value) {
    for (uint32_t look = 0; look < LOOKS; look++) {
        if ((*what & mask) == value) {
            return true;
        }
    }
    return false;
}
