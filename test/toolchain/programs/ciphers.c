#include "print.h"
static u32 rotl(u32 x, int by) { return x << by | x >> (32 - by); }
static void quarter(u32 *x, int a, int b, int c, int d) {
  x[a] += x[b], x[d] = rotl(x[d] ^ x[a], 16), x[c] += x[d], x[b] = rotl(x[b] ^ x[c], 12);
  x[a] += x[b], x[d] = rotl(x[d] ^ x[a], 8), x[c] += x[d], x[b] = rotl(x[b] ^ x[c], 7);
}
static void chacha(u32 counter) {
  u32 start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
  for (int at = 4; at < 16; at++) start[at] = at * 0x01010101;
  start[12] = counter;
  for (int at = 0; at < 16; at++) x[at] = start[at];
  for (int round = 0; round < 10; round++) {
    for (int c = 0; c < 4; c++) quarter(x, c, c + 4, c + 8, c + 12);
    for (int c = 0; c < 4; c++) quarter(x, c, (c + 1) % 4 + 4, (c + 2) % 4 + 8, (c + 3) % 4 + 12);
  }
  for (int at = 0; at < 16; at++) put_hex(x[at] + start[at], 8);
  put_char('\n');
}
static void tea(u32 *v, const u32 *key) {
  for (u32 round = 0, sum = 0; round < 32; round++) {
    v[0] += ((v[1] << 4 ^ v[1] >> 5) + v[1]) ^ (sum + key[sum & 3]);
    sum += 0x9e3779b9;
    v[1] += ((v[0] << 4 ^ v[0] >> 5) + v[0]) ^ (sum + key[sum >> 11 & 3]);
  }
}
static void rc4(const char *key, int length, const char *text) {
  u8 state[256];
  for (int at = 0; at < 256; at++) state[at] = at;
  for (int at = 0, other = 0; at < 256; at++) {
    other = (other + state[at] + key[at % length]) & 255;
    u8 kept = state[at];
    state[at] = state[other], state[other] = kept;
  }
  for (u8 i = 0, j = 0; *text; text++) {
    i++, j += state[i];
    u8 kept = state[i];
    state[i] = state[j], state[j] = kept;
    put_hex(*text ^ state[(u8)(state[i] + state[j])], 2);
  }
  put_char('\n');
}
static u64 sip(const u8 *at, int size) {
  u64 v0 = 0x736f6d6570736575, v1 = 0x646f72616e646f6d, v2 = 0x6c7967656e657261, v3 = 0x7465646279746573;
#define ROTL(x, by) ((x) << (by) | (x) >> (64 - (by)))
#define ROUND v0 += v1, v2 += v3, v1 = ROTL(v1, 13) ^ v0, v3 = ROTL(v3, 16) ^ v2, v0 = ROTL(v0, 32), v2 += v1, v0 += v3, v1 = ROTL(v1, 17) ^ v2, v3 = ROTL(v3, 21) ^ v0, v2 = ROTL(v2, 32)
  u64 last = (u64)size << 56;
  for (; size >= 8; at += 8, size -= 8) {
    u64 word = 0;
    for (int byte = 0; byte < 8; byte++) word |= (u64)at[byte] << 8 * byte;
    v3 ^= word, ROUND, ROUND, v0 ^= word;
  }
  for (int byte = 0; byte < size; byte++) last |= (u64)at[byte] << 8 * byte;
  v3 ^= last, ROUND, ROUND, v0 ^= last, v2 ^= 255, ROUND, ROUND, ROUND, ROUND;
  return v0 ^ v1 ^ v2 ^ v3;
}
int main(void) {
  for (u32 counter = 0; counter < 4; counter++) chacha(counter);
  u32 v[2] = {1, 2}, key[4] = {0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff};
  for (int n = 0; n < 20; n++) tea(v, key), put_hex(v[0], 8), put_hex(v[1], 8), put_char('\n');
  rc4("Key", 3, "Plaintext"), rc4("Secret", 6, "Attack at dawn");
  static u8 bytes[64];
  for (int at = 0; at < 64; at++) bytes[at] = at;
  for (int size = 0; size < 64; size += 5) line_hex("sip", sip(bytes, size));
  flush();
  return 0;
}
