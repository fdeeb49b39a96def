#include "print.h"
/* Patterns with . * ? + ^ $ and classes, matched by backtracking. */
static int match_here(const char *pattern, const char *text);
static int item_length(const char *p) {
  if (*p == '\\') return 2;
  if (*p != '[') return 1;
  int length = 2;
  while (p[length] != ']') length++;
  return length + 1;
}
static int match_one(const char *p, char c) {
  if (c == 0) return 0;
  if (*p == '.') return 1;
  if (*p == '\\') return p[1] == 'd' ? c >= '0' && c <= '9' : p[1] == 'w' ? (c | 32) >= 'a' && (c | 32) <= 'z' : p[1] == c;
  if (*p != '[') return *p == c;
  int not = *++p == '^', found = 0;
  for (p += not; *p != ']'; p++) {
    if (p[1] == '-' && p[2] != ']') found |= c >= p[0] && c <= p[2], p += 2;
    else found |= *p == c;
  }
  return found != not;
}
static int match_many(const char *item, int least, int most, const char *rest, const char *text) {
  int count = 0;
  while (count < most && match_one(item, text[count])) count++;
  for (; count >= least; count--) if (match_here(rest, text + count)) return 1;
  return 0;
}
static int match_here(const char *p, const char *text) {
  if (*p == 0) return 1;
  if (*p == '$' && p[1] == 0) return *text == 0;
  int length = item_length(p);
  switch (p[length]) {
    case '*': return match_many(p, 0, 10000, p + length + 1, text);
    case '+': return match_many(p, 1, 10000, p + length + 1, text);
    case '?': return match_many(p, 0, 1, p + length + 1, text);
  }
  return match_one(p, *text) && match_here(p + length, text + 1);
}
static int match(const char *p, const char *text) {
  if (*p == '^') return match_here(p + 1, text) ? 1 : 0;
  for (int at = 0;; at++) {
    if (match_here(p, text + at)) return at + 1;
    if (text[at] == 0) return 0;
  }
}
int main(void) {
  static const char *const patterns[] = {"abc", "^a.c$", "a*b+c?", "[a-c]+x", "[^0-9]$", "^\\d+\\.\\d*$", "\\w+@\\w+\\.com", "x*", "(a)", "^$", "a.*b.*c.*d"};
  static const char *const texts[] = {"abc", "xxabcxx", "aaabbb", "ccax", "12.5", "me@example.com", "", "a1b2c3d4", "0", "a(a)", "aaaaaaaaaaaaaaaaaaaaaaac"};
  for (int i = 0; i < 11; i++) {
    for (int j = 0; j < 11; j++) put_signed(match(patterns[i], texts[j])), put_char(' ');
    put(patterns[i]), put_char('\n');
  }
  flush();
  return 0;
}
