/*
 * Runs a program of snippets as it stands, on this processor. Its records come by standard input,
 * how many there are and the address of its table as arguments; the records that its snippets
 * leave go to standard output. A fault is noted in its record, and the next one is begun.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 0x10000ul
#define TRIES 8
#define AT(address) ((void *)(uintptr_t)(address))
#define WORD(address) (*(volatile uint32_t *)(uintptr_t)(address))

static sigjmp_buf next_record;
static uint32_t total;
/* The record that was begun once more, and how often. */
static uint32_t again = -1, tries;

static void give_up(const char *why) {
  perror(why);
  _exit(2);
}

static void *map(uint64_t address, uint64_t size) {
  uint64_t start = address & -PAGE, end = (address + size + PAGE - 1) & -PAGE;
  void *place = mmap(AT(start), end - start, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
  if (place != AT(start)) give_up("mmap");
  return AT(address);
}

static void read_all(int file, char *to, size_t size) {
  while (size > 0) {
    ssize_t got = read(file, to, size);
    if (got <= 0) give_up("read");
    to += got, size -= got;
  }
}

/* Where the call that ends the program goes. */
__attribute__((force_align_arg_pointer, noreturn)) static void finish(void) {
  const char *from = AT(AFTER);
  size_t size = (size_t)total * RECORD_BYTES;
  while (size > 0) {
    ssize_t put = write(1, from, size);
    if (put <= 0) give_up("write");
    from += put, size -= put;
  }
  _exit(0);
}

/*
 * A processor that comes back from an interrupt to a stack pointer which is no address may fault,
 * whatever it was doing: such a fault is believed where it comes twice. One that is a machine's
 * guest may be told that an instruction with VEX is unknown while its host watches a page.
 */
static void fault(int signal) {
  uint32_t position = WORD(POSITION);
  uint32_t kind = signal == SIGILL ? 2 : signal == SIGFPE ? 3 : 1;
  if (position >= total) _exit(3);
  if (again != position) tries = 0;
  if (tries < (signal == SIGSEGV ? 1 : signal == SIGILL ? TRIES : 0)) {
    again = position, tries++;
    siglongjmp(next_record, 1);
  }
  WORD(AFTER + (uint64_t)position * RECORD_BYTES + FAULT) = kind;
  WORD(POSITION) = position + 1;
  siglongjmp(next_record, 1);
}

static uint64_t load(const char *name) {
  FILE *file = fopen(name, "rb");
  Elf64_Ehdr head;
  if (file == NULL || fread(&head, sizeof head, 1, file) != 1) give_up(name);
  for (int at = 0; at < head.e_phnum; at++) {
    Elf64_Phdr part;
    fseek(file, head.e_phoff + at * sizeof part, SEEK_SET);
    if (fread(&part, sizeof part, 1, file) != 1) give_up(name);
    void *place = map(part.p_vaddr, part.p_memsz);
    fseek(file, part.p_offset, SEEK_SET);
    if (fread(place, 1, part.p_filesz, file) != part.p_filesz) give_up(name);
  }
  fclose(file);
  return head.e_entry;
}

int main(int count, char **arguments) {
  static char signal_stack[1 << 16];
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  struct sigaction action = {.sa_handler = fault, .sa_flags = SA_ONSTACK};
  if (count != 4) return 1;
  uint64_t entry = load(arguments[1]);
  total = atoi(arguments[2]);
  map(POSITION, PAGE);
  map(BEFORE, (uint64_t)total * RECORD_BYTES);
  map(AFTER, (uint64_t)total * RECORD_BYTES);
  read_all(0, AT(BEFORE), (size_t)total * RECORD_BYTES);
  WORD(TOTAL) = total, WORD(TABLE) = atoi(arguments[3]), WORD(ONE) = 1, WORD(MXCSR) = 0x1f80;
  unsigned char *slot = map(PAGE, PAGE);
  uint64_t target = (uintptr_t)finish;
  memcpy(slot, "\x48\xb8", 2), memcpy(slot + 2, &target, 8), memcpy(slot + 10, "\xff\xe0", 2);
  sigaltstack(&stack, NULL);
  sigaction(SIGILL, &action, NULL), sigaction(SIGFPE, &action, NULL);
  sigaction(SIGSEGV, &action, NULL), sigaction(SIGBUS, &action, NULL);
  sigsetjmp(next_record, 1);
  __asm__ volatile("xorl %%r15d, %%r15d\n\tjmp *%0" : : "a"(entry) : "r15", "memory");
  __builtin_unreachable();
}
