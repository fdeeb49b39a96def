#include "print.h"
int memcmp(const void *, const void *, unsigned long);
unsigned long strlen(const char *);
static char text[20000];
static int count(const char *word) {
  u32 size = strlen(word), skip[256], found = 0;
  for (int i = 0; i < 256; i++) skip[i] = size;
  for (u32 i = 0; i + 1 < size; i++) skip[(u8)word[i]] = size - 1 - i;
  for (u32 at = 0; at + size <= sizeof text;) {
    if (memcmp(text + at, word, size) == 0) found++;
    at += skip[(u8)text[at + size - 1]];
  }
  return found;
}
int main(void) {
  static const char *words[] = {"ab", "abc", "bacab", "cccc", "abcabcab", "d", ""};
  for (u32 i = 0; i < sizeof text; i++) text[i] = "abc"[next_random() % 3];
  for (int i = 0; words[i][0] != 0; i++) line_signed(words[i], count(words[i]));
  flush();
  return 0;
}
