#include "print.h"
typedef i64 binary(i64, i64);
static i64 plus(i64 a, i64 b) { return a + b; }
static i64 minus(i64 a, i64 b) { return a - b; }
static i64 times(i64 a, i64 b) { return a * b; }
static i64 power(i64 a, i64 b) { i64 r = 1; for (b &= 7; b > 0; b--) r *= a; return r; }
static i64 least(i64 a, i64 b) { return a < b ? a : b; }
static i64 gcd(i64 a, i64 b) { a = a < 0 ? -a : a, b = b < 0 ? -b : b; while (b) { i64 c = a % b; a = b, b = c; } return a; }
static binary *const table[] = {plus, minus, times, power, least, gcd};
static __attribute__((noinline)) i64 fold(binary *with, const i64 *values, int count, i64 start) {
  for (int at = 0; at < count; at++) start = with(start, values[at]);
  return start;
}
struct shape { double (*area)(const struct shape *); const char *name; double a, b; };
static double circle(const struct shape *s) { return 3.141592653589793 * s->a * s->a; }
static double box(const struct shape *s) { return s->a * s->b; }
static double triangle(const struct shape *s) { return s->a * s->b / 2; }
typedef struct state state;
typedef state *step(state *);
struct state { step *next; int count; char trail[64]; };
static step first, second, third;
static state *first(state *s) { s->trail[s->count++] = 'a', s->next = s->count % 3 ? second : third; return s; }
static state *second(state *s) { s->trail[s->count++] = 'b', s->next = s->count % 2 ? first : third; return s; }
static state *third(state *s) { s->trail[s->count++] = 'c', s->next = s->count > 40 ? 0 : first; return s; }
static int by_last_digit(const void *a, const void *b) { return *(const i32 *)a % 10 - *(const i32 *)b % 10; }
static int by_value(const void *a, const void *b) { return *(const i32 *)a - *(const i32 *)b; }
static void sort(void *base, int count, int size, int (*compare)(const void *, const void *)) {
  u8 *bytes = base;
  for (int i = 1; i < count; i++)
    for (int j = i; j > 0 && compare(bytes + (j - 1) * size, bytes + j * size) > 0; j--)
      for (int k = 0; k < size; k++) { u8 kept = bytes[j * size + k]; bytes[j * size + k] = bytes[(j - 1) * size + k], bytes[(j - 1) * size + k] = kept; }
}
int main(void) {
  i64 values[12];
  for (int at = 0; at < 12; at++) values[at] = (i64)(next_random() >> 50) - 8000;
  for (int which = 0; which < 6; which++) line_signed("fold", fold(table[which], values, 12, 3));
  struct shape shapes[] = {{circle, "circle", 2.5, 0}, {box, "box", 3, 4.25}, {triangle, "triangle", 3, 4}};
  for (int at = 0; at < 3; at++) line_double(shapes[at].name, shapes[at].area(&shapes[at]));
  state s = {first, 0, ""};
  for (state *at = &s; at->next != 0;) at = at->next(at);
  s.trail[s.count] = 0, put(s.trail), put_char('\n');
  i32 numbers[15];
  for (int at = 0; at < 15; at++) numbers[at] = next_random() >> 54;
  sort(numbers, 15, sizeof *numbers, by_value), sort(numbers, 15, sizeof *numbers, by_last_digit);
  for (int at = 0; at < 15; at++) put_signed(numbers[at]), put_char(' ');
  put_char('\n'), flush();
  return 0;
}
