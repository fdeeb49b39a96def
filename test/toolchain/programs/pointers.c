#include "print.h"
typedef i64 (*operation)(i64, i64);
static i64 add(i64 a, i64 b) { return a + b; }
static i64 sub(i64 a, i64 b) { return a - b; }
static i64 mul(i64 a, i64 b) { return a * b; }
static i64 pick(i64 a, i64 b) { return a > b ? a : b; }
static operation operations[] = {add, sub, mul, pick};
static __attribute__((noinline)) i64 fold(operation what, const int *values, int count) {
  i64 result = values[0];
  for (int i = 1; i < count; i++) result = what(result, values[i]);
  return result;
}
struct object { const struct kind *kind; int value; };
struct kind { const char *name; int (*get)(const struct object *); void (*set)(struct object *, int); };
static int plain(const struct object *it) { return it->value; }
static int twice(const struct object *it) { return it->value * 2; }
static void keep(struct object *it, int value) { it->value = value; }
static void negate(struct object *it, int value) { it->value = -value; }
static const struct kind KINDS[] = {{"plain", plain, keep}, {"odd", twice, negate}};
static double apply(double (*f)(double, int), double x) { return f(x, 3); }
static double power(double x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }
int main(void) {
  static const int values[] = {5, -7, 11, 123456, -99};
  for (int i = 0; i < 4; i++) line_signed("fold", fold(operations[i], values, 5));
  struct object objects[4];
  for (int i = 0; i < 4; i++) {
    objects[i].kind = &KINDS[i & 1];
    objects[i].kind->set(&objects[i], i * 10 + 1);
    line_signed(objects[i].kind->name, objects[i].kind->get(&objects[i]));
  }
  line_double("power", apply(power, 1.5));
  flush();
  return 0;
}
