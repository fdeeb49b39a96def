#include "print.h"
#ifndef N
#define N 22
#endif
static __attribute__((noinline)) int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(void) {
  line_signed("fib", fib(N));
  flush();
  return fib(9);
}
