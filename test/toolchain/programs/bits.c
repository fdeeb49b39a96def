#include "print.h"
static u32 reversed(u32 x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  return __builtin_bswap32(x);
}
static u64 rotl(u64 x, int by) { return x << (by & 63) | x >> (-by & 63); }
static u16 rotl16(u16 x, int by) { return x << (by & 15) | x >> (-by & 15); }
static u8 rotr8(u8 x, int by) { return x >> (by & 7) | x << (-by & 7); }
int main(void) {
  for (int i = 0; i < 100; i++) {
    u64 n = next_random() >> next_random() % 64 | 1;
    int by = next_random() & 63;
    line_signed("clz", __builtin_clzll(n)), line_signed("ctz", __builtin_ctzll(n << by | 1ull << 63));
    line_signed("clz", __builtin_clz((u32)n)), line_signed("ctz", __builtin_ctz((u32)n << (by & 31) | 1u << 31));
    line_signed("pop", __builtin_popcountll(n)), line_signed("pop", __builtin_popcount((u32)n));
    line_signed("par", __builtin_parityll(n)), line_signed("ffs", __builtin_ffsll(n & ~1ull));
    line_hex("swap", __builtin_bswap64(n)), line_hex("swap", __builtin_bswap32(n)), line_hex("swap", __builtin_bswap16(n));
    line_hex("rev", reversed(n)), line_hex("rotl", rotl(n, by)), line_hex("rotl", rotl16(n, by)), line_hex("rotr", rotr8(n, by));
    line_hex("shl", n << by), line_hex("shr", n >> by), line_hex("sar", (u64)((i64)(n << 3) >> by));
    line_hex("sh", (u32)n << (by & 31)), line_hex("sh", (u32)((i32)n >> (by & 31)));
    line_hex("sh", (u8)((u8)n >> (by & 7))), line_hex("sh", (u16)((i16)n >> (by & 15)));
    line_hex("bit", n >> by & 1), line_hex("set", n | 1ull << by), line_hex("clr", n & ~(1ull << by)), line_hex("flip", n ^ 1ull << by);
    line_hex("ext", (u64)(i64)(i8)n), line_hex("ext", (u64)(i64)(i16)n), line_hex("ext", (u64)(i64)(i32)n), line_hex("ext", (u8)n);
    line_hex("mix", (u8)(n >> 8) * 3 + (u8)n), line_hex("and-not", n & ~(n >> by)), line_hex("low", n & -n), line_hex("mask", n ^ (n - 1));
    u8 a = n, b = n >> 8;
    i16 c = n, d = n >> 16;
    a += b, c *= d, b ^= a, d -= c;
    line_hex("narrow", a), line_signed("narrow", c), line_hex("narrow", b), line_signed("narrow", d);
    line_signed("narrow", (i8)a / ((i8)(b | 1)) + c % (d | 1));
  }
  flush();
  return 0;
}
