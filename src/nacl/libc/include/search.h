#include_next <search.h>

#ifndef _ZVM_SEARCH_H
#define _ZVM_SEARCH_H

/* What newlib has not. */
void *lfind(const void *key, const void *table, size_t *count, size_t size,
            int (*compare)(const void *, const void *));
void *lsearch(const void *key, void *table, size_t *count, size_t size,
              int (*compare)(const void *, const void *));
void insque(void *element, void *before);
void remque(void *element);

#endif
