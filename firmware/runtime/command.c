/* SPDX-License-Identifier: Apache-2.0 */
/* Takes one request, does it on the arena, gives its answer. The table of requests is in link.h. */
#include "command.h"

#include "arena.h"
#include "bytes.h"
#include "crc32.h"
#include "hal.h"
#include "link.h"

static const struct {
    uint32_t offset;
    uint32_t size;
} tensors[] = {TE_APP_TENSORS};

#define TENSORS (TE_APP_INPUTS + TE_APP_OUTPUTS)

/* Who this firmware is; the host refuses one that it did not build. Each ends in a zero, the last by C's
 * rule. */
static const char identity[] =
    TE_APP_TOOL_VERSION "\0" TE_APP_BOARD "\0" TE_APP_MODEL "\0" TE_APP_MODEL_ID "\0" TE_APP_BUILD_ID;

static void fail(struct te_command *command, uint8_t error, uint32_t detail) {
    command->error = error;
    command->detail = detail;
}

static void answer64(struct te_command *command, uint64_t value) {
    te_put32(command->answer, (uint32_t)value);
    te_put32(command->answer + 4, (uint32_t)(value >> 32));
    command->answered = 8;
}

/* protocol u8, tick unit u8, payload limit u16, nonce u32, credit u32, arena u32, ticks_hz u32, layers u32,
 * inputs u16, outputs u16, then the strings of `identity`. */
static void te_hello(struct te_command *command) {
    uint8_t *to = command->answer;
    to[0] = TE_LINK_PROTOCOL;
    to[1] = HAL_TICK_UNIT;
    te_put16(to + 2, TE_LINK_PAYLOAD);
    te_put32(to + 4, te_get32(command->payload));
    te_put32(to + 8, HAL_RX_CREDIT);
    te_put32(to + 12, TE_APP_ARENA_SIZE);
    te_put32(to + 16, HAL_TICKS_HZ);
    te_put32(to + 20, TE_APP_LAYERS);
    te_put16(to + 24, TE_APP_INPUTS);
    te_put16(to + 26, TE_APP_OUTPUTS);
    memcpy(to + 28, identity, sizeof identity);
    command->answered = 28 + sizeof identity;
}

static void te_tensor(struct te_command *command) {
    const uint32_t index = te_get16(command->payload);
    if (index >= TENSORS) {
        fail(command, TE_ERANGE, index);
        return;
    }
    te_put32(command->answer, tensors[index].offset);
    te_put32(command->answer + 4, tensors[index].size);
    command->answered = 8;
}

/* Whether offset .. offset + size - 1 lies in the arena; fails the command otherwise. */
static bool te_inside(struct te_command *command, uint32_t offset, uint32_t size) {
    if (size > TE_APP_ARENA_SIZE || offset > TE_APP_ARENA_SIZE - size) {
        fail(command, TE_ERANGE, offset);
        return false;
    }
    return true;
}

static void te_write(struct te_command *command) {
    const uint32_t offset = te_get32(command->payload);
    const uint32_t size = command->size - 4;
    if (te_inside(command, offset, size)) {
        memcpy(te_arena() + offset, command->payload + 4, size);
    }
}

static void te_read(struct te_command *command) {
    const uint32_t offset = te_get32(command->payload);
    const uint32_t size = te_get16(command->payload + 4);
    if (size > TE_LINK_PAYLOAD) {
        fail(command, TE_ESIZE, size);
    } else if (te_inside(command, offset, size)) {
        memcpy(command->answer, te_arena() + offset, size);
        command->answered = size;
    }
}

static void te_run(struct te_command *command) {
    const uint32_t first = te_get16(command->payload);
    const uint32_t last = te_get16(command->payload + 2);
    if (last > TE_APP_LAYERS || first > last) {
        fail(command, TE_ERANGE, last > TE_APP_LAYERS ? last : first);
        return;
    }
    const uint64_t ticks = te_arena_run(first, last);
    const uint32_t broken = te_arena_broken();
    if (broken != 0) {
        te_arena_arm();
        fail(command, TE_EGUARD, broken);
        return;
    }
    answer64(command, ticks);
}

static void te_memory(struct te_command *command) {
    struct hal_memory memory;
    hal_memory(&memory);
    te_put32(command->answer, memory.stack_size);
    te_put32(command->answer + 4, memory.stack_used);
    te_put32(command->answer + 8, TE_APP_ARENA_SIZE);
    te_put32(command->answer + 12, memory.static_size);
    command->answered = 16;
}

static void te_self_test(struct te_command *command) {
    static const uint8_t digits[] = "123456789";
    volatile uint8_t *arena = te_arena();
    uint32_t failed = te_crc32(digits, 9) == 0xCBF43926u ? 0 : TE_TEST_CRC;
    failed |= te_arena_broken() == 0 ? 0 : TE_TEST_GUARD;
    /* Two values per byte, each bit both ways; multiplying by an odd number makes bytes that share an address
     * line differ, so a line that is stuck or shorted shows. */
    for (uint32_t flip = 0; flip < 256; flip += 255) {
        for (uint32_t i = 0; i < TE_APP_ARENA_SIZE; i++) {
            arena[i] = (uint8_t)((i * 0x9E3779B1u >> 24) ^ flip);
        }
        for (uint32_t i = 0; i < TE_APP_ARENA_SIZE; i++) {
            failed |= arena[i] == (uint8_t)((i * 0x9E3779B1u >> 24) ^ flip) ? 0 : TE_TEST_ARENA;
        }
    }
    te_put32(command->answer, failed);
    command->answered = 4;
}

/* The only length that a request's payload may have; WRITE has its data on top. */
static uint32_t te_length(uint8_t type) {
    switch (type) {
    case TE_HELLO:
    case TE_WRITE:
    case TE_RUN:
        return 4;
    case TE_READ:
        return 6;
    case TE_TENSOR:
        return 2;
    default:
        return 0;
    }
}

void te_command(struct te_command *command) {
    const uint32_t length = te_length(command->type);
    if (command->size < length || (command->size > length && command->type != TE_WRITE)) {
        fail(command, TE_ESIZE, command->size);
        return;
    }
    switch (command->type) {
    case TE_HELLO:
        te_hello(command);
        break;
    case TE_TENSOR:
        te_tensor(command);
        break;
    case TE_WRITE:
        te_write(command);
        break;
    case TE_READ:
        te_read(command);
        break;
    case TE_RUN:
        te_run(command);
        break;
    case TE_MEMORY:
        te_memory(command);
        break;
    case TE_SELF_TEST:
        te_self_test(command);
        break;
    case TE_TICKS:
        answer64(command, hal_ticks());
        break;
    case TE_RESET:
        break; /* te_command_sent() does it */
    default:
        fail(command, TE_ECOMMAND, command->type);
    }
}

void te_command_sent(uint8_t type) {
    if (type == (TE_RESET | TE_ANSWER)) {
        hal_reset();
    }
}
