/* Inline assembly as people write it, and names that are weak. */
#include <stdio.h>

extern int absent(int) __attribute__((weak));
extern int nothing __attribute__((weak));

__attribute__((weak)) int present(int number) { return number * 2; }

#ifdef __x86_64__
static int sum_to(int count) {
  int sum;
  __asm__ volatile(
      "# the sum; of all numbers\n\t"
      "xorl %0, %0 /* begins with 0 */\n"
      "1: addl %1, %0; subl $1, %1; jnz 1b\n\t"
      "jmp 1f # over what follows\n\t"
      "addl $1000, %0\n"
      "1:\n\t"
      "rep; nop"
      : "=&r"(sum), "+r"(count));
  return sum;
}

static int exchange(int *place, int more) {
  __asm__ volatile("lock; xaddl %0, %1" : "+r"(more), "+m"(*place));
  return more;
}
#else
static int sum_to(int count) { return count * (count + 1) / 2; }

static int exchange(int *place, int more) {
  int before = *place;
  *place += more;
  return before;
}
#endif

int main(void) {
  int place = 40;
  printf("%d\n", sum_to(10));
  int before = exchange(&place, 2);
  printf("%d %d\n", before, place);
  printf("%d\n", present(21));
  printf("%s\n", absent ? "here" : "absent");
  printf("%s\n", &nothing ? "here" : "nothing");
  return 0;
}
