/* SPDX-License-Identifier: Apache-2.0 */
/* The chains of blocks.py made of CMSIS-DSP's functions, one C function each: cmsis_dsp.py builds this with a
   checkout of CMSIS-DSP and counts the instructions from the entry of a function to that of done(). */
#include "arm_math.h"
#include "chains.h" /* made by cmsis_dsp.py: LENGTHS, POSITIONS and WEIGHTS of the 40 mel filters of 512 samples */
#include "hal.h"
#include "main.h"
#include "session.h"

enum { ROWS = 512, FILTERS = 40, CEPSTRA = 13, TAPS = 32 };

static const uint32_t positions[FILTERS] = {POSITIONS}, lengths[FILTERS] = {LENGTHS};
static q15_t samples[ROWS], narrow[ROWS], taps[TAPS], delays[ROWS + TAPS];
static q31_t wide[ROWS], window[ROWS], bins[2 * ROWS + 2], powers[ROWS], levels[FILTERS], cepstra[CEPSTRA];
static q31_t weights[WEIGHTS], cosines[CEPSTRA * FILTERS], coefficients[2 * 5], history[2 * 4];
static arm_rfft_instance_q31 transform;
static arm_mfcc_instance_q31 mfcc;
static arm_fir_instance_q15 fir;
static arm_fir_decimate_instance_q15 decimator;
static arm_biquad_casd_df1_inst_q31 biquads;

__attribute__((noinline)) static void done(void) { __asm__ volatile("" ::: "memory"); }

static void spectrum(uint32_t rows) {
    arm_q15_to_q31(samples, wide, rows);
    arm_mult_q31(wide, window, wide, rows);
    arm_rfft_q31(&transform, wide, bins);
}

static void init(uint32_t rows) {
    uint32_t state = 12345; /* as bench.py feeds ours */
    uint8_t *bytes = (uint8_t *)samples;
    for (uint32_t i = 0; i < sizeof samples; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
    for (int i = 0; i < ROWS; i++)
        window[i] = i < ROWS / 2 ? i << 23 : (ROWS - i) << 23;
    for (int i = 0; i < WEIGHTS; i++)
        weights[i] = 1 << 29;
    for (int i = 0; i < TAPS; i++)
        taps[i] = 1000;
    arm_rfft_init_q31(&transform, rows, 0, 1);
}

__attribute__((noinline)) static void fft_256(void) { spectrum(256); }

__attribute__((noinline)) static void fft_512(void) { spectrum(512); }

__attribute__((noinline)) static void magnitudes_512(void) {
    spectrum(512);
    arm_cmplx_mag_q31(bins, powers, 257);
}

__attribute__((noinline)) static void levels_512(void) {
    spectrum(512);
    arm_cmplx_mag_squared_q31(bins, powers, 257);
    arm_vlog_q31(powers, powers, 257);
}

/* As arm_mfcc_q31 does, without its cosine transform. */
__attribute__((noinline)) static void log_mel_512(void) {
    spectrum(512);
    arm_cmplx_mag_q31(bins, powers, 257);
    const q31_t *at = weights;
    for (int i = 0; i < FILTERS; at += lengths[i++]) {
        q63_t sum;
        arm_dot_prod_q31(powers + positions[i], at, lengths[i], &sum);
        levels[i] = (q31_t)(sum >> 18);
    }
    arm_vlog_q31(levels, levels, FILTERS);
}

__attribute__((noinline)) static void mfcc_512(void) {
    arm_q15_to_q31(samples, wide, 512);
    arm_mfcc_q31(&mfcc, wide, cepstra, bins);
}

__attribute__((noinline)) static void fir_32(void) { arm_fir_q15(&fir, samples, narrow, 256); }

/* Of channels that already lie apart. */
__attribute__((noinline)) static void fir_32_of_3(void) {
    for (int channel = 0; channel < 3; channel++)
        arm_fir_q15(&fir, samples + 64 * channel, narrow, 64);
}

__attribute__((noinline)) static void decimate_4(void) {
    arm_fir_decimate_q15(&decimator, samples, narrow, 256);
}

__attribute__((noinline)) static void biquads_2(void) {
    arm_q15_to_q31(samples, wide, 256);
    arm_biquad_cascade_df1_q31(&biquads, wide, wide, 256);
    arm_q31_to_q15(wide, narrow, 256);
}

__attribute__((noinline)) static void biquads_2_of_3(void) {
    for (int channel = 0; channel < 3; channel++) {
        arm_q15_to_q31(samples + 64 * channel, wide, 64);
        arm_biquad_cascade_df1_q31(&biquads, wide, wide, 64);
        arm_q31_to_q15(wide, narrow, 64);
    }
}

__attribute__((noinline)) static void statistics_5(void) {
    uint32_t at;
    arm_mean_q15(samples, 256, narrow);
    arm_std_q15(samples, 256, narrow + 1);
    arm_rms_q15(samples, 256, narrow + 2);
    arm_min_q15(samples, 256, narrow + 3, &at);
    arm_max_q15(samples, 256, narrow + 4, &at);
}

static void (*const chains[])(void) = {
    fft_512,     magnitudes_512, levels_512, log_mel_512,    mfcc_512,     fir_32,
    fir_32_of_3, decimate_4,     biquads_2,  biquads_2_of_3, statistics_5, fft_256,
};

void te_session_fault(const struct hal_fault *fault) { (void)fault; }

_Noreturn void te_main(void) {
    arm_mfcc_init_512_q31(&mfcc, FILTERS, CEPSTRA, cosines, positions, lengths, weights, window);
    for (unsigned i = 0; i < sizeof chains / sizeof *chains; i++) {
        init(chains[i] == fft_256 ? 256 : 512);
        arm_fir_init_q15(&fir, TAPS, taps, delays, 256);
        arm_fir_decimate_init_q15(&decimator, TAPS, 4, taps, delays, 256);
        for (int k = 0; k < 10; k++)
            coefficients[k] = 100000000;
        arm_biquad_cascade_df1_init_q31(&biquads, 2, coefficients, history, 1);
        chains[i]();
        done();
    }
    for (;;) {
    }
}
