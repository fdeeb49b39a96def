/* The six calls of the trap, as the original had them. */
#include "zvm_nexe.h"

typedef unsigned int u32;
typedef unsigned long long u64;

int __zvm_trap(u64 *block);

static int trap(u64 name, u64 a, u64 b, u64 c, u64 d) {
  u64 block[6] = {name, 0, a, b, c, d};
  return __zvm_trap(block);
}

int zvm_read(int channel, void *buffer, int size, long long offset) {
  return trap(0x64616552, channel, (u32)buffer, size, offset);
}

int zvm_write(int channel, const void *buffer, int size, long long offset) {
  return trap(0x74697257, channel, (u32)buffer, size, offset);
}

int zvm_jail(void *address, u32 size) { return trap(0x6c69614a, (u32)address, size, 0, 0); }

int zvm_unjail(void *address, u32 size) { return trap(0x6c6a6e55, (u32)address, size, 0, 0); }

int zvm_fork(void) { return trap(0x6b726f46, 0, 0, 0, 0); }

void zvm_exit(int status) {
  trap(0x74697845, status, 0, 0, 0);
  __builtin_trap();
}
