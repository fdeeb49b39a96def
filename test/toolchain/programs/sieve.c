#include "print.h"
#ifndef N
#define N 100000
#define ROUNDS 1
#endif
static u8 composite[N + 1];
int main(void) {
  int count = 0;
  for (int round = 0; round < ROUNDS; round++) {
    count = 0;
    for (int i = 0; i <= N; i++) composite[i] = 0;
    for (int i = 2; i <= N; i++) {
      if (composite[i]) continue;
      count++;
      for (i64 j = (i64)i * i; j <= N; j += i) composite[j] = 1;
    }
  }
  line_signed("primes", count);
  flush();
  return 0;
}
