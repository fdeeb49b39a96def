#include "print.h"
void *memcpy(void *, const void *, unsigned long);
void *memmove(void *, const void *, unsigned long);
void *memset(void *, int, unsigned long);
static u8 a[600], b[600];
static u32 sum(const u8 *bytes) {
  u32 total = 1;
  for (int i = 0; i < 600; i++) total = total * 31 + bytes[i];
  return total;
}
int main(void) {
  for (int i = 0; i < 600; i++) a[i] = next_random();
  for (u32 size = 0; size < 300; size += 7) {
    memcpy(b + size % 13, a + size % 5, size), line_hex("copy", sum(b));
    memmove(b + 20, b + 20 + size % 9, size), line_hex("down", sum(b));
    memmove(b + 20 + size % 9, b + 20, size), line_hex("up", sum(b));
    memset(b + size, size, size % 40), line_hex("set", sum(b));
  }
  struct { int n[40]; } one, two;
  for (int i = 0; i < 40; i++) one.n[i] = i * i;
  two = one;
  two.n[7]++;
  line_signed("struct", two.n[39] + two.n[7] + one.n[7]);
  flush();
  return 0;
}
