/* What a program asks of the system it runs in. */
#include "zrt.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* That of the memory that jail and the host count in. */
#define PAGE_BYTES 65536
/* Descriptors of a session that no limit makes fewer. */
#define OPEN_FILES 1024
#define CLOCK_TICKS 100

/* A number in a variable of the environment, as the original had it. */
static int identity(const char *name) {
  const char *text = getenv(name);
  int number = text == NULL ? 0 : atoi(text);
  return number > 0 ? number : 1;
}

uid_t getuid(void) { return identity("UID"); }

uid_t geteuid(void) { return identity("UID"); }

gid_t getgid(void) { return identity("GID"); }

gid_t getegid(void) { return identity("GID"); }

/* Nothing here has other rights than its user. */
int issetugid(void) { return 0; }

pid_t getppid(void) { return 0; }

pid_t getpgrp(void) { return 0; }

int getpagesize(void) { return PAGE_BYTES; }

int getdtablesize(void) { return OPEN_FILES; }

long sysconf(int name) {
  switch (name) {
    case _SC_PAGESIZE: return PAGE_BYTES;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN: return 1;
    case _SC_OPEN_MAX: return OPEN_FILES;
    case _SC_CLK_TCK: return CLOCK_TICKS;
    case _SC_ARG_MAX: return ARG_MAX;
    default: return __zrt_refuse(EINVAL);
  }
}

long pathconf(const char *path, int name) {
  (void)path;
  switch (name) {
    case _PC_NAME_MAX: return NAME_MAX;
    case _PC_PATH_MAX: return PATH_MAX;
    default: return __zrt_refuse(EINVAL);
  }
}

long fpathconf(int fd, int name) {
  (void)fd;
  return pathconf("/", name);
}

int uname(struct utsname *name) {
  memset(name, 0, sizeof *name);
  strcpy(name->sysname, "ZeroVM");
  strcpy(name->nodename, "localhost");
  strcpy(name->release, "0");
  strcpy(name->version, "0");
  strcpy(name->machine, "x86_64");
  return 0;
}

int gethostname(char *name, size_t size) {
  struct utsname known;
  uname(&known);
  if (strlen(known.nodename) >= size) return __zrt_refuse(ENAMETOOLONG);
  strcpy(name, known.nodename);
  return 0;
}
