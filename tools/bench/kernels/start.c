/* Only prints: what every kernel needs besides its loop. */
#include <stdio.h>

int main(void) {
  printf("%u\n", 0u);
  return 0;
}
