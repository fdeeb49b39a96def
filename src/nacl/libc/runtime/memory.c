/* What gcc calls unasked for memory. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 word __attribute__((may_alias, aligned(1)));

void *memcpy(void *to, const void *from, u32 size) {
  u8 *out = to;
  const u8 *in = from;
  for (; size >= 8; size -= 8, out += 8, in += 8) *(word *)out = *(const word *)in;
  while (size-- > 0) *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, u32 size) {
  u8 *out = to;
  const u8 *in = from;
  if (out - in >= size) return memcpy(to, from, size);
  while (size-- > 0) out[size] = in[size];
  return to;
}

void *memset(void *to, int value, u32 size) {
  u8 *out = to;
  u64 all = 0x0101010101010101 * (u8)value;
  for (; size >= 8; size -= 8, out += 8) *(word *)out = all;
  while (size-- > 0) *out++ = value;
  return to;
}

int memcmp(const void *one, const void *two, u32 size) {
  const u8 *a = one, *b = two;
  for (; size > 0; size--, a++, b++) if (*a != *b) return *a - *b;
  return 0;
}

u32 strlen(const char *text) {
  u32 size = 0;
  while (text[size] != 0) size++;
  return size;
}
