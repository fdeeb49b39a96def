/* Runs a nexe as code of this machine, with no walls around it: only for programs of our own. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPACE (1ull << 32)
#define TRAMPOLINES 0x10000ull
#define PAGE 0x10000ull
#define STACK (16ull << 20)

static uint8_t *base;

static void need(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

/* The calls of the trap that a kernel makes: it writes, and it ends. */
static int64_t trap(uint32_t block) {
  const uint64_t *words = (const uint64_t *)(base + block);
  switch (words[0]) {
    case 0x74697257: return write((int)words[2], base + (uint32_t)words[3], words[4]);
    case 0x74697845: _exit((int)words[2]);
  }
  return -38;
}

static void open_pages(uint64_t from, uint64_t to) {
  from &= ~(PAGE - 1);
  to = (to + PAGE - 1) & ~(PAGE - 1);
  need(mprotect(base + from, to - from, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

/* mov $trap, %rax; jmp *%rax */
static void put_trampoline(void) {
  const uint64_t target = (uint64_t)trap;
  uint8_t code[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
  memcpy(code + 2, &target, 8);
  open_pages(TRAMPOLINES, TRAMPOLINES + sizeof code);
  memcpy(base + TRAMPOLINES, code, sizeof code);
  need(mprotect(base + TRAMPOLINES, PAGE, PROT_READ | PROT_EXEC) == 0, "mprotect");
}

static void load(int fd, const Elf64_Phdr *part) {
  const uint64_t end = part->p_vaddr + part->p_memsz;
  open_pages(part->p_vaddr, end);
  need(pread(fd, base + part->p_vaddr, part->p_filesz, part->p_offset) == (ssize_t)part->p_filesz,
       "pread");
  if ((part->p_flags & PF_X) == 0) return;
  need(mprotect(base + part->p_vaddr, part->p_memsz, PROT_READ | PROT_EXEC) == 0, "mprotect");
}

int main(int count, char **words) {
  need(count == 2, "one nexe");
  const int fd = open(words[1], O_RDONLY);
  Elf64_Ehdr head;
  Elf64_Phdr parts[16];
  need(fd >= 0 && pread(fd, &head, sizeof head, 0) == sizeof head && head.e_phnum <= 16, "nexe");
  const ssize_t size = head.e_phnum * sizeof *parts;
  need(pread(fd, parts, size, head.e_phoff) == size, "nexe");
  /* The space is aligned to its size, and has as much on either side that cannot be touched. */
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  uint8_t *space = mmap(0, 4 * SPACE, PROT_NONE, flags, -1, 0);
  need(space != MAP_FAILED, "mmap");
  base = (uint8_t *)(((uint64_t)space + 2 * SPACE - 1) & ~(SPACE - 1));
  put_trampoline();
  for (int at = 0; at < head.e_phnum; at++) {
    if (parts[at].p_type == PT_LOAD && parts[at].p_memsz > 0) load(fd, &parts[at]);
  }
  open_pages(SPACE - STACK, SPACE);
  __asm__ volatile(
      "mov %0, %%r15\n\tmov %1, %%rsp\n\txor %%ebp, %%ebp\n\tadd %%r15, %%rbp\n\tjmp *%2"
      :
      : "r"(base), "r"(base + SPACE - 8), "r"(base + head.e_entry)
      : "memory");
  __builtin_unreachable();
}
