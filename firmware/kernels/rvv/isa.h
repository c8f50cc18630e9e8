/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first intrinsic. */
#if !defined(__riscv_v_min_vlen) || __riscv_v_min_vlen < 64
#error "this model's kernels need RISC-V vectors: compile for them, as with -march=rv32imc_zve32x_zvl64b"
#endif
