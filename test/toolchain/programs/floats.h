/* Floats that matter, and a number that tells many results. */
#ifndef FLOATS_H
#define FLOATS_H
#include "print.h"

static const u64 DOUBLES[] = {
    0, 1, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001, 0x001fffffffffffff,
    0x3ff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000000,
    0x7ff8000000000005, 0x7ff0000000000009, 0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000,
    0x41dfffffffc00000, 0x41e0000000000000, 0x43e0000000000000, 0x4330000000000001, 0x36a0000000000001,
    0x47efffffe0000000, 0x47effffff0000000, 0x380fffffffffffff, 0x3810000000000000, 0x3cb0000000000001,
    0x0028000000000000, 0x3c90000000000000};
static const u32 SINGLES[] = {
    0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x7f7fffff,
    0x7f800000, 0x7fc00005, 0x7f800009, 0x3f000000, 0x3fc00000, 0x40200000, 0x4effffff, 0x4f000000,
    0x5f000000, 0x4b000001, 0x33800000, 0x34000001, 0x01000003};
enum { DOUBLE_COUNT = sizeof DOUBLES / sizeof *DOUBLES, SINGLE_COUNT = sizeof SINGLES / sizeof *SINGLES };

static u64 some_double(void) {
  u64 kind = next_random(), sign = kind << 63;
  if (kind & 6) return sign ^ DOUBLES[(kind >> 8) % DOUBLE_COUNT];
  u64 bits = next_random();
  if (kind & 8) bits = bits >> 1 & 0x800fffffffffffff | (0x3f0 + (kind >> 16 & 31)) << 52;
  if ((kind & 48) == 0) bits = bits & 0x800fffffffffffff | (kind >> 16 & 63) << 52;
  return kind & 64 ? bits : bits >> (kind >> 24 & 31) << (kind >> 24 & 31);
}
static u64 some_singles(void) {
  u64 both = 0;
  for (int at = 0; at < 2; at++) {
    u64 kind = next_random();
    u32 bits = next_random();
    if (kind & 6) bits = (u32)kind << 31 ^ SINGLES[(kind >> 8) % SINGLE_COUNT];
    else if (kind & 8) bits = bits & 0x807fffff | (0x70 + (u32)(kind >> 16 & 31)) << 23;
    else if ((kind & 48) == 0) bits = bits & 0x807fffff | (u32)(kind >> 16 & 31) << 23;
    both = both << 32 | bits;
  }
  return both;
}
static u64 hashed(u64 hash, u64 bits) {
  hash = (hash ^ bits) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}
#endif
