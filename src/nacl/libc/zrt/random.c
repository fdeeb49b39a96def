/* Entropy of the session, and the numbers of rand, which are those of programs for WASI. */
#include "zrt.h"
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static unsigned long long state;

void srand(unsigned seed) { state = seed - 1; }

int rand(void) {
  state = state * 6364136223846793005 + 1;
  return state >> 33;
}

int getentropy(void *buffer, size_t size) {
  return __zrt(ZRT_GET_RANDOM_BYTES, W(buffer), size, 0, 0);
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags) {
  (void)flags;
  return getentropy(buffer, size) < 0 ? -1 : (ssize_t)size;
}
