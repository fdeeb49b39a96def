#include "print.h"
enum { BUCKETS = 97, NODES = 700 };
struct node { u32 key; i32 value; struct node *next; };
static struct node nodes[NODES], *buckets[BUCKETS], *spare;
static u32 hash(u32 key) {
  key = (key ^ key >> 16) * 0x45d9f3b, key = (key ^ key >> 16) * 0x45d9f3b;
  return (key ^ key >> 16) % BUCKETS;
}
static struct node **find(u32 key) {
  struct node **at = &buckets[hash(key)];
  while (*at != 0 && (*at)->key != key) at = &(*at)->next;
  return at;
}
static int set(u32 key, i32 value) {
  struct node **at = find(key);
  if (*at == 0) {
    if (spare == 0) return 0;
    struct node *made = spare;
    spare = spare->next, made->key = key, made->next = 0, *at = made;
  }
  (*at)->value = value;
  return 1;
}
static int take(u32 key, i32 *value) {
  struct node **at = find(key), *found = *at;
  if (found == 0) return 0;
  *value = found->value, *at = found->next, found->next = spare, spare = found;
  return 1;
}
int main(void) {
  for (int at = 0; at < NODES; at++) nodes[at].next = spare, spare = &nodes[at];
  i64 sum = 0;
  int full = 0, missing = 0;
  for (int step = 0; step < 20000; step++) {
    u32 key = next_random() >> 32 & 1023;
    i32 value = 0;
    if (step % 3 != 2) full += !set(key, step);
    else if (take(key, &value)) sum = sum * 3 + value;
    else missing++;
    if (step % 5000 == 4999) line_hex("sum", sum), line_signed("full", full), line_signed("missing", missing);
  }
  for (int at = 0; at < BUCKETS; at++) {
    int length = 0;
    for (struct node *it = buckets[at]; it != 0; it = it->next) length++;
    put_signed(length), put_char(' ');
  }
  put_char('\n'), flush();
  return 0;
}
