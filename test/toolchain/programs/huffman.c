#include "print.h"
enum { SIZE = 4000 };
struct node { u32 weight; int left, right; };
static struct node nodes[511];
static int heap[511], heap_size;
static int lighter(int a, int b) { return nodes[a].weight != nodes[b].weight ? nodes[a].weight < nodes[b].weight : a < b; }
static void put_in(int node) {
  int at = heap_size++;
  for (; at > 0 && lighter(node, heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
  heap[at] = node;
}
static int take_out(void) {
  int first = heap[0], last = heap[--heap_size], at = 0;
  for (int child; (child = 2 * at + 1) < heap_size; at = child) {
    if (child + 1 < heap_size && lighter(heap[child + 1], heap[child])) child++;
    if (!lighter(heap[child], last)) break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return first;
}
static u32 codes[256];
static u8 lengths[256];
static void assign(int node, u32 code, int length) {
  if (nodes[node].left < 0) { codes[node] = code, lengths[node] = length; return; }
  assign(nodes[node].left, code << 1, length + 1), assign(nodes[node].right, code << 1 | 1, length + 1);
}
int main(void) {
  static u8 text[SIZE], bits[SIZE * 2];
  for (int at = 0; at < SIZE; at++) {
    u64 chance = next_random();
    text[at] = 'a' + __builtin_ctzll(chance | 1 << 15);
    nodes[text[at]].weight++;
  }
  int count = 256;
  for (int byte = 0; byte < 256; byte++) {
    nodes[byte].left = nodes[byte].right = -1;
    if (nodes[byte].weight > 0) put_in(byte);
  }
  while (heap_size > 1) {
    int left = take_out(), right = take_out();
    nodes[count] = (struct node){nodes[left].weight + nodes[right].weight, left, right};
    put_in(count++);
  }
  assign(heap[0], 0, 0);
  u32 size = 0;
  for (int at = 0; at < SIZE; at++)
    for (int bit = lengths[text[at]]; bit-- > 0; size++) bits[size >> 3] |= (codes[text[at]] >> bit & 1) << (size & 7);
  u32 read = 0;
  int same = 1;
  for (int at = 0; at < SIZE; at++) {
    int node = heap[0];
    for (; nodes[node].left >= 0; read++) node = bits[read >> 3] >> (read & 7) & 1 ? nodes[node].right : nodes[node].left;
    same &= node == text[at];
  }
  for (int byte = 0; byte < 256; byte++) if (lengths[byte]) put_char(byte), put_char(' '), put_signed(lengths[byte]), put_char(' '), put_hex(codes[byte], 5), put_char('\n');
  line_signed("bits", size), line_signed("read", read), line_signed("same", same);
  flush();
  return 0;
}
