#include "print.h"
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int encode(const u8 *from, int size, char *to) {
  int count = 0;
  for (int at = 0; at < size; at += 3) {
    u32 word = from[at] << 16 | (at + 1 < size ? from[at + 1] << 8 : 0) | (at + 2 < size ? from[at + 2] : 0);
    for (int part = 0; part < 4; part++) to[count++] = at + part - 1 < size ? letters[word >> (18 - 6 * part) & 63] : '=';
  }
  to[count] = 0;
  return count;
}
static int decode(const char *from, u8 *to) {
  int count = 0, bits = 0;
  u32 word = 0;
  for (; *from != 0 && *from != '='; from++) {
    int value = 0;
    while (letters[value] != *from) value++;
    word = word << 6 | value, bits += 6;
    if (bits >= 8) bits -= 8, to[count++] = word >> bits;
  }
  return count;
}
int main(void) {
  static u8 bytes[200], back[200];
  static char text[300];
  for (int size = 0; size < 200; size += 1 + size / 5) {
    for (int at = 0; at < size; at++) bytes[at] = next_random();
    line_signed("encoded", encode(bytes, size, text));
    put(text), put_char('\n');
    int found = decode(text, back), same = found == size;
    for (int at = 0; at < size; at++) same &= back[at] == bytes[at];
    line_signed("same", same);
  }
  flush();
  return 0;
}
