/* The x87 by its instructions: for each one, all that is left in the unit, for many operands and
   all modes of rounding and precision, as one number a mode. With -DTRACE=N the N-th one shows
   each of its cases. */
#include "print.h"

typedef struct __attribute__((packed)) { u64 significand; u16 sign; } extended;
typedef struct __attribute__((packed)) { u32 words[7]; extended registers[8]; } unit;
static unit state, saved;
static extended left, right, packed;
static u32 single;
static u64 wide;
static u16 word, half;
static u8 conditions[4];

/* Names of conditions are stored where asked for. */
#define OPERATION(name, text)                                                                  \
  static void name(void) {                                                                     \
    __asm__ volatile("frstor %[state]\n\t" text "\n\tfnsave %[saved]"                          \
                     : [saved] "=m"(saved), [single] "+m"(single), [wide] "+m"(wide),          \
                       [half] "+m"(half), [packed] "+m"(packed), [conditions] "+m"(conditions) \
                     : [state] "m"(state)                                                      \
                     : "rax", "cc", "memory");                                                 \
  }
#define FLAGS                                                                                    \
  "\n\tsetc %[conditions]\n\tsetz 1+%[conditions]\n\tsetp 2+%[conditions]\n\tseto 3+%[conditions]"

OPERATION(add, "fadd %%st(1), %%st")
OPERATION(add_other, "fadd %%st, %%st(1)")
OPERATION(add_pop, "faddp %%st, %%st(1)")
OPERATION(add_single, "fadds %[single]")
OPERATION(add_double, "faddl %[wide]")
OPERATION(add_short, "fiadds %[half]")
OPERATION(add_int, "fiaddl %[single]")
OPERATION(subtract, "fsub %%st(1), %%st")
OPERATION(subtract_other, "fsub %%st, %%st(1)")
OPERATION(subtract_pop, "fsubp %%st, %%st(1)")
OPERATION(subtract_single, "fsubs %[single]")
OPERATION(reverse, "fsubr %%st(1), %%st")
OPERATION(reverse_other, "fsubr %%st, %%st(1)")
OPERATION(reverse_pop, "fsubrp %%st, %%st(1)")
OPERATION(reverse_double, "fsubrl %[wide]")
OPERATION(multiply, "fmul %%st(1), %%st")
OPERATION(multiply_pop, "fmulp %%st, %%st(1)")
OPERATION(multiply_single, "fmuls %[single]")
OPERATION(multiply_int, "fimull %[single]")
OPERATION(divide, "fdiv %%st(1), %%st")
OPERATION(divide_other, "fdiv %%st, %%st(1)")
OPERATION(divide_pop, "fdivp %%st, %%st(1)")
OPERATION(divide_double, "fdivl %[wide]")
OPERATION(divide_reverse, "fdivr %%st(1), %%st")
OPERATION(divide_reverse_pop, "fdivrp %%st, %%st(1)")
OPERATION(divide_reverse_short, "fidivrs %[half]")
OPERATION(root, "fsqrt")
OPERATION(remainder_cut, "fprem")
OPERATION(remainder_near, "fprem1")
OPERATION(scale, "fscale")
OPERATION(extract, "fxtract")
OPERATION(integral, "frndint")
OPERATION(absolute, "fabs")
OPERATION(negate, "fchs")
OPERATION(compare, "fcom %%st(1)")
OPERATION(compare_pop, "fcomp %%st(1)")
OPERATION(compare_pop_pop, "fcompp")
OPERATION(compare_single, "fcoms %[single]")
OPERATION(compare_double, "fcompl %[wide]")
OPERATION(compare_short, "ficoms %[half]")
OPERATION(compare_int, "ficompl %[single]")
OPERATION(quiet_compare, "fucom %%st(1)")
OPERATION(quiet_compare_pop, "fucomp %%st(1)")
OPERATION(quiet_compare_pop_pop, "fucompp")
OPERATION(compare_flags, "fcomi %%st(1), %%st" FLAGS)
OPERATION(compare_flags_pop, "fcomip %%st(1), %%st" FLAGS)
OPERATION(quiet_flags, "fucomi %%st(1), %%st" FLAGS)
OPERATION(quiet_flags_pop, "fucomip %%st(1), %%st" FLAGS)
OPERATION(test, "ftst")
OPERATION(examine, "fxam")
OPERATION(exchange, "fxch %%st(1)")
OPERATION(store_single, "fsts %[single]")
OPERATION(store_single_pop, "fstps %[single]")
OPERATION(store_double, "fstl %[wide]")
OPERATION(store_double_pop, "fstpl %[wide]")
OPERATION(store_extended, "fstpt %[packed]")
OPERATION(store_register, "fst %%st(3)")
OPERATION(store_register_pop, "fstp %%st(1)")
OPERATION(store_short, "fists %[half]")
OPERATION(store_short_pop, "fistps %[half]")
OPERATION(store_int, "fistl %[single]")
OPERATION(store_int_pop, "fistpl %[single]")
OPERATION(store_long, "fistpll %[wide]")
OPERATION(cut_short, "fisttps %[half]")
OPERATION(cut_int, "fisttpl %[single]")
OPERATION(cut_long, "fisttpll %[wide]")
OPERATION(store_decimal, "fbstp %[packed]")
OPERATION(load_single, "flds %[single]")
OPERATION(load_double, "fldl %[wide]")
OPERATION(load_short, "filds %[half]")
OPERATION(load_int, "fildl %[single]")
OPERATION(load_long, "fildll %[wide]")
OPERATION(load_register, "fld %%st(1)")
OPERATION(constants, "fld1\n\tfldl2t\n\tfldl2e\n\tfldpi\n\tfldlg2\n\tfldln2")
OPERATION(constant_zero, "fldz")
OPERATION(move_below, "stc\n\tfcmovb %%st(1), %%st\n\tclc\n\tfcmovb %%st(2), %%st")
OPERATION(move_if_compared, "fcomi %%st(1), %%st\n\tfcmovnbe %%st(1), %%st\n\tfcmovu %%st(2), %%st")
OPERATION(turn, "fincstp\n\tfincstp\n\tfdecstp\n\tffree %%st(2)\n\tfnop")
OPERATION(decimal, "fbld %[packed]")
OPERATION(copied, "fldt %[packed]\n\tfldt %[packed]")
OPERATION(environment, "fnstenv %[saved]\n\tfldenv %[saved]\n\tfnstcw %[half]\n\tfwait")
OPERATION(vector, "movq %%mm3, %%mm2\n\tpaddw %%mm1, %%mm5")
OPERATION(vector_read, "movd %%mm1, %[single]")
OPERATION(vector_end, "emms\n\tfld1")
OPERATION(status, "fadd %%st(1), %%st\n\tfnstsw %%ax\n\tmovw %%ax, %[half]\n\tfnclex")

