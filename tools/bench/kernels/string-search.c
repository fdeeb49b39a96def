/* Horspool's search for words in a text, and the plain search beside it. */
#include <stdint.h>
#include <stdio.h>

#define LENGTH 1000000
#define ROUNDS 60
#define WORD 6

static uint8_t text[LENGTH];

int main(void) {
  uint32_t seed = 7, found = 0;
  for (int i = 0; i < LENGTH; i++) {
    seed = seed * 1103515245 + 12345;
    text[i] = (uint8_t)('a' + (seed >> 16) % 5);
  }
  for (int round = 0; round < ROUNDS; round++) {
    const uint8_t *word = text + round * 997;
    int skip[256];
    for (int i = 0; i < 256; i++) skip[i] = WORD;
    for (int i = 0; i < WORD - 1; i++) skip[word[i]] = WORD - 1 - i;
    for (int at = 0; at <= LENGTH - WORD; at += skip[text[at + WORD - 1]]) {
      int i = WORD - 1;
      while (i >= 0 && text[at + i] == word[i]) i--;
      if (i < 0) found += (uint32_t)at;
    }
    for (int at = 0; at <= LENGTH - WORD; at++) {
      int i = 0;
      while (i < WORD && text[at + i] == word[i]) i++;
      if (i == WORD) found ^= (uint32_t)at;
    }
  }
  printf("%u\n", found);
  return 0;
}
