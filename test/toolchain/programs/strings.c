#include "print.h"
static u32 length(const char *s) { const char *at = s; while (*at) at++; return at - s; }
static int compare(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return (u8)*a - (u8)*b; }
static char *copy(char *to, const char *from) { char *at = to; while ((*at++ = *from++)) {} return to; }
static char *append(char *to, const char *from) { copy(to + length(to), from); return to; }
static const char *find(const char *s, const char *what) {
  for (; *s; s++) {
    const char *a = s, *b = what;
    while (*b && *a == *b) a++, b++;
    if (*b == 0) return s;
  }
  return 0;
}
static void reverse(char *s) {
  for (char *end = s + length(s); s < end;) { char kept = *s; *s++ = *--end; *end = kept; }
}
static int upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
static i64 number(const char *s, const char **end) {
  int negative = *s == '-' ? s++, 1 : 0, base = 10;
  if (s[0] == '0' && upper(s[1]) == 'X') base = 16, s += 2;
  u64 value = 0;
  for (;; s++) {
    int digit = *s >= '0' && *s <= '9' ? *s - '0' : upper(*s) >= 'A' && upper(*s) <= 'F' ? upper(*s) - 'A' + 10 : 99;
    if (digit >= base) break;
    value = value * base + digit;
  }
  *end = s;
  return negative ? -value : value;
}
static int palindrome(const char *s) {
  for (const char *end = s + length(s); s < end; s++) if (*s != *--end) return 0;
  return 1;
}
int main(void) {
  static const char *const words[] = {"", "a", "ab", "abc", "abd", "level", "hello world", "\xff\x80", "Zebra", "the quick brown fox"};
  char place[200];
  for (int i = 0; i < 10; i++) {
    for (int j = 0; j < 10; j++) put_signed(compare(words[i], words[j])), put_char(find(words[i], words[j]) ? '+' : '-');
    copy(place, words[i]), append(place, "/"), append(place, words[9 - i]), reverse(place);
    put_char(' '), put(place), put_char(' ');
    for (char *at = place; *at; at++) *at = upper(*at);
    put(place), put_char(palindrome(words[i]) ? '!' : '?'), put_unsigned(length(place)), put_char('\n');
  }
  static const char *const numbers[] = {"0", "-1", "12345678901234567890", "0xdeadBEEF", "-0x10 rest", "99bottles", "-9223372036854775808", "abc"};
  for (int i = 0; i < 8; i++) {
    const char *end;
    i64 value = number(numbers[i], &end);
    put_signed(value), put(" '"), put(end), put("'\n");
  }
  flush();
  return 0;
}
