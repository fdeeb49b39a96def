/* Jumps out of functions, and what is called at the end. WASI has no setjmp: compared natively. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf place;

static double jump(int depth, double value) {
  volatile char frame[100];
  frame[0] = depth;
  if (depth == 20) longjmp(place, 3);
  value = jump(depth + 1, value * 1.5);
  printf("never %d\n", frame[0]);
  return value;
}

static void first(void) { printf("the last words\n"); }

static void second(void) { printf("the words before\n"); }

int main(void) {
  atexit(first);
  atexit(second);
  volatile int before = 5;
  int answer = setjmp(place);
  printf("answer %d, before %d\n", answer, before);
  if (answer == 0) {
    before = 6;
    jump(0, 1);
  }
  if (answer == 3) {
    before = 7;
    longjmp(place, 0);
  }
  for (int round = 0; round < 1000; round++) {
    jmp_buf inner;
    if (setjmp(inner) == 0) longjmp(inner, round + 1);
  }
  printf("done %d\n", before);
  exit(answer + 40);
}
