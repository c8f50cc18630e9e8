/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the one task of the exported example until it first waits. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline int xTaskCreate(void (*task)(void *), const char *name, uint32_t stack_bytes, void *argument,
                              unsigned priority, void *handle) {
    printf("%s %u %u %d\n", name, (unsigned)stack_bytes, priority, handle != NULL);
    task(argument);
    return 1;
}

static inline void vTaskDelay(TickType_t ticks) {
    (void)ticks;
    exit(0);
}

void app_main(void);
int main(void) {
    app_main();
    return 1;
}
