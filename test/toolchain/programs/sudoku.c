#include "print.h"
static u16 rows[9], columns[9], boxes[9];
static u8 cells[81];
static int tried;
static void set(int at, int bit, int on) {
  int row = at / 9, column = at % 9, box = row / 3 * 3 + column / 3;
  if (on) rows[row] |= bit, columns[column] |= bit, boxes[box] |= bit;
  else rows[row] &= ~bit, columns[column] &= ~bit, boxes[box] &= ~bit;
}
static int solve(void) {
  int best = -1, least = 10;
  u16 choices = 0;
  for (int at = 0; at < 81; at++) {
    if (cells[at] != 0) continue;
    u16 free = ~(rows[at / 9] | columns[at % 9] | boxes[at / 27 * 3 + at % 9 / 3]) & 0x1ff;
    int count = __builtin_popcount(free);
    if (count < least) least = count, best = at, choices = free;
  }
  if (best < 0) return 1;
  for (; choices != 0; choices &= choices - 1) {
    int digit = __builtin_ctz(choices), bit = 1 << digit;
    tried++, cells[best] = digit + 1, set(best, bit, 1);
    if (solve()) return 1;
    cells[best] = 0, set(best, bit, 0);
  }
  return 0;
}
int main(void) {
  static const char *const puzzles[] = {
      "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
      "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..",
      "11.......2.......................................................................",
      "..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9"};
  for (int which = 0; which < 3; which++) {
    for (int at = 0; at < 9; at++) rows[at] = columns[at] = boxes[at] = 0;
    int clash = 0;
    for (int at = 0; at < 81; at++) {
      cells[at] = puzzles[which][at] == '.' ? 0 : puzzles[which][at] - '0';
      if (cells[at] == 0) continue;
      clash |= (rows[at / 9] | columns[at % 9]) >> (cells[at] - 1) & 1;
      set(at, 1 << (cells[at] - 1), 1);
    }
    tried = 0;
    line_signed("solved", clash ? -1 : solve()), line_signed("tried", tried);
    for (int at = 0; at < 81; at++) put_char('0' + cells[at]);
    put_char('\n');
  }
  flush();
  return 0;
}
