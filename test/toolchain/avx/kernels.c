/* Loops that gcc makes vectors of 256 bits of, where it may use AVX2 and FMA. */
#include "../programs/print.h"

enum { COUNT = 1003 };
static float singles[COUNT], other_singles[COUNT], result_singles[COUNT];
static double doubles[COUNT], other_doubles[COUNT], result_doubles[COUNT];
static i32 ints[COUNT], other_ints[COUNT], result_ints[COUNT];
static i64 longs[COUNT];
static u8 bytes[COUNT], other_bytes[COUNT], result_bytes[COUNT];
static u16 words[COUNT];

/* No call is to be inlined, nor made for one caller only. */
#define KERNEL static __attribute__((noipa)) void

KERNEL multiply_add(void) {
  for (int at = 0; at < COUNT; at++) {
    result_singles[at] = __builtin_fmaf(singles[at], other_singles[at], result_singles[at]);
    result_doubles[at] = __builtin_fma(-doubles[at], other_doubles[at], result_doubles[at]);
  }
}
KERNEL polynomial(void) {
  for (int at = 0; at < COUNT; at++) {
    double x = doubles[at];
    result_doubles[at] = ((0.5 * x + 0.25) * x - 3) * x + 1 / (1 + x * x);
  }
}
KERNEL choose(void) {
  for (int at = 0; at < COUNT; at++) {
    result_ints[at] = ints[at] > other_ints[at] ? ints[at] * 3 : other_ints[at] >> 2;
    if (singles[at] < other_singles[at]) result_singles[at] = singles[at];
  }
}
KERNEL shift(void) {
  for (int at = 0; at < COUNT; at++) {
    result_ints[at] = ints[at] << (other_ints[at] & 31) ^ (u32)ints[at] >> (bytes[at] & 31);
    longs[at] = longs[at] << (bytes[at] & 63) ^ ints[at];
  }
}
KERNEL blend_bytes(void) {
  for (int at = 0; at < COUNT; at++) {
    result_bytes[at] = (bytes[at] * 77 + other_bytes[at] * 179 + 128) >> 8;
    words[at] = bytes[at] > other_bytes[at] ? bytes[at] - other_bytes[at] : words[at];
  }
}
KERNEL convert(void) {
  for (int at = 0; at < COUNT; at++) {
    result_doubles[at] = (double)singles[at] + ints[at];
    result_singles[at] = (float)other_doubles[at];
    result_ints[at] = (i32)(doubles[at] * 1000);
  }
}
KERNEL gather(void) {
  for (int at = 0; at < COUNT; at++) result_ints[at] = ints[(u32)other_ints[at] % COUNT] + at;
}
KERNEL reverse(void) {
  for (int at = 0; at < COUNT; at++) {
    result_bytes[at] = bytes[COUNT - 1 - at];
    result_singles[at] = singles[COUNT - 1 - at];
    result_doubles[at] = doubles[COUNT - 1 - at];
  }
}
KERNEL neighbours(void) {
  for (int at = 0; at < COUNT / 2; at++) {
    result_singles[at] = singles[2 * at] * other_singles[2 * at + 1];
    result_ints[at] = ints[2 * at] - ints[2 * at + 1];
    words[at] = bytes[2 * at] + bytes[2 * at + 1];
  }
}
static __attribute__((noipa)) i64 sum(void) {
  i64 total = 0;
  for (int at = 0; at < COUNT; at++) total += (i64)ints[at] * other_ints[at] + words[at];
  return total;
}
static __attribute__((noipa)) u32 differences(void) {
  u32 total = 0;
  for (int at = 0; at < COUNT; at++) {
    int difference = bytes[at] - other_bytes[at];
    total += difference < 0 ? -difference : difference;
  }
  return total;
}

static void fill(void) {
  for (int at = 0; at < COUNT; at++) {
    u64 bits = next_random();
    ints[at] = bits, other_ints[at] = bits >> 32, longs[at] = bits * 3;
    bytes[at] = bits >> 7, other_bytes[at] = bits >> 19, words[at] = bits >> 23;
    singles[at] = (i32)bits / 65536.f, other_singles[at] = (i32)(bits >> 20) / 1e6f;
    doubles[at] = (i64)bits / 1e17, other_doubles[at] = (i64)(bits << 9) / 1e15;
    result_singles[at] = at / 3.f, result_doubles[at] = at / 7.;
  }
}
static u64 hash;
static void mix(const void *from, u32 size) {
  const u8 *at = from;
  while (size-- > 0) hash = (hash ^ *at++) * 0x100000001b3;
}
static void show(const char *name) {
  mix(result_singles, sizeof result_singles), mix(result_doubles, sizeof result_doubles);
  mix(result_ints, sizeof result_ints), mix(longs, sizeof longs);
  mix(result_bytes, sizeof result_bytes), mix(words, sizeof words);
  line_hex(name, hash);
}
#define TRY(name) fill(), name(), show(#name)
int main(void) {
  for (int round = 0; round < 3; round++) {
    TRY(multiply_add), TRY(polynomial), TRY(choose), TRY(shift), TRY(blend_bytes);
    TRY(convert), TRY(gather), TRY(reverse), TRY(neighbours);
    line_signed("sum", sum()), line_signed("differences", differences());
  }
  flush();
  return 0;
}
