#include "print.h"
static __attribute__((noinline)) int dense(int x) {
  switch (x) {
    case 0: return 17;
    case 1: return x * 3;
    case 2: put("two ");
    case 3: return -4;
    case 4: return x << 5;
    case 5: return 99;
    case 6: put("six "); break;
    case 7: return dense(x - 5);
    case 9: return 1234;
  }
  return -1;
}
static __attribute__((noinline)) int sparse(i64 x) {
  switch (x) {
    case -5000000000: return 1;
    case -1: return 2;
    case 77: return 3;
    case 1000: return 4;
    case 5000000000: return 5;
  }
  return 0;
}
static __attribute__((noinline)) int letters(char c) {
  switch (c) {
    case 'a': case 'e': case 'i': case 'o': case 'u': return 1;
    case 'b' ... 'd': return 2;
    case '0' ... '9': return c - '0';
    case ' ': case '\t': case '\n': return 3;
    default: return 4;
  }
}
int main(void) {
  for (int i = -2; i < 12; i++) line_signed("dense", dense(i));
  static const i64 keys[] = {-5000000000, -1, 77, 1000, 5000000000, 705032704};
  for (int i = 0; i < 6; i++) line_signed("sparse", sparse(keys[i]));
  for (int c = -128; c < 128; c++) put_signed(letters(c));
  put("\n");
  flush();
  return 0;
}
