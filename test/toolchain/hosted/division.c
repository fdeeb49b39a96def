/* Numbers of 128 bits, divided with their signs and without. */
#include <stdio.h>

typedef __int128 wide;
typedef unsigned __int128 uwide;

static void show(const char *name, uwide value) {
  printf("%s %016llx%016llx\n", name, (unsigned long long)(value >> 64), (unsigned long long)value);
}

int main(int argc, char **argv) {
  (void)argv;
  const wide small[] = {3, -7, 1000003, (wide)1 << 70, -((wide)5 << 90)};
  for (int at = 0; at < 5; at++) {
    wide dividend = ((wide)argc << 100) + 12345 * at, divisor = small[at];
    show("quotient", dividend / divisor);
    show("rest", dividend % divisor);
    show("negative", -dividend / divisor);
    show("rest", -dividend % divisor);
    show("unsigned", (uwide)dividend / (uwide)divisor);
    show("rest", (uwide)dividend % (uwide)divisor);
  }
  return 0;
}
