#include "print.h"
static const char *at;
static const char *problem;
static double variables[26];
static double sum(void);
static double power_of(double a, int n) { double r = 1; for (int k = n < 0 ? -n : n; k > 0; k >>= 1, a *= a) if (k & 1) r *= a; return n < 0 ? 1 / r : r; }
static void space(void) { while (*at == ' ') at++; }
static int taken(char c) { space(); return *at == c ? at++, 1 : 0; }
static double atom(void) {
  space();
  if (taken('-')) return -atom();
  if (taken('(')) {
    double inner = sum();
    if (!taken(')')) problem = "unclosed";
    return inner;
  }
  if (*at >= 'a' && *at <= 'z') {
    int name = *at++ - 'a';
    return taken('=') ? (variables[name] = sum()) : variables[name];
  }
  if (!(*at >= '0' && *at <= '9')) { problem = "no number"; return 0; }
  double value = 0, unit = 1;
  while (*at >= '0' && *at <= '9') value = value * 10 + *at++ - '0';
  if (*at == '.') while (*++at >= '0' && *at <= '9') unit /= 10, value += unit * (*at - '0');
  return value;
}
static double power(void) { double a = atom(); return taken('^') ? power_of(a, (int)power()) : a; }
static double product(void) {
  for (double a = power();;) {
    if (taken('*')) a *= power();
    else if (taken('/')) { double b = power(); if (b == 0) problem = "division by zero"; a = b == 0 ? 0 : a / b; }
    else return a;
  }
}
static double sum(void) {
  for (double a = product();;) {
    if (taken('+')) a += product();
    else if (taken('-')) a -= product();
    else return a;
  }
}
int main(void) {
  static const char *const lines[] = {"1+2*3", "(1+2)*3", "2^3^2", "-2^2", "a=b=7.25", "a*b-c", "10/4/5", "1/(3-3)", "((((5))))", "2*(3+", "z=1.5", "(z+1)*(z-1)-z^2", "1 - - 1", "*", "2^-3", "0.1+0.2"};
  for (u32 which = 0; which < sizeof lines / sizeof *lines; which++) {
    at = lines[which], problem = 0;
    double value = sum();
    if (problem == 0 && (space(), *at != 0)) problem = "more behind it";
    put(lines[which]), put(" = ");
    if (problem) put(problem); else put_double(value);
    put_char('\n');
  }
  flush();
  return 0;
}