#define ROW(name) {#name, name}
static const struct { const char *name; void (*run)(void); } OPERATIONS[] = {
    ROW(add), ROW(add_other), ROW(add_pop), ROW(add_single), ROW(add_double), ROW(add_short),
    ROW(add_int), ROW(subtract), ROW(subtract_other), ROW(subtract_pop), ROW(subtract_single),
    ROW(reverse), ROW(reverse_other), ROW(reverse_pop), ROW(reverse_double), ROW(multiply),
    ROW(multiply_pop), ROW(multiply_single), ROW(multiply_int), ROW(divide), ROW(divide_other),
    ROW(divide_pop), ROW(divide_double), ROW(divide_reverse), ROW(divide_reverse_pop),
    ROW(divide_reverse_short), ROW(root), ROW(remainder_cut), ROW(remainder_near), ROW(scale),
    ROW(extract), ROW(integral), ROW(absolute), ROW(negate), ROW(compare), ROW(compare_pop),
    ROW(compare_pop_pop), ROW(compare_single), ROW(compare_double), ROW(compare_short),
    ROW(compare_int), ROW(quiet_compare), ROW(quiet_compare_pop), ROW(quiet_compare_pop_pop),
    ROW(compare_flags), ROW(compare_flags_pop), ROW(quiet_flags), ROW(quiet_flags_pop), ROW(test),
    ROW(examine), ROW(exchange), ROW(store_single), ROW(store_single_pop), ROW(store_double),
    ROW(store_double_pop), ROW(store_extended), ROW(store_register), ROW(store_register_pop),
    ROW(store_short), ROW(store_short_pop), ROW(store_int), ROW(store_int_pop), ROW(store_long),
    ROW(cut_short), ROW(cut_int), ROW(cut_long), ROW(store_decimal), ROW(load_single),
    ROW(load_double), ROW(load_short), ROW(load_int), ROW(load_long), ROW(load_register),
    ROW(constants), ROW(constant_zero), ROW(move_below), ROW(move_if_compared), ROW(turn),
    ROW(decimal), ROW(copied), ROW(environment), ROW(vector), ROW(vector_read), ROW(vector_end),
    ROW(status)};

