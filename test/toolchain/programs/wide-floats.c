#include "print.h"
typedef __int128 i128;
typedef unsigned __int128 u128;

static void bits(const char *name, double value) {
  union { double value; u64 bits; } parts = {.value = value};
  line_hex(name, parts.bits);
}

static void wide(const char *name, u128 n) {
  line_hex(name, (u64)(n >> 64));
  line_hex(name, (u64)n);
}

static const u64 WORDS[] = {0, 1, 3, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000401,
                            0xfffffffffffffbff, 0xfffffffffffffc00, 0xffffffffffffffff, 0x123456789abcdef1};
enum { COUNT = sizeof WORDS / sizeof *WORDS };

static void to_floats(void) {
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++) {
      volatile u128 n = (u128)WORDS[i] << 64 | WORDS[j];
      bits("unsigned", (double)n);
      bits("signed", (double)(i128)n);
      bits("unsigned float", (float)n);
      bits("signed float", (float)(i128)n);
    }
}

static void from_floats(void) {
  static const double values[] = {0, 0.99, 1, 1.5, 4503599627370495.5, 9007199254740993.0, 1e18, 1e19, 1.7e38, 123456789.987};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    volatile double value = values[i];
    volatile float single = value;
    wide("whole", (u128)value);
    wide("signed", (u128)(i128)(-value / 2));
    wide("of a float", (u128)single);
    wide("signed, of a float", (u128)(i128)(-single / 2));
  }
}

static void complex_numbers(void) {
  static const double parts[] = {0, 1, -2, 0.5, 1024, -4};
  for (int i = 0; i < 36; i++)
    for (int j = 1; j < 36; j += 5) {
      volatile double _Complex a = __builtin_complex(parts[i / 6], parts[i % 6]);
      volatile double _Complex b = __builtin_complex(parts[j / 6], parts[j / 6 == 0 ? 2 : 0]);
      double _Complex product = a * b, quotient = a / b;
      bits("product", __real__ product), bits("product", __imag__ product);
      /* The sign of a zero depends on how the library divides. */
      if (__real__ b != 0 || __imag__ b != 0) bits("quotient", __real__ quotient + 0.0), bits("quotient", __imag__ quotient + 0.0);
      volatile float _Complex c = a, d = b;
      float _Complex single = c * d;
      bits("float product", __real__ single), bits("float product", __imag__ single);
    }
}

int main(void) {
  to_floats();
  from_floats();
  complex_numbers();
  flush();
  return 0;
}
