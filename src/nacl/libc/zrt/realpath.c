/* The path of a file without links and dots. */
#include "zrt.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40

/* The path that is known, without a slash at its end, and the names that are still to come. */
struct way {
  char known[PATH_MAX], rest[PATH_MAX];
  int links;
};

/* Puts what a link leads to before the rest, and begins where that begins. */
static int follow(struct way *way, char *last) {
  char target[PATH_MAX];
  ssize_t size = readlink(way->known, target, sizeof target);
  if (size < 0) return -1;
  if (++way->links > LINKS_MAX) return __zrt_refuse(ELOOP);
  size_t left = strlen(way->rest);
  if (size + 1 + left >= PATH_MAX) return __zrt_refuse(ENAMETOOLONG);
  memmove(way->rest + size + 1, way->rest, left + 1);
  memcpy(way->rest, target, size);
  way->rest[size] = '/';
  if (target[0] == '/') last = way->known;
  *last = 0;
  return 0;
}

/* Goes on by the next name. */
static int step(struct way *way) {
  struct stat info;
  char name[PATH_MAX];
  size_t size = strcspn(way->rest, "/");
  char *last = way->known + strlen(way->known);
  memcpy(name, way->rest, size);
  name[size] = 0;
  size_t taken = way->rest[size] == '/' ? size + 1 : size;
  memmove(way->rest, way->rest + taken, strlen(way->rest + taken) + 1);
  if (size == 0 || strcmp(name, ".") == 0) return 0;
  if (strcmp(name, "..") == 0) {
    char *parent = strrchr(way->known, '/');
    if (parent != NULL) *parent = 0;
    return 0;
  }
  if (last - way->known + 1 + size >= PATH_MAX) return __zrt_refuse(ENAMETOOLONG);
  *last = '/';
  memcpy(last + 1, name, size + 1);
  if (lstat(way->known, &info) < 0) return -1;
  if (S_ISLNK(info.st_mode)) return follow(way, last);
  return taken > size && !S_ISDIR(info.st_mode) ? __zrt_refuse(ENOTDIR) : 0;
}

char *realpath(const char *restrict path, char *restrict result) {
  struct way way = {.links = 0};
  if (path == NULL || path[0] == 0) {
    __zrt_refuse(path == NULL ? EINVAL : ENOENT);
    return NULL;
  }
  if (strlen(path) >= PATH_MAX) return __zrt_refuse(ENAMETOOLONG), NULL;
  if (path[0] != '/' && getcwd(way.known, PATH_MAX) == NULL) return NULL;
  if (strcmp(way.known, "/") == 0) way.known[0] = 0;
  strcpy(way.rest, path);
  while (way.rest[0] != 0) if (step(&way) < 0) return NULL;
  if (way.known[0] == 0) strcpy(way.known, "/");
  if (result == NULL) return strdup(way.known);
  return strcpy(result, way.known);
}
