#include "print.h"
enum { SIZE = 6000, WINDOW = 4095, LONGEST = 18 };
static u8 plain[SIZE], packed[SIZE * 2], back[SIZE];
/* Flags of eight items, then a byte each, or twelve bits of distance and four of length. */
static int pack(const u8 *from, int size, u8 *to) {
  int put_at = 0, flag_at = 0, item = 8;
  for (int at = 0; at < size;) {
    if (item == 8) flag_at = put_at++, to[flag_at] = 0, item = 0;
    int best = 0, distance = 0;
    for (int back = 1; back <= WINDOW && back <= at; back++) {
      int length = 0;
      while (length < LONGEST && at + length < size && from[at + length] == from[at + length - back]) length++;
      if (length > best) best = length, distance = back;
    }
    if (best >= 3) {
      to[flag_at] |= 1 << item;
      to[put_at++] = distance, to[put_at++] = distance >> 8 << 4 | (best - 3);
      at += best;
    } else to[put_at++] = from[at++];
    item++;
  }
  return put_at;
}
static int unpack(const u8 *from, int size, u8 *to) {
  int count = 0;
  for (int at = 0; at < size;) {
    int flags = from[at++];
    for (int item = 0; item < 8 && at < size; item++) {
      if (!(flags >> item & 1)) {
        to[count++] = from[at++];
        continue;
      }
      int distance = from[at] | from[at + 1] >> 4 << 8, length = (from[at + 1] & 15) + 3;
      at += 2;
      for (; length > 0; length--, count++) to[count] = to[count - distance];
    }
  }
  return count;
}
int main(void) {
  for (int kind = 0; kind < 4; kind++) {
    for (int at = 0; at < SIZE; at++) {
      u64 chance = next_random();
      plain[at] = kind == 0 ? 'a' : kind == 1 ? 'a' + at % 7 : kind == 2 ? 'a' + (chance & 3) : chance >> 9;
    }
    int size = pack(plain, SIZE, packed), found = unpack(packed, size, back), same = found == SIZE;
    for (int at = 0; at < SIZE; at++) same &= plain[at] == back[at];
    u32 sum = 0;
    for (int at = 0; at < size; at++) sum = sum * 31 + packed[at];
    line_signed("size", size), line_signed("same", same), line_hex("sum", sum);
  }
  flush();
  return 0;
}
