#include "print.h"
static volatile i64 inputs[] = {0, 1, -1, 2, -2, 3, 7, -7, 10, 127, 128, -128, 255, 256, 32767, 32768, -32768, 65535, 65536,
    2147483647, 2147483648, -2147483648, 4294967295, 4294967296, 0x7fffffffffffffff, -0x7fffffffffffffff - 1, 0x0123456789abcdef};
enum { COUNT = sizeof inputs / sizeof *inputs };
#define BOTH(name, type, unsigned_type) \
  static __attribute__((noinline)) u64 name(type a, type b) { \
    u64 sum = (u64)(type)(a + b) ^ (u64)(type)(a - b) * 3 ^ (u64)(type)(a * b) * 5 ^ (u64)(a & b) * 7 ^ (u64)(a | ~b) * 11; \
    if (b != 0) sum ^= (u64)(unsigned_type)((unsigned_type)a / (unsigned_type)b) * 13 ^ (u64)((unsigned_type)a % (unsigned_type)b) * 17; \
    if (b != 0 && b != (type)-1) sum ^= (u64)(type)(a / b) * 19 ^ (u64)(type)(a % b) * 23; \
    int by = b & (sizeof a * 8 - 1); \
    sum ^= (u64)(type)((unsigned_type)a << by) * 29 ^ (u64)(type)(a >> by) * 31 ^ (u64)(unsigned_type)((unsigned_type)a >> by) * 37; \
    return sum + (a < b) + 2 * (a <= b) + 4 * ((unsigned_type)a < (unsigned_type)b) + 8 * (a == b); \
  }
BOTH(bytes, i8, u8)
BOTH(halves, i16, u16)
BOTH(words, i32, u32)
BOTH(longs, i64, u64)
static __attribute__((noinline)) u64 by_constants(i64 a) {
  u64 sum = 0;
#define BY(n) sum = sum * 3 + (u64)(a / n) + (u64)(a % n) * 5 + (u64)((u64)a / n) * 7 + (u32)a / n + (i32)a % n + a * n
  BY(2); BY(3); BY(5); BY(7); BY(10); BY(16); BY(100); BY(641); BY(1000); BY(65535); BY(1000003);
  return sum;
}
int main(void) {
  for (int i = 0; i < COUNT; i++) {
    u64 sums[4] = {0, 0, 0, 0};
    for (int j = 0; j < COUNT; j++) {
      i64 a = inputs[i], b = inputs[j];
      sums[0] = sums[0] * 31 + bytes(a, b), sums[1] = sums[1] * 31 + halves(a, b);
      sums[2] = sums[2] * 31 + words(a, b), sums[3] = sums[3] * 31 + longs(a, b);
      i32 small = 0;
      i64 large = 0;
      int over = __builtin_add_overflow((i32)a, (i32)b, &small) + 2 * __builtin_sub_overflow((i32)a, (i32)b, &small);
      over += 4 * __builtin_mul_overflow((i32)a, (i32)b, &small) + 8 * __builtin_sub_overflow(a, b, &large);
      put_signed(over), put_char(' ');
    }
    for (int size = 0; size < 4; size++) put_hex(sums[size], 16), put_char(' ');
    put_hex(by_constants(inputs[i]), 16), put_char('\n');
  }
  flush();
  return 0;
}
