/* The transcendental instructions of the x87: results in all modes of rounding, with the exceptions
   that do not depend on the last place. Processors differ from each other by a unit there. */
#include "print.h"

typedef struct __attribute__((packed)) { u64 significand; u16 sign; } extended;
typedef struct __attribute__((packed)) { u32 words[7]; extended registers[8]; } unit;
static unit saved;
static extended x, y;
static u16 word;

#define OPERATION(name)                                                                      \
  static void name(void) {                                                                   \
    __asm__ volatile("fninit\n\tfldcw %[word]\n\tfldt %[y]\n\tfldt %[x]\n\t" #name           \
                     "\n\tfnsave %[saved]"                                                   \
                     : [saved] "=m"(saved)                                                   \
                     : [word] "m"(word), [x] "m"(x), [y] "m"(y)                              \
                     : "memory");                                                            \
  }
OPERATION(fsin)
OPERATION(fcos)
OPERATION(fsincos)
OPERATION(fptan)
OPERATION(fpatan)
OPERATION(f2xm1)
OPERATION(fyl2x)
OPERATION(fyl2xp1)

/* Exponents of random operands, and how many values are on the stack afterwards. */
static const struct { const char *name; void (*run)(void); int least, most, left; } OPERATIONS[] = {
    {"fsin", fsin, -70, 66, 2}, {"fcos", fcos, -70, 66, 2}, {"fsincos", fsincos, -70, 66, 3},
    {"fptan", fptan, -70, 66, 3}, {"fpatan", fpatan, -40, 40, 1}, {"f2xm1", f2xm1, -80, -1, 2},
    {"fyl2x", fyl2x, -20, 20, 1}, {"fyl2xp1", fyl2xp1, -80, -3, 1}};

static const extended EDGES[] = {
    {0, 0}, {0, 0x8000}, {1, 0}, {1ull << 62, 0x8000}, {1ull << 63, 0}, {1ull << 63, 1},
    {1ull << 63, 0x3ffe}, {1ull << 63, 0xbffe}, {~0ull, 0x3ffe}, {1ull << 63, 0x3fff},
    {(1ull << 63) + 1, 0x3fff}, {1ull << 63, 0xbfff}, {3ull << 62, 0x3fff}, {1ull << 63, 0x4000},
    {0xc90fdaa22168c235, 0x4000}, {0xc90fdaa22168c234, 0x3fff}, {0xc90fdaa22168c235, 0x3ffe},
    {1ull << 63, 0x403d}, {~0ull, 0xc03d}, {1ull << 63, 0x403e}, {~0ull, 0x7ffe},
    {1ull << 63, 0x7fff}, {1ull << 63, 0xffff}, {3ull << 62, 0xffff}, {(3ull << 62) + 5, 0x7fff},
    {(1ull << 63) + 9, 0x7fff}, {1ull << 62, 0x3fff}, {0, 3}, {5, 0x7fff}};
enum { EDGE_COUNT = sizeof EDGES / sizeof *EDGES, RANDOM_COUNT = 300 };

/* What the manuals leave undefined: powers beyond one, and logarithms far from it. */
static int is_undefined(void (*run)(void)) {
  int exponent = x.sign & 0x7fff;
  if (run == f2xm1) return exponent > 0x3fff || (exponent == 0x3fff && x.significand << 1);
  return run == fyl2xp1 && exponent >= 0x3ffd && exponent != 0x7fff;
}
static void put_extended(extended it) {
  put_char(' '), put_hex(it.sign, 4), put_char('.'), put_hex(it.significand, 16);
}
static void try_operation(u32 at) {
  if (is_undefined(OPERATIONS[at].run)) return;
  OPERATIONS[at].run();
  put(OPERATIONS[at].name), put_char(' '), put_hex(word, 4);
  put_extended(x), put_extended(y), put(" is");
  for (int i = 0; i < OPERATIONS[at].left; i++) put_extended(saved.registers[i]);
  /* Top, C2, the stack fault, overflow, division by zero, denormal and invalid operands. */
  put_char(' '), put_hex(saved.words[1] & 0x3c4f, 4), put_char('\n');
}
static extended random_extended(int least, int most) {
  u64 kind = next_random();
  extended made = {next_random() | 1ull << 63, 0x3fff + least + (int)((kind >> 8) % (u32)(most - least + 1))};
  if (kind & 1) made.significand = made.significand >> (kind >> 32 & 63) << (kind >> 32 & 63) | 1ull << 63;
  if (kind & 2) made.sign |= 0x8000;
  return made;
}
int main(void) {
  for (u32 at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
    for (u32 number = 0; number < EDGE_COUNT * EDGE_COUNT + RANDOM_COUNT; number++) {
      word = 0x37f | (number & 3) << 10;
      if (number < EDGE_COUNT * EDGE_COUNT) {
        x = EDGES[number / EDGE_COUNT], y = EDGES[number % EDGE_COUNT];
      } else {
        x = random_extended(OPERATIONS[at].least, OPERATIONS[at].most), y = random_extended(-20, 20);
      }
      try_operation(at);
    }
  }
  flush();
  return 0;
}
