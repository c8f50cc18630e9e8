/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TE_COMMAND_H
#define TE_COMMAND_H

#include <stdint.h>

/* Why a request failed: the payload of an ERROR as it stands. */
struct te_failure {
    uint8_t code; /* TE_E* */
    uint8_t zero;
    uint16_t seq;    /* the request's */
    uint32_t detail; /* the value that is wrong */
};

/* One request and what becomes of it. */
struct te_command {
    const uint8_t *payload; /* the request's, `size` bytes */
    uint32_t size;
    uint8_t *answer;           /* room for TE_LINK_PAYLOAD bytes; out: behind those that were written */
    struct te_failure failure; /* out; te_command() leaves `seq` alone */
    uint8_t type;
};

/* Executes a request. `failure.code` is TE_EOK on entry. */
void te_command(struct te_command *command);

#endif
