#include "print.h"
struct small { i32 a; i32 b; };
struct mixed { double x; i32 n; };
struct big { i32 values[12]; double last; };
struct bits { u32 a : 3; i32 b : 7; u64 c : 40; u32 d : 1; };
static __attribute__((noinline)) struct small swap(struct small it) { return (struct small){it.b, it.a}; }
static __attribute__((noinline)) struct mixed scale(struct mixed it, float by) {
  return (struct mixed){it.x * by, it.n + (i32)by};
}
static __attribute__((noinline)) struct big grow(struct big it, int by) {
  for (int i = 0; i < 12; i++) it.values[i] += by * i;
  it.last *= by;
  return it;
}
static __attribute__((noinline)) i64 many(i8 a, i16 b, i32 c, i64 d, u8 e, u16 f, u32 g, u64 h, i32 i) {
  return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7ll + h * 8 + i * 9;
}
static __attribute__((noinline)) i64 sum(int count, ...) {
  __builtin_va_list list;
  __builtin_va_start(list, count);
  i64 total = 0;
  for (int i = 0; i < count; i++) {
    if (i % 3 == 2) total += (i64)(__builtin_va_arg(list, double) * 10);
    else if (i % 3 == 1) total += __builtin_va_arg(list, i64);
    else total += __builtin_va_arg(list, int);
  }
  __builtin_va_end(list);
  return total;
}
static __attribute__((noinline)) u32 local(int size) {
  u8 *bytes = __builtin_alloca(size);
  for (int i = 0; i < size; i++) bytes[i] = i * 7;
  u32 total = 0;
  for (int i = 0; i < size; i++) total = total * 3 + bytes[i];
  return total;
}
int main(void) {
  struct small s = swap((struct small){1, -2});
  line_signed("a", s.a), line_signed("b", s.b);
  struct mixed m = scale((struct mixed){2.5, 7}, 3.75f);
  line_double("x", m.x), line_signed("n", m.n);
  struct big g = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 0.125};
  g = grow(grow(g, 3), -2);
  for (int i = 0; i < 12; i++) line_signed("v", g.values[i]);
  line_double("last", g.last);
  struct bits b = {.a = 9, .b = -33, .c = 0x123456789abull, .d = 1};
  b.c += 77, b.b *= 2;
  line_signed("bits", b.a), line_signed("bits", b.b), line_hex("bits", b.c), line_signed("bits", b.d);
  line_signed("many", many(-1, -300, 70000, -5000000000, 255, 65535, 4000000000u, 1ull << 40, -9));
  line_signed("sum", sum(9, 1, 2ll, 3.5, 4, -5000000000ll, -6.25, 7, 8ll, 9e9));
  for (int size = 1; size < 3000; size = size * 3 + 1) line_hex("local", local(size));
  flush();
  return 0;
}
