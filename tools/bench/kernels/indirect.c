/* A small machine whose instructions are functions, called through a table. */
#include <stdint.h>
#include <stdio.h>

#define STEPS 100000000

typedef uint32_t (*operation)(uint32_t, uint32_t);

static uint32_t add(uint32_t x, uint32_t y) { return x + y; }
static uint32_t twist(uint32_t x, uint32_t y) { return x ^ y << 5; }
static uint32_t scale(uint32_t x, uint32_t y) { return x * 2654435761u + y; }
static uint32_t turn(uint32_t x, uint32_t y) { return (x >> 7 | x << 25) - y; }

static operation operations[4] = {add, twist, scale, turn};
static uint8_t program[16] = {0, 1, 2, 3, 2, 1, 0, 3, 1, 0, 2, 0, 3, 3, 1, 2};

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1000) operations[0] = scale, program[3] = 0;
  uint32_t value = 1;
  for (uint32_t step = 0; step < STEPS; step++) value = operations[program[step & 15]](value, step);
  printf("%u\n", value);
  return 0;
}
