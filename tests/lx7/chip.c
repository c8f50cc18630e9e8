/* SPDX-License-Identifier: Apache-2.0 */
/* As much of an ESP32-S3 as our firmware needs, for machines that have no emulator of its vectors:

       lx7 IMAGE.elf [-plugin FILE,ARGUMENT,...]

   UART0 is stdin and stdout; the end of stdin ends it. An instruction is a cycle. What is known of the chip:
   ESP32-S3 Technical Reference Manual, "System and Memory", "UART Controller". All other registers of it keep
   what was written; the functions of its ROM do nothing. */
#include <elf.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core.h"

#define SRAM 0x3FC88000u /* SRAM1 on the data bus; on the instruction bus it is so much higher: */
#define SRAM_CODE 0x6F0000u
#define SRAM_SIZE 0x68000u
#define FLASH 0x3C000000u /* through the cache, each page at its own place */
#define FLASH_SIZE 0x400000u
#define ROM 0x40000000u
#define ROM_SIZE 0x60000u
#define REGISTERS 0x60000000u
#define REGISTERS_SIZE 0x100000u
#define UART_FIFO 0x60000000u
#define UART_STATUS 0x6000001Cu /* bytes that were received; to send there are never any */

static _Alignas(16) uint8_t sram[SRAM_SIZE], flash[FLASH_SIZE];
static uint32_t registers[REGISTERS_SIZE / 4];
static struct core core;

_Noreturn void chip_end(const char *what, uint32_t value) {
    fprintf(stderr, "lx7: %s 0x%08" PRIx32 " at 0x%08" PRIx32 ", after %" PRIu64 " instructions\n", what,
            value, core.pc, core.executed);
    exit(2);
}

uint8_t *chip_memory(uint32_t address, uint32_t size) {
    if (address - SRAM <= SRAM_SIZE - size)
        return sram + (address - SRAM);
    if (address - (SRAM + SRAM_CODE) <= SRAM_SIZE - size)
        return sram + (address - (SRAM + SRAM_CODE));
    if (address - FLASH <= FLASH_SIZE - size)
        return flash + (address - FLASH);
    chip_end("no memory at", address);
}

uint8_t *chip_writable(uint32_t address, uint32_t size) {
    if (address - FLASH < FLASH_SIZE)
        chip_end("a store into flash, at", address);
    return chip_memory(address, size);
}

bool chip_is_rom(uint32_t address) { return address - ROM < ROM_SIZE; }

/* The line. What is sent goes out when nothing more comes; who asks for long without a byte has to wait. */
static struct {
    uint8_t received[4096], sent[4096];
    size_t at, end, waiting;
    uint32_t idle;
} line;

static void flush(void) {
    for (size_t done = 0; done < line.waiting;) {
        const ssize_t count = write(STDOUT_FILENO, line.sent + done, line.waiting - done);
        if (count <= 0)
            exit(0);
        done += (size_t)count;
    }
    line.waiting = 0;
}

static uint32_t status(void) {
    enum { QUIET = 64 };
    if (line.at == line.end && ++line.idle >= QUIET) {
        flush();
        struct pollfd input = {STDIN_FILENO, POLLIN, 0};
        if (poll(&input, 1, 1) > 0) {
            const ssize_t count = read(STDIN_FILENO, line.received, sizeof line.received);
            if (count <= 0)
                exit(0);
            line.at = 0;
            line.end = (size_t)count;
        }
    }
    const size_t there = line.end - line.at;
    return there < 128 ? (uint32_t)there : 128;
}

static uint32_t take(void) {
    line.idle = 0;
    return line.at < line.end ? line.received[line.at++] : 0;
}

static void put(uint8_t byte) {
    line.idle = 0;
    line.sent[line.waiting++] = byte;
    if (line.waiting == sizeof line.sent)
        flush();
}

uint32_t chip_load(uint32_t address) {
    uint32_t word;
    if (address - REGISTERS < REGISTERS_SIZE)
        return address == UART_STATUS ? status()
               : address == UART_FIFO ? take()
                                      : registers[(address - REGISTERS) / 4];
    memcpy(&word, chip_memory(address, 4), 4);
    return word;
}

void chip_store(uint32_t address, uint32_t word) {
    if (address == UART_FIFO)
        put((uint8_t)word);
    else if (address - REGISTERS < REGISTERS_SIZE)
        registers[(address - REGISTERS) / 4] = word;
    else
        memcpy(chip_writable(address, 4), &word, 4);
}

static void read_at(FILE *file, long offset, void *to, size_t size) {
    if (fseek(file, offset, SEEK_SET) != 0 || (size != 0 && fread(to, size, 1, file) != 1))
        chip_end("a file that ends too early, at", (uint32_t)offset);
}

/* What the boot ROM does: segments to their places. */
static void load(const char *name) {
    FILE *file = fopen(name, "rb");
    Elf32_Ehdr head;
    if (file == NULL)
        chip_end("a file that cannot be read", 0);
    read_at(file, 0, &head, sizeof head);
    for (long i = 0; i < head.e_phnum; i++) {
        Elf32_Phdr segment;
        read_at(file, (long)head.e_phoff + i * head.e_phentsize, &segment, sizeof segment);
        if (segment.p_type == PT_LOAD && segment.p_filesz != 0)
            read_at(file, (long)segment.p_offset, chip_memory(segment.p_vaddr, segment.p_filesz),
                    segment.p_filesz);
    }
    core.pc = head.e_entry;
    fclose(file);
}

int main(int count, char **words) {
    if (count < 2 || count % 2 != 0) {
        fputs("lx7 IMAGE.elf [-plugin FILE,ARGUMENT,...]\n", stderr);
        return 2;
    }
    for (int i = 2; i < count; i += 2)
        plugins_load(words[i + 1]);
    load(words[1]);
    for (;;)
        core_step(&core);
}
