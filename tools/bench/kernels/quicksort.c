/* Quicksort with a stack of its own, so that no function is called. */
#include <stdint.h>
#include <stdio.h>

#define COUNT 1000000
#define ROUNDS 6

static int32_t values[COUNT];
static int32_t pending[128];

int main(void) {
  uint32_t seed = 1, sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < COUNT; i++) {
      seed = seed * 1664525 + 1013904223;
      values[i] = (int32_t)(seed >> 1);
    }
    int depth = 0;
    pending[depth++] = 0, pending[depth++] = COUNT - 1;
    while (depth > 0) {
      int high = pending[--depth], low = pending[--depth];
      while (low < high) {
        int32_t pivot = values[low + (high - low) / 2];
        int i = low, j = high;
        while (i <= j) {
          while (values[i] < pivot) i++;
          while (values[j] > pivot) j--;
          if (i > j) break;
          int32_t swapped = values[i];
          values[i++] = values[j], values[j--] = swapped;
        }
        if (j - low < high - i) {
          pending[depth++] = i, pending[depth++] = high, high = j;
        } else {
          pending[depth++] = low, pending[depth++] = j, low = i;
        }
      }
    }
    for (int i = 0; i < COUNT; i += 1000) sum = sum * 31 + (uint32_t)values[i];
  }
  printf("%u\n", sum);
  return 0;
}
