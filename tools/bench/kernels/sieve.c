/* Primes below a bound, sieved and counted again and again. */
#include <stdint.h>
#include <stdio.h>

#define BOUND 2000000
#define ROUNDS 40

static uint8_t is_composite[BOUND];

int main(void) {
  uint32_t sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < BOUND; i++) is_composite[i] = 0;
    for (int i = 2; i * i < BOUND; i++) {
      if (is_composite[i]) continue;
      for (int j = i * i; j < BOUND; j += i) is_composite[j] = 1;
    }
    for (int i = 2; i < BOUND - round; i++) sum += !is_composite[i];
  }
  printf("%u\n", sum);
  return 0;
}
