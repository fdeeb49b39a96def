#include "print.h"
enum { ROOM = 1 << 16, HELD = 64 };
struct block { u32 size; u32 used; struct block *next; u64 unused; };
static u64 room[ROOM / 8];
static struct block *first;
static void *take(u32 size) {
  size = (size + 15) & ~15u;
  for (struct block *b = first; b != 0; b = b->next) {
    if (b->used || b->size < size) continue;
    if (b->size >= size + sizeof *b + 16) {
      struct block *rest = (struct block *)((u8 *)(b + 1) + size);
      *rest = (struct block){b->size - size - sizeof *b, 0, b->next};
      b->size = size, b->next = rest;
    }
    b->used = 1;
    return b + 1;
  }
  return 0;
}
static void give(void *place) {
  ((struct block *)place - 1)->used = 0;
  for (struct block *b = first; b != 0; b = b->next)
    while (!b->used && b->next != 0 && !b->next->used) b->size += b->next->size + sizeof *b, b->next = b->next->next;
}
int main(void) {
  static u8 *held[HELD];
  static u32 sizes[HELD];
  first = (struct block *)room, *first = (struct block){ROOM - sizeof *first, 0, 0};
  int failed = 0, wrong = 0;
  u64 sum = 0;
  for (int step = 0; step < 5000; step++) {
    int which = next_random() >> 40 & (HELD - 1);
    if (held[which] != 0) {
      for (u32 at = 0; at < sizes[which]; at++) wrong += held[which][at] != (u8)(which * 7 + at);
      give(held[which]), held[which] = 0;
      continue;
    }
    sizes[which] = next_random() >> 30 & 2047;
    held[which] = take(sizes[which]);
    if (held[which] == 0) { failed++; continue; }
    sum = sum * 31 + (held[which] - (u8 *)room);
    for (u32 at = 0; at < sizes[which]; at++) held[which][at] = which * 7 + at;
  }
  line_signed("failed", failed), line_signed("wrong", wrong);
  line_hex("places", sum);
  int blocks = 0;
  for (struct block *b = first; b != 0; b = b->next) blocks++;
  line_signed("held", blocks > 10);
  flush();
  return 0;
}
