/* Letters of 16 and 32 bits; one of 16 bits may be the half of a pair, which the state keeps. */
#include "zrt.h"
#include <errno.h>
#include <uchar.h>

#define FIRST_PAIRED 0x10000
#define HIGH 0xd800
#define LOW 0xdc00
#define PAIR_MASK 0xfc00
/* What mbrtoc16 answers where it gives the second half. */
#define SECOND_HALF ((size_t)-3)

size_t mbrtoc32(char32_t *letter, const char *text, size_t size, mbstate_t *state) {
  static mbstate_t own;
  wchar_t wide = 0;
  size_t answer = mbrtowc(text == NULL ? NULL : &wide, text, size, state == NULL ? &own : state);
  if (text != NULL && letter != NULL && answer <= size) *letter = wide;
  return answer;
}

size_t c32rtomb(char *text, char32_t letter, mbstate_t *state) {
  static mbstate_t own;
  return wcrtomb(text, letter, state == NULL ? &own : state);
}

/* The second half waits in the field for a letter that has begun, with a count of its own. */
#define WAITING 0x10

size_t mbrtoc16(char16_t *unit, const char *text, size_t size, mbstate_t *state) {
  static mbstate_t own;
  char32_t letter = 0;
  if (state == NULL) state = &own;
  if (state->__count == WAITING) {
    if (unit != NULL) *unit = state->__value.__wch;
    *state = (mbstate_t){0};
    return SECOND_HALF;
  }
  size_t answer = mbrtoc32(&letter, text, size, state);
  if (text == NULL || answer > size) return answer;
  if (letter >= FIRST_PAIRED) {
    state->__count = WAITING;
    state->__value.__wch = LOW + (letter - FIRST_PAIRED) % 0x400;
    letter = HIGH + (letter - FIRST_PAIRED) / 0x400;
  }
  if (unit != NULL) *unit = letter;
  return answer;
}

size_t c16rtomb(char *text, char16_t unit, mbstate_t *state) {
  static mbstate_t own;
  char32_t letter = unit;
  if (state == NULL) state = &own;
  if (text == NULL) {
    *state = (mbstate_t){0};
    return 1;
  }
  if (state->__count == WAITING) {
    char32_t high = state->__value.__wch;
    *state = (mbstate_t){0};
    if ((unit & PAIR_MASK) != LOW) return __zrt_refuse(EILSEQ);
    letter = FIRST_PAIRED + (high - HIGH) * 0x400 + (unit - LOW);
  } else if ((unit & PAIR_MASK) == HIGH) {
    state->__count = WAITING;
    state->__value.__wch = unit;
    return 0;
  }
  return c32rtomb(text, letter, state);
}