static const extended EDGES[] = {
    {0, 0}, {0, 0x8000}, {1, 0}, {1, 0x8000}, {0x7fffffffffffffff, 0}, {1ull << 63, 0},
    {~0ull, 0x8000}, {1ull << 63, 1}, {~0ull, 1}, {~0ull, 0x7ffe}, {1ull << 63, 0xfffe},
    {1ull << 63, 0x7fff}, {1ull << 63, 0xffff}, {3ull << 62, 0x7fff}, {3ull << 62, 0xffff},
    {(3ull << 62) + 5, 0x7fff}, {(1ull << 63) + 1, 0x7fff}, {(1ull << 63) + 9, 0xffff},
    {~0ull, 0xffff}, {1ull << 62, 0x3fff}, {0, 0x7fff}, {5, 0xffff}, {1ull << 62, 0x7fff}, {0, 3},
    {1ull << 63, 0x3fff}, {1ull << 63, 0xbfff}, {3ull << 62, 0x3fff}, {(1ull << 63) + 1, 0x3fff},
    {1ull << 63, 0x3ffe}, {3ull << 62, 0xbffe}, {5ull << 61, 0x4000}, {~0ull, 0x3ffe},
    {1ull << 63, 0x403e}, {1ull << 63, 0xc03e}, {~0ull, 0x403d}, {1ull << 63, 0x401e},
    {1ull << 63, 0xc01e}, {0xfffffffeull << 32, 0x401d}, {0xffffffff00000000, 0x401d},
    {1ull << 63, 0xc00e}, {0xffff000000000000, 0x400d}, {0xfffe800000000000, 0xc00d},
    {0xde0b6b3a763fffff, 0x403a}, {0xde0b6b3a76400000, 0x403a}, {1ull << 63, 0x3c01},
    {0xffffffffffff8000, 0x3c00}, {~0ull, 0x3c00}, {1ull << 63, 0x3f81}, {0xffffffc000000000, 0x3f80},
    {0xfffffffffffffc00, 0x43fe}, {~0ull, 0x43fe}, {0xffffff7fffffffff, 0x407e},
    {0xffffff8000000000, 0x407e}, {1ull << 63, 0x3bcd}, {(1ull << 63) + 1, 0x3bcc},
    {1ull << 63, 0x3f69}, {3ull << 62, 0x3f68}, {1ull << 63, 0x400c}, {3ull << 62, 0xc00d}};
enum { EDGE_COUNT = sizeof EDGES / sizeof *EDGES, RANDOM_COUNT = 600 };

