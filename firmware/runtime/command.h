/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TE_COMMAND_H
#define TE_COMMAND_H

#include <stdint.h>

/* One request and what becomes of it. */
struct te_command {
    uint8_t type;
    uint8_t error;          /* out: TE_E* */
    const uint8_t *payload; /* the request's, `size` bytes */
    uint32_t size;
    uint8_t *answer;   /* out: room for TE_LINK_PAYLOAD bytes */
    uint32_t answered; /* out: bytes in it */
    uint32_t detail;   /* out: the value that is wrong */
};

/* Executes a request. `error`, `answered` and `detail` are 0 on entry. */
void te_command(struct te_command *command);

/* Does what must wait until the answer is on the line; `type` is the answer's. */
void te_command_sent(uint8_t type);

#endif
