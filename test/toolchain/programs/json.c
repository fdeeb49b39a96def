#include "print.h"
static const char *at;
static int failed;
static void space(void) { while (*at == ' ' || *at == '\n' || *at == '\t') at++; }
static int word(const char *text) {
  const char *from = at;
  while (*text != 0 && *from == *text) from++, text++;
  if (*text != 0) return 0;
  at = from;
  return 1;
}
static void value(int depth);
static void text(void) {
  put_char('"');
  for (at++; *at != '"'; at++) {
    if (*at == 0) { failed = 1; return; }
    if (*at != '\\') { put_char(*at); continue; }
    switch (*++at) {
      case 'n': put("<newline>"); break;
      case 't': put("<tab>"); break;
      case 'u': {
        u32 code = 0;
        for (int digit = 0; digit < 4; digit++) {
          char c = *++at | 32;
          code = code * 16 + (c >= 'a' ? c - 'a' + 10 : c - '0' - 0);
        }
        put("<u"), put_hex(code, 4), put_char('>');
        break;
      }
      default: put_char(*at);
    }
  }
  at++, put_char('"');
}
static void number(void) {
  double value = 0, scale = 1;
  int negative = *at == '-' ? at++, 1 : 0, power = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  if (*at == '.') for (at++; *at >= '0' && *at <= '9'; at++) scale /= 10, value += scale * (*at - '0');
  if (*at == 'e') {
    int down = *++at == '-' ? at++, 1 : 0;
    while (*at >= '0' && *at <= '9') power = power * 10 + (*at++ - '0');
    for (; power > 0; power--) value = down ? value / 10 : value * 10;
  }
  put_double(negative ? -value : value);
}
static void list(int depth, char end, int named) {
  put_char(*at++), space();
  for (int count = 0; *at != end && !failed; count++) {
    if (count > 0) { if (*at++ != ',') { failed = 1; return; } put(","), space(); }
    if (named) { text(), space(); if (*at++ != ':') { failed = 1; return; } put(": "); }
    value(depth + 1), space();
  }
  if (!failed) put_char(*at++);
}
static void value(int depth) {
  space();
  if (depth > 40) failed = 1;
  else if (*at == '{') list(depth, '}', 1);
  else if (*at == '[') list(depth, ']', 0);
  else if (*at == '"') text();
  else if (*at == '-' || (*at >= '0' && *at <= '9')) number();
  else if (word("true")) put("yes");
  else if (word("false")) put("no");
  else if (word("null")) put("nothing");
  else failed = 1;
}
int main(void) {
  static const char *const inputs[] = {
      "{\"a\": [1, 2.5, -3e2], \"b\": {\"c\": null, \"d\": [true, false, []]}, \"e\": \"x\\n\\u00e4y\"}",
      "[0, -0.125, 12345678901, 1e-3, 3.14159265358979]", "{\"open\": [1, 2", "[1 2]", "  \"alone\"  ", "",
      "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]", "{\"k\" 1}", "tru"};
  for (u32 which = 0; which < sizeof inputs / sizeof *inputs; which++) {
    at = inputs[which], failed = 0;
    value(0);
    put(failed ? " failed\n" : " read\n");
  }
  flush();
  return 0;
}
