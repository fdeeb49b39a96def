/* Open addressing: insert, find and count in a table of words. */
#include <stdint.h>
#include <stdio.h>

#define SLOTS (1 << 16)
#define KEYS 40000
#define ROUNDS 300

static uint64_t keys[SLOTS];
static uint32_t counts[SLOTS];

int main(void) {
  uint64_t seed = 88172645463325252ull;
  uint32_t sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < SLOTS; i++) keys[i] = 0, counts[i] = 0;
    for (int i = 0; i < KEYS * 2; i++) {
      seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
      uint64_t key = seed % KEYS + 1;
      uint32_t slot = (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 48);
      while (keys[slot] != 0 && keys[slot] != key) slot = (slot + 1) & (SLOTS - 1);
      keys[slot] = key;
      counts[slot]++;
    }
    for (int i = 0; i < SLOTS; i++) sum = sum * 31 + counts[i];
  }
  printf("%u\n", sum);
  return 0;
}
