#include "print.h"
static u32 twister[624];
static int twister_at = 624;
static void seed_twister(u32 seed) {
  for (int at = 0; at < 624; at++) twister[at] = seed, seed = 1812433253 * (seed ^ seed >> 30) + at + 1;
}
static u32 next_twister(void) {
  if (twister_at == 624) {
    for (int at = 0; at < 624; at++) {
      u32 y = (twister[at] & 0x80000000) | (twister[(at + 1) % 624] & 0x7fffffff);
      twister[at] = twister[(at + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0df : 0);
    }
    twister_at = 0;
  }
  u32 y = twister[twister_at++];
  y ^= y >> 11, y ^= y << 7 & 0x9d2c5680, y ^= y << 15 & 0xefc60000;
  return y ^ y >> 18;
}
static u64 pcg_state = 42;
static u32 next_pcg(void) {
  u64 old = pcg_state;
  pcg_state = old * 6364136223846793005 + 1442695040888963407;
  u32 shifted = (old >> 18 ^ old) >> 27, by = old >> 59;
  return shifted >> by | shifted << (-by & 31);
}
static u64 xo[4] = {1, 2, 3, 4};
static u64 rotl(u64 x, int by) { return x << by | x >> (64 - by); }
static u64 next_xoshiro(void) {
  u64 result = rotl(xo[1] * 5, 7) * 9, kept = xo[1] << 17;
  xo[2] ^= xo[0], xo[3] ^= xo[1], xo[1] ^= xo[2], xo[0] ^= xo[3], xo[2] ^= kept, xo[3] = rotl(xo[3], 45);
  return result;
}
static u64 next_wide(void) {
  static unsigned __int128 state = 12345;
  state = state * (((unsigned __int128)0x2360ed051fc65da4 << 64) | 0x4385df649fccf645) + 99;
  return state >> 64;
}
int main(void) {
  seed_twister(5489);
  int buckets[16] = {0};
  for (int n = 1; n <= 10000; n++) {
    u32 a = next_twister(), b = next_pcg();
    u64 c = next_xoshiro(), d = next_wide();
    buckets[(a ^ b ^ c ^ d) & 15]++;
    if (n == 10000 || n < 4) line_hex("twister", a), line_hex("pcg", b), line_hex("xoshiro", c), line_hex("wide", d);
  }
  for (int at = 0; at < 16; at++) put_signed(buckets[at]), put_char(' ');
  double sum = 0;
  for (int n = 0; n < 1000; n++) sum += (next_xoshiro() >> 11) * 0x1p-53;
  put_char('\n'), line_double("mean", sum / 1000);
  flush();
  return 0;
}
