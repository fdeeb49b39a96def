/* Floats of SSE in all modes of MXCSR: rounding, denormals as zeros, results flushed to zero. For
   each instruction all results, for many operands, as one number a mode. With -DTRACE=N the N-th
   one shows each of its cases. */
#include "print.h"

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

static const u64 DOUBLES[] = {
    0, 1, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001, 0x001fffffffffffff,
    0x3ff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000000,
    0x7ff8000000000005, 0x7ff0000000000009, 0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000,
    0x41dfffffffc00000, 0x41e0000000000000, 0x43e0000000000000, 0x4330000000000001, 0x36a0000000000001,
    0x47efffffe0000000, 0x47effffff0000000, 0x380fffffffffffff, 0x3810000000000000, 0x3cb0000000000001,
    0x0028000000000000, 0x3c90000000000000};
static const u32 SINGLES[] = {
    0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x7f7fffff,
    0x7f800000, 0x7fc00005, 0x7f800009, 0x3f000000, 0x3fc00000, 0x40200000, 0x4effffff, 0x4f000000,
    0x5f000000, 0x4b000001, 0x33800000, 0x34000001, 0x01000003};
enum { DOUBLE_COUNT = sizeof DOUBLES / sizeof *DOUBLES, SINGLE_COUNT = sizeof SINGLES / sizeof *SINGLES };

static u64 some_double(void) {
  u64 kind = next_random(), sign = kind << 63;
  if (kind & 6) return sign ^ DOUBLES[(kind >> 8) % DOUBLE_COUNT];
  u64 bits = next_random();
  if (kind & 8) bits = bits >> 1 & 0x800fffffffffffff | (0x3f0 + (kind >> 16 & 31)) << 52;
  if ((kind & 48) == 0) bits = bits & 0x800fffffffffffff | (kind >> 16 & 63) << 52;
  return kind & 64 ? bits : bits >> (kind >> 24 & 31) << (kind >> 24 & 31);
}
static u64 some_singles(void) {
  u64 both = 0;
  for (int at = 0; at < 2; at++) {
    u64 kind = next_random();
    u32 bits = next_random();
    if (kind & 6) bits = (u32)kind << 31 ^ SINGLES[(kind >> 8) % SINGLE_COUNT];
    else if (kind & 8) bits = bits & 0x807fffff | (0x70 + (u32)(kind >> 16 & 31)) << 23;
    else if ((kind & 48) == 0) bits = bits & 0x807fffff | (u32)(kind >> 16 & 31) << 23;
    both = both << 32 | bits;
  }
  return both;
}
static u64 hashed(u64 hash, u64 bits) {
  hash = (hash ^ bits) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}
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
