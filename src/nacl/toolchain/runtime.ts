/** `zvm_nexe.h`: the six calls of the trap, as a program in C sees them. */
export const RUNTIME_HEADER = `#ifndef ZVM_NEXE_H
#define ZVM_NEXE_H

/* Reads from a channel at an offset. Returns the number of bytes, or an error below 0. */
int zvm_read(int channel, void *buffer, int size, long long offset);
/* Writes to a channel at an offset. Returns the number of bytes, or an error below 0. */
int zvm_write(int channel, const void *buffer, int size, long long offset);
/* Makes pages of the heap code, if they obey the rules. Returns 0, or an error below 0. */
int zvm_jail(void *address, unsigned size);
/* Makes code data again. Returns 0, or an error below 0. */
int zvm_unjail(void *address, unsigned size);
/* Ends the session with a status. */
void zvm_exit(int status) __attribute__((noreturn));
/* Waits for the next session of a daemon, as the original did. */
int zvm_fork(void);

#endif
`;

/** Where a program starts, and the call into the page of trampolines. */
export const RUNTIME_ASSEMBLY = `
.text
.globl _start
.type _start, @function
_start:
  subl $8, %esp
  call __zvm_start
  hlt
.globl __zvm_trap
.type __zvm_trap, @function
__zvm_trap:
  subl $8, %esp
  call 0x10000
  addl $8, %esp
  ret
`;

const CALLS = `
typedef unsigned char u8;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
typedef __int128 i128;
typedef unsigned __int128 u128;

int main(int, char **);
int __zvm_trap(u64 *);

static int trap(u64 name, u64 a, u64 b, u64 c, u64 d) {
  u64 block[6] = {name, 0, a, b, c, d};
  return __zvm_trap(block);
}

int zvm_read(int channel, void *buffer, int size, i64 offset) {
  return trap(0x64616552, channel, (u32)buffer, size, offset);
}
int zvm_write(int channel, const void *buffer, int size, i64 offset) {
  return trap(0x74697257, channel, (u32)buffer, size, offset);
}
int zvm_jail(void *address, u32 size) { return trap(0x6c69614a, (u32)address, size, 0, 0); }
int zvm_unjail(void *address, u32 size) { return trap(0x6c6a6e55, (u32)address, size, 0, 0); }
int zvm_fork(void) { return trap(0x6b726f46, 0, 0, 0, 0); }
__attribute__((noreturn)) void zvm_exit(int status) {
  trap(0x74697845, status, 0, 0, 0);
  __builtin_trap();
}

static char *arguments[] = {"", 0};
void __zvm_start(void) { zvm_exit(main(1, arguments)); }
`;

const MEMORY = `
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
`;

const ARITHMETIC = `
static u128 divide(u128 n, u128 d, u128 *rest) {
  u64 high = n >> 64, low = n;
  if (d >> 64 == 0) {
    u64 by = d, top = high / by, left = high % by, bottom;
    __asm__("divq %4" : "=a"(bottom), "=d"(left) : "a"(low), "d"(left), "r"(by));
    *rest = left;
    return (u128)top << 64 | bottom;
  }
  u128 quotient = 0, part = high;
  for (int bit = 63; bit >= 0; bit--) {
    part = part << 1 | (low >> bit & 1);
    quotient <<= 1;
    if (part >= d) part -= d, quotient |= 1;
  }
  *rest = part;
  return quotient;
}
u128 __udivti3(u128 n, u128 d) { u128 rest; return divide(n, d, &rest); }
u128 __umodti3(u128 n, u128 d) { u128 rest; divide(n, d, &rest); return rest; }
static u128 absolute(i128 n) { return n < 0 ? -(u128)n : (u128)n; }
i128 __divti3(i128 n, i128 d) {
  u128 rest, quotient = divide(absolute(n), absolute(d), &rest);
  return (n < 0) != (d < 0) ? -quotient : quotient;
}
i128 __modti3(i128 n, i128 d) {
  u128 rest;
  divide(absolute(n), absolute(d), &rest);
  return n < 0 ? -rest : rest;
}
i128 __divmodti4(i128 n, i128 d, i128 *rest) {
  *rest = __modti3(n, d);
  return __divti3(n, d);
}
u128 __udivmodti4(u128 n, u128 d, u128 *rest) { return divide(n, d, rest); }
int __popcountdi2(u64 n) {
  n -= n >> 1 & 0x5555555555555555;
  n = (n & 0x3333333333333333) + (n >> 2 & 0x3333333333333333);
  n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return n * 0x0101010101010101 >> 56;
}
int __popcountsi2(u32 n) { return __popcountdi2(n); }
`;

/** What every program has besides its own code: the trap calls, and what gcc calls unasked. */
export const RUNTIME_C: string = CALLS + MEMORY + ARITHMETIC;
