/* Floats of SSE in all modes of MXCSR: rounding, denormals as zeros, results flushed to zero. For
   each instruction all results, for many operands, as one number a mode. With -DTRACE=N the N-th
   one shows each of its cases. */
#include "floats.h"

typedef struct __attribute__((aligned(16))) { u64 low, high; } vector;
static vector left, right, result;
static u32 modes, restored = 0x1f80;
static u64 general;
static u8 conditions[4];

#define OPERATION(name, text)                                                                    \
  static void name(void) {                                                                       \
    __asm__ volatile(                                                                            \
        "ldmxcsr %[modes]\n\tmovaps %[left], %%xmm0\n\tmovaps %[right], %%xmm1\n\t"              \
        "movq %[right], %%rax\n\t" text                                                          \
        "\n\tmovaps %%xmm0, %[result]\n\tmovq %%rax, %[general]\n\tldmxcsr %[restored]"          \
        : [result] "=m"(result), [general] "=m"(general), [conditions] "+m"(conditions)          \
        : [modes] "m"(modes), [restored] "m"(restored), [left] "m"(left), [right] "m"(right)     \
        : "xmm0", "xmm1", "rax", "cc", "memory");                                                \
  }
#define FLAGS "\n\tsetc %[conditions]\n\tsetz 1+%[conditions]\n\tsetp 2+%[conditions]"
#define KINDS(name)                                                                              \
  OPERATION(name##_ps, #name "ps %%xmm1, %%xmm0")                                                \
  OPERATION(name##_pd, #name "pd %[right], %%xmm0")                                              \
  OPERATION(name##_ss, #name "ss %[right], %%xmm0")                                              \
  OPERATION(name##_sd, #name "sd %%xmm1, %%xmm0")
#define COMPARISONS(number)                                                                      \
  OPERATION(compare_ps_##number, "cmpps $" #number ", %%xmm1, %%xmm0")                           \
  OPERATION(compare_sd_##number, "cmpsd $" #number ", %%xmm1, %%xmm0")
#define ROUNDINGS(mode)                                                                          \
  OPERATION(round_ps_##mode, "roundps $" #mode ", %%xmm1, %%xmm0")                               \
  OPERATION(round_pd_##mode, "roundpd $" #mode ", %%xmm1, %%xmm0")                               \
  OPERATION(round_ss_##mode, "roundss $" #mode ", %%xmm1, %%xmm0")                               \
  OPERATION(round_sd_##mode, "roundsd $" #mode ", %[right], %%xmm0")

KINDS(add) KINDS(sub) KINDS(mul) KINDS(div) KINDS(sqrt) KINDS(min) KINDS(max)
COMPARISONS(0) COMPARISONS(1) COMPARISONS(2) COMPARISONS(3)
COMPARISONS(4) COMPARISONS(5) COMPARISONS(6) COMPARISONS(7)
ROUNDINGS(4) ROUNDINGS(8) ROUNDINGS(1) ROUNDINGS(2) ROUNDINGS(11)
OPERATION(add_sub_ps, "addsubps %%xmm1, %%xmm0")
OPERATION(add_sub_pd, "addsubpd %%xmm1, %%xmm0")
OPERATION(add_across_ps, "haddps %%xmm1, %%xmm0")
OPERATION(add_across_pd, "haddpd %%xmm1, %%xmm0")
OPERATION(sub_across_ps, "hsubps %[right], %%xmm0")
OPERATION(sub_across_pd, "hsubpd %%xmm1, %%xmm0")
OPERATION(single_of_int, "cvtsi2ssl %%eax, %%xmm0")
OPERATION(single_of_long, "cvtsi2ssq %%rax, %%xmm0")
OPERATION(double_of_int, "cvtsi2sdl %%eax, %%xmm0")
OPERATION(double_of_long, "cvtsi2sdq %[right], %%xmm0")
OPERATION(double_of_single, "cvtss2sd %%xmm1, %%xmm0")
OPERATION(single_of_double, "cvtsd2ss %%xmm1, %%xmm0")
OPERATION(doubles_of_singles, "cvtps2pd %%xmm1, %%xmm0")
OPERATION(singles_of_doubles, "cvtpd2ps %%xmm1, %%xmm0")
OPERATION(singles_of_ints, "cvtdq2ps %%xmm1, %%xmm0")
OPERATION(doubles_of_ints, "cvtdq2pd %%xmm1, %%xmm0")
OPERATION(ints_of_singles, "cvtps2dq %%xmm1, %%xmm0")
OPERATION(ints_of_doubles, "cvtpd2dq %%xmm1, %%xmm0")
OPERATION(cut_singles, "cvttps2dq %%xmm1, %%xmm0")
OPERATION(int_of_single, "cvtss2si %%xmm1, %%eax")
OPERATION(long_of_single, "cvtss2si %%xmm1, %%rax")
OPERATION(int_of_double, "cvtsd2si %[right], %%eax")
OPERATION(long_of_double, "cvtsd2si %%xmm1, %%rax")
OPERATION(cut_double, "cvttsd2si %%xmm1, %%rax")
OPERATION(flags_of_single, "ucomiss %%xmm1, %%xmm0" FLAGS)
OPERATION(flags_of_double, "comisd %%xmm1, %%xmm0" FLAGS)

#define ROW(name) {#name, name}
#define KIND_ROWS(name) ROW(name##_ps), ROW(name##_pd), ROW(name##_ss), ROW(name##_sd)
#define COMPARISON_ROWS(number) ROW(compare_ps_##number), ROW(compare_sd_##number)
#define ROUNDING_ROWS(m) ROW(round_ps_##m), ROW(round_pd_##m), ROW(round_ss_##m), ROW(round_sd_##m)
static const struct { const char *name; void (*run)(void); } OPERATIONS[] = {
    KIND_ROWS(add), KIND_ROWS(sub), KIND_ROWS(mul), KIND_ROWS(div), KIND_ROWS(sqrt), KIND_ROWS(min),
    KIND_ROWS(max), COMPARISON_ROWS(0), COMPARISON_ROWS(1), COMPARISON_ROWS(2), COMPARISON_ROWS(3),
    COMPARISON_ROWS(4), COMPARISON_ROWS(5), COMPARISON_ROWS(6), COMPARISON_ROWS(7),
    ROUNDING_ROWS(4), ROUNDING_ROWS(8), ROUNDING_ROWS(1), ROUNDING_ROWS(2), ROUNDING_ROWS(11), ROW(add_sub_ps), ROW(add_sub_pd), ROW(add_across_ps),
    ROW(add_across_pd), ROW(sub_across_ps), ROW(sub_across_pd), ROW(single_of_int),
    ROW(single_of_long), ROW(double_of_int), ROW(double_of_long), ROW(double_of_single),
    ROW(single_of_double), ROW(doubles_of_singles), ROW(singles_of_doubles), ROW(singles_of_ints),
    ROW(doubles_of_ints), ROW(ints_of_singles), ROW(ints_of_doubles), ROW(cut_singles),
    ROW(int_of_single), ROW(long_of_single), ROW(int_of_double), ROW(long_of_double),
    ROW(cut_double), ROW(flags_of_single), ROW(flags_of_double)};

int main(void) {
  enum { CASES = 1200 };
  for (u32 at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
#ifdef TRACE
    if (at != TRACE) continue;
#endif
    for (u32 mode = 0; mode < 16; mode++) {
      u64 hash = 0;
      random_state = 88172645463325252 + mode / 4;
      modes = 0x1f80 | (mode & 3) << 13 | (mode & 4 ? 0x40 : 0) | (mode & 8 ? 0x8000 : 0);
      for (int number = 0; number < CASES; number++) {
        int single = number & 1;
        left = (vector){single ? some_singles() : some_double(), single ? some_singles() : some_double()};
        right = (vector){single ? some_singles() : some_double(), single ? some_singles() : some_double()};
        conditions[0] = conditions[1] = conditions[2] = 0;
        OPERATIONS[at].run();
        u64 flags = conditions[0] | conditions[1] << 1 | conditions[2] << 2;
        hash = hashed(hashed(hashed(hash, result.low), result.high), general ^ flags);
#ifdef TRACE
        put(OPERATIONS[at].name), put_char(' '), put_hex(modes, 4), put_char(' ');
        put_hex(left.high, 16), put_char(' '), put_hex(left.low, 16), put_char(' ');
        put_hex(right.high, 16), put_char(' '), put_hex(right.low, 16), put(" = ");
        put_hex(result.high, 16), put_char(' '), put_hex(result.low, 16), put_char(' ');
        put_hex(general, 16), put_char(' '), put_hex(flags, 1), put_char('\n');
#endif
      }
      put(OPERATIONS[at].name), put_char(' '), put_hex(modes, 4), put_char(' ');
      put_hex(hash, 16), put_char('\n');
    }
  }
  flush();
  return 0;
}
