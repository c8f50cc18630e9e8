/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the process's standard input and output for the line. */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif

#include "hal.h"

#include <stdlib.h>
#include <time.h>

#include "main.h"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <process.h>
#else
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#endif

static char **arguments;

/* Bytes on their way in and out: one system call for many frames. Output leaves before the process waits. */
static struct {
    uint8_t bytes[4096];
    size_t size;
    size_t taken;
} input;
static struct {
    uint8_t bytes[4096];
    size_t size;
} output;

void hal_init(void) {
#ifdef _WIN32
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
#endif
}

static void flush(void) {
    for (size_t sent = 0; sent < output.size;) {
#ifdef _WIN32
        const int done = _write(1, output.bytes + sent, (unsigned)(output.size - sent));
#else
        const ssize_t done = write(1, output.bytes + sent, output.size - sent);
        if (done < 0 && errno == EINTR) {
            continue;
        }
#endif
        if (done <= 0) {
            exit(0);
        }
        sent += (size_t)done;
    }
    output.size = 0;
}

/* Fills `input`, with nothing when no byte has come for 20 ms; ends the process when the other end is gone.
 */
static void fill(void) {
    input.taken = 0;
    input.size = 0;
#ifdef _WIN32
    /* Windows cannot poll a pipe: this waits, so here a half frame stays until the next frame's first zero.
     */
    const int got = _read(0, input.bytes, sizeof input.bytes);
#else
    struct pollfd pipe_in = {.fd = 0, .events = POLLIN};
    if (poll(&pipe_in, 1, 20) <= 0) {
        return;
    }
    const ssize_t got = read(0, input.bytes, sizeof input.bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
#endif
    if (got <= 0) {
        exit(0);
    }
    input.size = (size_t)got;
}

size_t hal_read(uint8_t *buffer, size_t size) {
    if (input.taken == input.size) {
        flush();
        fill();
    }
    size_t count = 0;
    while (count < size && input.taken < input.size) {
        buffer[count++] = input.bytes[input.taken++];
    }
    return count;
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (output.size == sizeof output.bytes) {
            flush();
        }
        output.bytes[output.size++] = data[i];
    }
}

uint64_t hal_ticks(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A process's stack belongs to the system: no honest figure. */
void hal_memory(struct hal_memory *memory) {
    *memory = (struct hal_memory){HAL_UNKNOWN, HAL_UNKNOWN, HAL_UNKNOWN};
}

/* A process that faults dies, and the transport says so. */
struct hal_fault *hal_fault(void) { return NULL; }

_Noreturn void hal_reset(void) {
    flush();
#ifdef _WIN32
    _execv(arguments[0], (const char *const *)arguments);
#else
    execv(arguments[0], arguments);
#endif
    abort();
}

int main(int count, char **values) {
    (void)count;
    arguments = values;
    te_main();
}
