/* Powers of two as doubles. */
#ifndef POWERS_H
#define POWERS_H

/* Two to a power within the range of normal numbers. */
static inline double power_of_two(int exponent) {
  union { unsigned long long bits; double value; } power = {
      .bits = (unsigned long long)(1023 + exponent) << 52};
  return power.value;
}

#endif
