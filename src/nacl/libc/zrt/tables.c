/* Searches from the first entry on, and lists of two directions. */
#include <search.h>
#include <stddef.h>
#include <string.h>

void *lfind(const void *key, const void *table, size_t *count, size_t size,
            int (*compare)(const void *, const void *)) {
  const char *entry = table;
  for (size_t at = 0; at < *count; at++, entry += size) {
    if (compare(key, entry) == 0) return (void *)entry;
  }
  return NULL;
}

void *lsearch(const void *key, void *table, size_t *count, size_t size,
              int (*compare)(const void *, const void *)) {
  void *found = lfind(key, table, count, size, compare);
  if (found != NULL) return found;
  return memcpy((char *)table + size * (*count)++, key, size);
}

/* What every element begins with. */
struct links {
  struct links *next, *previous;
};

void insque(void *element, void *before) {
  struct links *one = element, *left = before;
  struct links *right = left == NULL ? NULL : left->next;
  one->next = right;
  one->previous = left;
  if (left != NULL) left->next = one;
  if (right != NULL) right->previous = one;
}

void remque(void *element) {
  struct links *one = element;
  if (one->next != NULL) one->next->previous = one->previous;
  if (one->previous != NULL) one->previous->next = one->next;
}
