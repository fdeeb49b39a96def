/*
 * The heap. A program of ZeroVM has it from its start, and five words say where it lies; where the
 * host gives memory out, as Native Client does, it is asked for the end of what is given.
 */
#include "zrt.h"
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the address of the five words is, of which the first two are start and size of the heap. */
#define HEAP_WORDS (*(const zrt_word *const *)0xfefffffc)
#define ALIGNMENT 16
#define HOST_ENOSYS 38

static zrt_word top, end;
static int is_given_out;

static void find_heap(void) {
  const zrt_word *heap = HEAP_WORDS;
  int given = __zrt_answer(ZRT_BRK, 0, 0, 0, 0);
  is_given_out = given != -HOST_ENOSYS;
  top = ((is_given_out ? given : heap[0]) + ALIGNMENT - 1) & -ALIGNMENT;
  end = heap[0] + heap[1];
}

void *_sbrk(ptrdiff_t step) {
  if (top == 0) find_heap();
  zrt_word before = top, moved = top + step;
  int wraps = step < 0 ? moved > before : moved < before;
  if (wraps || moved > end) return (void *)__zrt_refuse(ENOMEM);
  if (is_given_out && (zrt_word)__zrt_answer(ZRT_BRK, moved, 0, 0, 0) != moved) {
    return (void *)__zrt_refuse(ENOMEM);
  }
  top = moved;
  return (void *)before;
}

int posix_memalign(void **place, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *found = memalign(alignment, size);
  if (found == NULL) return ENOMEM;
  *place = found;
  return 0;
}
