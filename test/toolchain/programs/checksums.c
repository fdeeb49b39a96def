#include "print.h"
static u32 table32[256];
static u64 table64[256];
static void make_tables(void) {
  for (int byte = 0; byte < 256; byte++) {
    u32 small = byte;
    u64 large = byte;
    for (int bit = 0; bit < 8; bit++) {
      small = small >> 1 ^ (small & 1 ? 0xedb88320 : 0);
      large = large >> 1 ^ (large & 1 ? 0xc96c5795d7870f42 : 0);
    }
    table32[byte] = small, table64[byte] = large;
  }
}
static u16 crc16(const u8 *at, int size) {
  u16 crc = 0xffff;
  while (size-- > 0) {
    crc ^= *at++ << 8;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
  }
  return crc;
}
static u32 adler(const u8 *at, int size) {
  u32 a = 1, b = 0;
  while (size-- > 0) a = (a + *at++) % 65521, b = (b + a) % 65521;
  return b << 16 | a;
}
static u64 fnv(const u8 *at, int size) {
  u64 hash = 0xcbf29ce484222325;
  while (size-- > 0) hash = (hash ^ *at++) * 0x100000001b3;
  return hash;
}
int main(void) {
  static u8 bytes[2000];
  make_tables();
  for (int at = 0; at < 2000; at++) bytes[at] = next_random() >> 24;
  for (int size = 0; size < 2000; size = size * 2 + 1) {
    u32 small = ~0u;
    u64 large = ~0ull;
    for (int at = 0; at < size; at++) {
      small = small >> 8 ^ table32[(u8)(small ^ bytes[at])];
      large = large >> 8 ^ table64[(u8)(large ^ bytes[at])];
    }
    line_hex("crc16", crc16(bytes, size)), line_hex("crc32", ~small), line_hex("crc64", ~large);
    line_hex("adler", adler(bytes, size)), line_hex("fnv", fnv(bytes, size));
  }
  line_hex("check", crc16((const u8 *)"123456789", 9));
  flush();
  return 0;
}
