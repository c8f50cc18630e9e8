/* SPDX-License-Identifier: Apache-2.0 */
/* Takes frames in whatever order the line gives them, has each request executed once and in order. */
#include "session.h"

#include "bytes.h"
#include "command.h"
#include "link.h"

/* The largest payload but for an answer's: a fault record's words behind its magic. */
#define FAULT (sizeof(struct hal_fault) - offsetof(struct hal_fault, pc))

/* A header is one word: session in its lowest byte, then seq, then the type. */
static uint8_t number_of(uint32_t header) { return (uint8_t)header; }

static uint16_t seq_of(uint32_t header) { return (uint16_t)(header >> 8); }

static uint32_t type_of(uint32_t header) { return header >> 24; }

static uint32_t with_type(uint32_t header, uint32_t type) { return (header & 0xFFFFFFu) | type << 24; }

static struct {
    uint8_t number;            /* 0: no session yet */
    uint16_t expected;         /* seq of the next request */
    uint32_t nonce;            /* of its HELLO */
    struct te_command command; /* the last that was executed */
    _Alignas(4) uint8_t answer[TE_LINK_SPACE];
} session;

/* Sends a small frame; the last answer stays what it is. */
static void say(uint32_t header, const void *payload, uint32_t size) {
    _Alignas(4) uint8_t frame[TE_LINK_HEADER + FAULT + TE_LINK_CRC + 1u];
    te_put32(frame, header);
    memcpy(frame + TE_LINK_HEADER, payload, size);
    te_link_send(frame, TE_LINK_HEADER + size);
}

static void say_fault(uint8_t number, const struct hal_fault *fault) {
    say(with_type(number, TE_FAULT), &fault->pc, FAULT);
}

void te_session_fault(const struct hal_fault *fault) { say_fault(session.number, fault); }

/* A request of no session: the chip has restarted since its HELLO, perhaps after a fault. */
static void say_lost(uint32_t header) {
    const struct hal_fault *fault = hal_fault();
    if (fault != NULL && fault->magic == HAL_FAULT_MAGIC) {
        say_fault(number_of(header), fault);
        return;
    }
    const struct te_failure lost = {.code = TE_ESESSION, .seq = seq_of(header)};
    say(with_type(header, TE_ERROR), &lost, sizeof lost);
}

static void start(uint32_t header, uint32_t nonce) {
    struct hal_fault *fault = hal_fault();
    if (fault != NULL) {
        fault->magic = 0;
    }
    session.number = number_of(header);
    session.expected = seq_of(header);
    session.nonce = nonce;
    session.command.failure.code = TE_EOK;
}

static void execute(uint32_t header, const struct te_frame *frame) {
    uint8_t *const payload = session.answer + TE_LINK_HEADER;
    struct te_command *const command = &session.command;
    uint32_t type = type_of(header) | TE_ANSWER;
    command->answer = payload;
    if (command->failure.code == TE_EOK) {
        command->type = (uint8_t)type_of(header);
        command->payload = frame->bytes + TE_LINK_HEADER;
        command->size = frame->size - TE_LINK_HEADER;
        command->failure.seq = seq_of(header);
        te_command(command);
    }
    if (command->failure.code != TE_EOK) {
        type = TE_ERROR;
        memcpy(payload, &command->failure, sizeof command->failure);
        command->answer = payload + sizeof command->failure;
    }
    te_put32(session.answer, with_type(header, type));
}

void te_session_step(void) {
    const struct te_frame *const frame = te_link_receive();
    const uint32_t header = te_get32(frame->bytes);
    const uint8_t number = number_of(header);
    if (type_of(header) == TE_HELLO && frame->size == TE_LINK_HEADER + 4 && number != 0) {
        /* A late copy of this session's own HELLO must not begin it again: the rules below answer or refuse
         * it. */
        const uint32_t nonce = te_get32(frame->bytes + TE_LINK_HEADER);
        if (number != session.number || nonce != session.nonce) {
            start(header, nonce);
        }
    }
    if (session.number == 0) {
        say_lost(header);
        return;
    }
    if (number != session.number) {
        return; /* a straggler of an earlier session */
    }
    const int16_t ahead = (int16_t)(uint16_t)(seq_of(header) - session.expected);
    if (ahead == 0) {
        session.expected++;
        execute(header, frame);
    }
    if (ahead == 0 || ahead == -1) {
        te_link_send(session.answer, (uint32_t)(session.command.answer - session.answer));
        if (session.answer[3] == (TE_RESET | TE_ANSWER)) {
            hal_reset();
        }
        return;
    }
    say(with_type(header, TE_NAK), &session.expected, sizeof session.expected);
}
