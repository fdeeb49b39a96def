/* AVX and FMA in all modes of MXCSR: rounding, denormals as zeros, results flushed to zero. For
   each instruction all results, for many operands, as one number a mode. */
#include "../programs/floats.h"

typedef struct { u64 quarters[4]; } vector;
static vector first, second, third, result;
static u32 modes, restored = 0x1f80;

#define OPERATION(name, text)                                                                    \
  static void name(void) {                                                                       \
    __asm__ volatile(                                                                            \
        "vldmxcsr %[modes]\n\tvmovups %[first], %%ymm0\n\tvmovups %[second], %%ymm1\n\t"         \
        "vmovups %[third], %%ymm2\n\t" text "\n\tvmovups %%ymm0, %[result]\n\t"                  \
        "vldmxcsr %[restored]"                                                                   \
        : [result] "=m"(result)                                                                  \
        : [modes] "m"(modes), [restored] "m"(restored), [first] "m"(first),                      \
          [second] "m"(second), [third] "m"(third)                                               \
        : "xmm0", "xmm1", "xmm2", "memory");                                                     \
  }
#define KINDS(name)                                                                              \
  OPERATION(name##_ps, "v" #name "ps %%ymm1, %%ymm2, %%ymm0")                                    \
  OPERATION(name##_pd, "v" #name "pd %[second], %%ymm2, %%ymm0")                                 \
  OPERATION(name##_ss, "v" #name "ss %[second], %%xmm2, %%xmm0")                                 \
  OPERATION(name##_sd, "v" #name "sd %%xmm1, %%xmm2, %%xmm0")
#define FUSED_KINDS(name)                                                                        \
  OPERATION(name##132_ps, "v" #name "132ps %%ymm1, %%ymm2, %%ymm0")                              \
  OPERATION(name##213_pd, "v" #name "213pd %%ymm1, %%ymm2, %%ymm0")                              \
  OPERATION(name##231_ss, "v" #name "231ss %[second], %%xmm2, %%xmm0")                           \
  OPERATION(name##132_sd, "v" #name "132sd %[second], %%xmm2, %%xmm0")
#define COMPARISON(number)                                                                       \
  OPERATION(compare_ps_##number, "vcmpps $" #number ", %%ymm1, %%ymm2, %%ymm0")                  \
  OPERATION(compare_pd_##number, "vcmppd $" #number ", %%ymm1, %%ymm2, %%ymm0")
#define EIGHT(MACRO, tens)                                                                       \
  MACRO(tens##0) MACRO(tens##1) MACRO(tens##2) MACRO(tens##3) MACRO(tens##4) MACRO(tens##5)      \
  MACRO(tens##6) MACRO(tens##7)

KINDS(add) KINDS(mul) KINDS(div) KINDS(min)
FUSED_KINDS(fmadd) FUSED_KINDS(fmsub) FUSED_KINDS(fnmadd) FUSED_KINDS(fnmsub)
OPERATION(fmaddsub_ps, "vfmaddsub213ps %%ymm1, %%ymm2, %%ymm0")
OPERATION(fmaddsub_pd, "vfmaddsub231pd %[second], %%ymm2, %%ymm0")
OPERATION(fmsubadd_ps, "vfmsubadd132ps %[second], %%ymm2, %%ymm0")
OPERATION(fmsubadd_pd, "vfmsubadd213pd %%ymm1, %%ymm2, %%ymm0")
EIGHT(COMPARISON, ) COMPARISON(8) COMPARISON(9) EIGHT(COMPARISON, 1) COMPARISON(18)
COMPARISON(19) COMPARISON(30)
OPERATION(sqrt_ps, "vsqrtps %%ymm1, %%ymm0")
OPERATION(sqrt_sd, "vsqrtsd %%xmm1, %%xmm2, %%xmm0")
OPERATION(round_pd, "vroundpd $4, %%ymm1, %%ymm0")
OPERATION(add_sub, "vaddsubps %%ymm1, %%ymm2, %%ymm0")
OPERATION(add_across, "vhaddpd %%ymm1, %%ymm2, %%ymm0")
OPERATION(singles, "vcvtpd2psy %%ymm1, %%xmm0")
OPERATION(doubles, "vcvtps2pd %%xmm1, %%ymm0")
OPERATION(ints, "vcvtps2dq %%ymm1, %%ymm0")
OPERATION(ints_of_doubles, "vcvtpd2dqy %%ymm1, %%xmm0")
OPERATION(singles_of_ints, "vcvtdq2ps %%ymm1, %%ymm0")

#define ROW(name) {#name, name},
#define KIND_ROWS(name) ROW(name##_ps) ROW(name##_pd) ROW(name##_ss) ROW(name##_sd)
#define FUSED_ROWS(name) ROW(name##132_ps) ROW(name##213_pd) ROW(name##231_ss) ROW(name##132_sd)
#define COMPARISON_ROW(number) ROW(compare_ps_##number) ROW(compare_pd_##number)
static const struct { const char *name; void (*run)(void); } OPERATIONS[] = {
    KIND_ROWS(add) KIND_ROWS(mul) KIND_ROWS(div) KIND_ROWS(min) FUSED_ROWS(fmadd)
    FUSED_ROWS(fmsub) FUSED_ROWS(fnmadd) FUSED_ROWS(fnmsub) ROW(fmaddsub_ps) ROW(fmaddsub_pd)
    ROW(fmsubadd_ps) ROW(fmsubadd_pd) EIGHT(COMPARISON_ROW, ) COMPARISON_ROW(8) COMPARISON_ROW(9)
    EIGHT(COMPARISON_ROW, 1) COMPARISON_ROW(18) COMPARISON_ROW(19) COMPARISON_ROW(30) ROW(sqrt_ps)
    ROW(sqrt_sd) ROW(round_pd) ROW(add_sub) ROW(add_across) ROW(singles) ROW(doubles) ROW(ints)
    ROW(ints_of_doubles) ROW(singles_of_ints)};

static vector some_vector(int single) {
  vector some;
  for (int at = 0; at < 4; at++) some.quarters[at] = single ? some_singles() : some_double();
  return some;
}
int main(void) {
  enum { CASES = 400 };
  for (u32 at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
    for (u32 mode = 0; mode < 16; mode++) {
      u64 hash = 0;
      random_state = 88172645463325252 + mode / 4;
      modes = 0x1f80 | (mode & 3) << 13 | (mode & 4 ? 0x40 : 0) | (mode & 8 ? 0x8000 : 0);
      for (int number = 0; number < CASES; number++) {
        first = some_vector(number & 1), second = some_vector(number & 1);
        third = some_vector(number & 1);
        OPERATIONS[at].run();
        for (int quarter = 0; quarter < 4; quarter++) hash = hashed(hash, result.quarters[quarter]);
      }
      put(OPERATIONS[at].name), put_char(' '), put_hex(modes, 4), put_char(' ');
      put_hex(hash, 16), put_char('\n');
    }
  }
  flush();
  return 0;
}
