#include "print.h"
#define COUNT 5000
static int values[COUNT];
static void sort(int *from, int *to) {
  while (to - from > 1) {
    int pivot = from[(to - from) / 2], *low = from, *high = to - 1;
    while (low <= high) {
      while (*low < pivot) low++;
      while (*high > pivot) high--;
      if (low > high) break;
      int kept = *low;
      *low++ = *high, *high-- = kept;
    }
    sort(from, high + 1);
    from = low;
  }
}
int main(void) {
  for (int i = 0; i < COUNT; i++) values[i] = (int)next_random();
  sort(values, values + COUNT);
  u32 sum = 0;
  for (int i = 0; i < COUNT; i++) {
    if (i > 0 && values[i - 1] > values[i]) put("wrong\n");
    sum = sum * 31 + values[i];
  }
  line_signed("first", values[0]), line_signed("last", values[COUNT - 1]), line_hex("sum", sum);
  flush();
  return 0;
}
