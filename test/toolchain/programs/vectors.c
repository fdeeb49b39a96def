#include "print.h"
typedef float f4 __attribute__((vector_size(16)));
typedef double d2 __attribute__((vector_size(16)));
typedef i32 s4 __attribute__((vector_size(16)));
typedef u8 b16 __attribute__((vector_size(16)));
typedef i16 h8 __attribute__((vector_size(16)));
static void show(const void *from) {
  const u8 *bytes = from;
  for (int at = 0; at < 16; at++) put_hex(bytes[at], 2);
  put_char('\n');
}
static __attribute__((noinline)) f4 blend(f4 a, f4 b) { s4 mask = a < b; return (f4)((mask & (s4)a) | (~mask & (s4)b)); }
static __attribute__((noinline)) d2 poly(d2 x) { return ((x * 0.25 - 1.5) * x + 3) * x - 0.125; }
static __attribute__((noinline)) s4 mix(s4 a, s4 b) { return (a * b + (a >> 3)) ^ (b << 2) ^ (a == b) ^ (a > b); }
static __attribute__((noinline)) b16 bytes_of(b16 a, b16 b) { return (a + b) ^ (a > b) ^ (a * b) ^ (b >> 1); }
static __attribute__((noinline)) h8 halves(h8 a, h8 b) { return a * b - (a >> 2) + (a < b) + a / (b | 1); }
static float sums[64];
static i32 counts[64];
int main(void) {
  for (int n = 0; n < 40; n++) {
    union { u64 words[2]; f4 f; d2 d; s4 s; b16 b; h8 h; } a, b;
    for (int half = 0; half < 2; half++) a.words[half] = next_random(), b.words[half] = next_random();
    s4 s = mix(a.s, b.s);
    b16 c = bytes_of(a.b, b.b);
    h8 h = halves(a.h, b.h);
    show(&s), show(&c), show(&h);
    f4 f = {n * 0.5f, -n, 1.0f / (n + 1), 7}, g = {n - 3, 2.5f, 0.01f * n, n};
    f4 chosen = blend(f, g), quotient = f / g + g * f;
    d2 p = poly((d2){n * 0.1, -n});
    show(&chosen), show(&p);
    if (g[0] != 0 && n > 0) show(&quotient);
  }
  for (int n = 0; n < 64; n++) sums[n] = n * 0.3f, counts[n] = n * n - 100;
  for (int round = 0; round < 5; round++) for (int n = 0; n < 64; n++) sums[n] = sums[n] * 1.01f + counts[n], counts[n] = (i32)sums[n] % 1000;
  for (int n = 0; n < 64; n++) show(&(struct { float a; i32 b; u64 c; }){sums[n], counts[n], n});
  flush();
  return 0;
}
