#include "print.h"
static u32 ackermann(u32 m, u32 n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int moves;
static void hanoi(int n, int from, int to, int over) {
  if (n == 0) return;
  hanoi(n - 1, from, over, to), moves = moves * 3 + from * 4 + to, hanoi(n - 1, over, to, from);
}
static int queens(int size, u32 columns, u32 rising, u32 falling) {
  u32 all = (1u << size) - 1, free = all & ~(columns | rising | falling);
  int found = columns == all;
  for (; free != 0; free &= free - 1) {
    u32 place = free & -free;
    found += queens(size, columns | place, (rising | place) << 1 & all, (falling | place) >> 1);
  }
  return found;
}
static int is_odd(u32 n);
static __attribute__((noinline)) int is_even(u32 n) { return n == 0 ? 1 : is_odd(n - 1); }
static __attribute__((noinline)) int is_odd(u32 n) { return n == 0 ? 0 : is_even(n - 1); }
static void permute(char *text, int at, int count, u64 *sum) {
  if (at == count) { for (int k = 0; k < count; k++) *sum = *sum * 31 + text[k]; return; }
  for (int k = at; k < count; k++) {
    char kept = text[at];
    text[at] = text[k], text[k] = kept;
    permute(text, at + 1, count, sum);
    kept = text[at], text[at] = text[k], text[k] = kept;
  }
}
static int tak(int x, int y, int z) { return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)); }
static int collatz(u64 n) { return n == 1 ? 0 : 1 + collatz(n & 1 ? 3 * n + 1 : n / 2); }
int main(void) {
  line_signed("ackermann", ackermann(2, 300)), line_signed("ackermann", ackermann(3, 5));
  hanoi(12, 0, 1, 2), line_signed("hanoi", moves);
  for (int size = 4; size <= 9; size++) line_signed("queens", queens(size, 0, 0, 0));
  line_signed("odd", is_odd(3001)), line_signed("even", is_even(3001));
  char text[] = "abcdefg";
  u64 sum = 0;
  permute(text, 0, 7, &sum), line_hex("permute", sum);
  line_signed("tak", tak(14, 8, 3)), line_signed("collatz", collatz(837799));
  flush();
  return 0;
}