/* Significands with long runs of equal bits are as likely as those without. */
static u64 random_significand(void) {
  u64 bits = next_random(), kind = next_random();
  int by = kind >> 8 & 63;
  if (kind & 1) bits = bits >> by << by;
  if (kind & 2) bits |= ((u64)1 << (kind >> 16 & 63)) - 1;
  if (kind & 4) bits = bits & 0xfff ? bits : ~bits;
  return kind & 0xf0 ? bits | (u64)1 << 63 : bits;
}
static extended random_extended(u16 near) {
  u64 kind = next_random();
  int exponent = kind & 1 ? kind >> 16 & 0x7fff : kind & 2 ? near + (int)(kind >> 16 & 0xff) - 128 : 0x3fff + (int)(kind >> 16 & 0x7f) - 64;
  if ((kind & 0x3c) == 0) exponent = kind >> 16 & 0x3f;
  if ((kind & 0x3c) == 4) exponent = 0x7fff - (kind >> 16 & 0x3f);
  extended made = {random_significand(), exponent & 0x7fff};
  if (made.sign == 0 && kind & 0x40) made.significand &= ~0ull >> 1;
  if (kind & 0x80) made.sign |= 0x8000;
  return made;
}
/* Two values on the stack, or more and less; all exceptions stay masked. */
static void fill_state(u64 kind) {
  u32 top = kind >> 8 & 7;
  state.words[0] = word, state.words[1] = kind >> 16 & 0x47ff & ~0x80 | top << 11;
  state.words[2] = kind == 0x600 ? 0x0fff : 0;
  for (u32 at = 0; at < 8; at++) {
    if (kind != 0x600 && kind >> (32 + 2 * at) & kind >> (33 + 2 * at) & 1) state.words[2] |= 3 << 2 * at;
    state.registers[at].significand = at * 0x1111111111111111, state.registers[at].sign = at;
  }
  state.registers[0] = left, state.registers[1] = right;
}
static void choose(u32 number) {
  if (number < EDGE_COUNT * EDGE_COUNT) {
    left = EDGES[number / EDGE_COUNT], right = EDGES[number % EDGE_COUNT];
  } else {
    u64 kind = next_random();
    left = kind & 7 ? random_extended(0x3fff) : EDGES[(kind >> 8) % EDGE_COUNT];
    right = kind & 56 ? random_extended(left.sign & 0x7fff) : EDGES[(kind >> 16) % EDGE_COUNT];
  }
  /* What is near to the right one in the other formats, for their own edges. */
  int exponent = (right.sign & 0x7fff) - 0x3fff;
  u64 sign = right.sign >> 15;
  u64 small = exponent > 127 ? 255 : exponent < -126 ? 0 : exponent + 127;
  u64 large = exponent > 1023 ? 2047 : exponent < -1022 ? 0 : exponent + 1023;
  single = sign << 31 | small << 23 | right.significand << 1 >> 41;
  wide = sign << 63 | large << 52 | right.significand << 1 >> 12;
  half = right.significand >> (number & 48);
  conditions[0] = conditions[1] = conditions[2] = conditions[3] = 0;
  packed.significand = 0, packed.sign = right.sign & 0x8000;
  for (int at = 0; at < 17; at++) {
    int digit = (left.significand >> 3 * at & 15) % 10;
    if (at < 16) packed.significand |= (u64)digit << 4 * at;
    else packed.sign |= digit;
  }
  fill_state(number >= EDGE_COUNT * EDGE_COUNT && (number & 3) == 0 ? next_random() : 0x600);
}
/* Addresses of code and data, and selectors, are not the same everywhere: bytes 12 to 27. */
static u64 folded(u64 hash, const void *bytes, u32 size, u32 from, u32 to) {
  for (u32 at = 0; at < size; at++) {
    if (at < from || at >= to) hash = (hash ^ ((const u8 *)bytes)[at]) * 0x100000001b3;
  }
  return hash;
}
static u64 outcome(u64 hash) {
  hash = folded(hash, &saved, sizeof saved, 12, 28);
  hash = folded(folded(hash, &packed, 10, 0, 0), conditions, 4, 0, 0);
  return (hash ^ single ^ (u64)half << 32 ^ wide) * 0x100000001b3;
}
#ifdef TRACE
static void trace(const char *name) {
  put(name), put_char(' '), put_hex(word, 4);
  put(" L"), put_hex(left.sign, 4), put_char('.'), put_hex(left.significand, 16);
  put(" R"), put_hex(right.sign, 4), put_char('.'), put_hex(right.significand, 16);
  put(" was "), put_hex(state.words[1], 4), put_char(' '), put_hex(state.words[2], 4);
  put(" is "), put_hex(saved.words[1], 4), put_char(' '), put_hex(saved.words[2], 4);
  put(" m "), put_hex(single, 8), put_char(' '), put_hex(wide, 16), put_char(' '), put_hex(half, 4);
  put(" p "), put_hex(packed.sign, 4), put_hex(packed.significand, 16);
  put(" f "), put_hex(conditions[0] | conditions[1] << 4 | conditions[2] << 8, 4);
  for (int i = 0; i < 4; i++) {
    const extended *it = saved.registers + i;
    put(" st "), put_hex(it->sign, 4), put_char('.'), put_hex(it->significand, 16);
  }
  put_char('\n');
}
#endif
int main(void) {
  for (u32 at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
#ifdef TRACE
    if (at != TRACE) continue;
#endif
    for (u32 mode = 0; mode < 16; mode++) {
      u64 hash = 0xcbf29ce484222325;
      random_state = 88172645463325252 + mode;
      word = 0x7f | mode << 8;
      for (u32 number = 0; number < EDGE_COUNT * EDGE_COUNT + RANDOM_COUNT; number++) {
        /* Each pair of edges in four of the sixteen modes. */
        if (number < EDGE_COUNT * EDGE_COUNT && ((number ^ mode) & 3) != 0) continue;
        choose(number);
        OPERATIONS[at].run();
        hash = outcome(hash);
#ifdef TRACE
        trace(OPERATIONS[at].name);
#endif
      }
      put(OPERATIONS[at].name), put_char(' '), put_hex(word, 4), put_char(' ');
      put_hex(hash, 16), put_char('\n');
    }
  }
  flush();
  return 0;
}
