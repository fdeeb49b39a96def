#include "print.h"
enum { WIDTH = 64, HEIGHT = 40 };
static u64 rows[2][HEIGHT];
static u64 left(u64 row) { return row << 1 | row >> 63; }
static u64 right(u64 row) { return row >> 1 | row << 63; }
/* All cells of a row at once: their neighbours are counted in three planes of bits. */
static void step(const u64 *from, u64 *to) {
  for (int y = 0; y < HEIGHT; y++) {
    u64 above = from[(y + HEIGHT - 1) % HEIGHT], here = from[y], below = from[(y + 1) % HEIGHT];
    u64 around[8] = {left(above), above, right(above), left(here), right(here), left(below), below, right(below)};
    u64 ones = 0, twos = 0, fours = 0;
    for (int k = 0; k < 8; k++) {
      u64 carry = ones & around[k];
      ones ^= around[k];
      u64 more = twos & carry;
      twos ^= carry, fours |= more;
    }
    to[y] = twos & ~fours & (ones | here);
  }
}
int main(void) {
  for (int y = 0; y < HEIGHT; y++) {
    u64 one = next_random(), other = next_random();
    rows[0][y] = one & other;
  }
  for (int generation = 0; generation < 300; generation++) {
    int now = generation & 1;
    if (generation % 50 == 0) {
      int alive = 0;
      for (int y = 0; y < HEIGHT; y++) alive += __builtin_popcountll(rows[now][y]);
      line_signed("alive", alive);
    }
    step(rows[now], rows[!now]);
  }
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) put_char(rows[0][y] >> x & 1 ? '#' : '.');
    put_char('\n');
  }
  flush();
  return 0;
}
