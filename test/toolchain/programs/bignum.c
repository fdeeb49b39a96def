#include "print.h"
enum { LIMBS = 80 };
struct number { int size; u32 limbs[LIMBS]; };
static void trim(struct number *n) { while (n->size > 0 && n->limbs[n->size - 1] == 0) n->size--; }
static struct number of(u64 value) {
  struct number n = {2, {(u32)value, (u32)(value >> 32)}};
  trim(&n);
  return n;
}
static struct number add(const struct number *a, const struct number *b) {
  struct number sum = {0};
  u64 carry = 0;
  for (int at = 0; at < a->size || at < b->size || carry != 0; at++) {
    carry += (u64)(at < a->size ? a->limbs[at] : 0) + (at < b->size ? b->limbs[at] : 0);
    sum.limbs[sum.size++] = carry, carry >>= 32;
  }
  return sum;
}
static struct number subtract(const struct number *a, const struct number *b) {
  struct number rest = *a;
  i64 borrow = 0;
  for (int at = 0; at < a->size; at++) {
    borrow += (i64)a->limbs[at] - (at < b->size ? b->limbs[at] : 0);
    rest.limbs[at] = borrow, borrow >>= 32;
  }
  trim(&rest);
  return rest;
}
static struct number multiply(const struct number *a, const struct number *b) {
  struct number product = {0};
  product.size = a->size + b->size;
  for (int i = 0; i < a->size; i++) {
    u64 carry = 0;
    for (int j = 0; j < b->size || carry != 0; j++) {
      carry += product.limbs[i + j] + (j < b->size ? (u64)a->limbs[i] * b->limbs[j] : 0);
      product.limbs[i + j] = carry, carry >>= 32;
    }
  }
  trim(&product);
  return product;
}
static u32 divide_small(struct number *n, u32 by) {
  u64 rest = 0;
  for (int at = n->size - 1; at >= 0; at--) {
    rest = rest << 32 | n->limbs[at];
    n->limbs[at] = rest / by, rest %= by;
  }
  trim(n);
  return rest;
}
static void print(const char *name, struct number n) {
  static u32 parts[200];
  int count = 0;
  do parts[count++] = divide_small(&n, 1000000000);
  while (n.size > 0);
  put(name), put_char(' '), put_unsigned(parts[--count]);
  while (count-- > 0) for (u32 unit = 100000000; unit > 0; unit /= 10) put_char('0' + parts[count] / unit % 10);
  put_char('\n');
}
int main(void) {
  struct number factorial = of(1), a = of(0), b = of(1), power = of(1), seven = of(7);
  for (int n = 1; n <= 150; n++) {
    struct number by = of(n);
    factorial = multiply(&factorial, &by);
    if (n % 30 == 0) print("factorial", factorial);
  }
  for (int n = 0; n < 1000; n++) {
    struct number next = add(&a, &b);
    a = b, b = next;
    if (n % 250 == 249) print("fibonacci", a);
  }
  for (int n = 0; n < 300; n++) power = multiply(&power, &seven);
  print("power", power);
  struct number rest = subtract(&factorial, &power), square = multiply(&rest, &seven);
  print("difference", subtract(&square, &a));
  flush();
  return 0;
}
