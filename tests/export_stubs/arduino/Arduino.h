// SPDX-License-Identifier: Apache-2.0
// As much of Arduino as the exported sketch uses; what it prints goes to stdout.
#pragma once

#include <stdint.h>
#include <stdio.h>

struct SerialPort {
    void begin(unsigned long) {}
    operator bool() const { return true; }
    void print(const char *text) { fputs(text, stdout); }
    void print(char character) { putchar(character); }
    void print(int value) { printf("%d", value); }
    void print(unsigned value) { printf("%u", value); }
    void print(long value) { printf("%ld", value); }
    void print(unsigned long value) { printf("%lu", value); }
    template <typename Value> void println(Value value) {
        print(value);
        println();
    }
    void println() { putchar('\n'); }
};

extern SerialPort Serial;
static inline unsigned long millis() { return 0; }
static inline unsigned long micros() { return 0; }
static inline void delay(unsigned long) {}

void setup();
void loop();
