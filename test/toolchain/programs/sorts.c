#include "print.h"
enum { COUNT = 900 };
typedef void sorter(i32 *, int);
static void insertion(i32 *it, int count) {
  for (int at = 1; at < count; at++) {
    i32 value = it[at];
    int to = at;
    for (; to > 0 && it[to - 1] > value; to--) it[to] = it[to - 1];
    it[to] = value;
  }
}
static void shell(i32 *it, int count) {
  for (int gap = count / 2; gap > 0; gap /= 2)
    for (int at = gap; at < count; at++)
      for (int to = at; to >= gap && it[to - gap] > it[to]; to -= gap) {
        i32 kept = it[to];
        it[to] = it[to - gap], it[to - gap] = kept;
      }
}
static void sink(i32 *it, int from, int count) {
  for (int child; (child = 2 * from + 1) < count; from = child) {
    if (child + 1 < count && it[child + 1] > it[child]) child++;
    if (it[from] >= it[child]) return;
    i32 kept = it[from];
    it[from] = it[child], it[child] = kept;
  }
}
static void heap(i32 *it, int count) {
  for (int at = count / 2; at-- > 0;) sink(it, at, count);
  while (--count > 0) {
    i32 kept = it[0];
    it[0] = it[count], it[count] = kept;
    sink(it, 0, count);
  }
}
static void merge(i32 *it, int count) {
  static i32 other[COUNT];
  if (count < 2) return;
  int half = count / 2, left = 0, right = half;
  merge(it, half), merge(it + half, count - half);
  for (int at = 0; at < count; at++) other[at] = right >= count || (left < half && it[left] <= it[right]) ? it[left++] : it[right++];
  for (int at = 0; at < count; at++) it[at] = other[at];
}
static void radix(i32 *it, int count) {
  static i32 other[COUNT];
  for (int shift = 0; shift < 32; shift += 8) {
    int places[257] = {0};
    for (int at = 0; at < count; at++) places[(((u32)it[at] ^ 0x80000000) >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++) places[digit + 1] += places[digit];
    for (int at = 0; at < count; at++) other[places[((u32)it[at] ^ 0x80000000) >> shift & 255]++] = it[at];
    for (int at = 0; at < count; at++) it[at] = other[at];
  }
}
int main(void) {
  static i32 values[COUNT];
  sorter *const sorters[] = {insertion, shell, heap, merge, radix};
  for (int which = 0; which < 5; which++) {
    for (int at = 0; at < COUNT; at++) values[at] = (i32)(next_random() >> 20) >> (which * 3);
    sorters[which](values, COUNT);
    u64 sum = 0;
    int sorted = 1;
    for (int at = 0; at < COUNT; at++) sum = sum * 1099511628211 + (u32)values[at], sorted &= at == 0 || values[at - 1] <= values[at];
    line_signed("sorted", sorted), line_hex("sum", sum), line_signed("first", values[0]), line_signed("last", values[COUNT - 1]);
  }
  flush();
  return 0;
}
