#include "print.h"
/* Jumps out of calls, by what the compiler has for it. */
static void *places[4][5];
static int depth_reached;
static __attribute__((noinline)) void throw_from(int depth, int to) {
  volatile u8 room[64];
  for (int at = 0; at < 64; at++) room[at] = depth + at;
  depth_reached += room[depth & 63];
  if (depth == 0) __builtin_longjmp(places[to], 1);
  throw_from(depth - 1, to);
}
static __attribute__((noinline)) int guarded(int depth) {
  volatile int tries = 0;
  if (__builtin_setjmp(places[0]) != 0) tries++;
  if (tries < 5) throw_from(depth + tries, 0);
  return tries;
}
static __attribute__((noinline)) int nested(volatile int level) {
  volatile int seen = 0;
  if (level == 3) throw_from(7, 1);
  if (__builtin_setjmp(places[level + 1]) == 0) nested(level + 1);
  else seen = 1;
  if (level > 0 && seen) throw_from(level, level);
  return level * 10 + seen;
}
int main(void) {
  for (int depth = 0; depth < 40; depth += 9) line_signed("tries", guarded(depth));
  line_signed("reached", depth_reached);
  line_signed("nested", nested(0));
  line_signed("reached", depth_reached);
  flush();
  return 0;
}
