/* What runs before main and behind it, in the order of priorities; files, and exit from within. */
#include <stdio.h>
#include <stdlib.h>

static int count;

static void told(const char *what) { printf("%d %s\n", ++count, what); }

__attribute__((constructor)) static void plain(void) { told("plain constructor"); }
__attribute__((constructor(300))) static void late(void) { told("constructor of 300"); }
__attribute__((constructor(200))) static void early(void) { told("constructor of 200"); }
__attribute__((destructor)) static void last(void) { told("plain destructor"); }
__attribute__((destructor(300))) static void behind(void) { told("destructor of 300"); }

static void at_exit(void) { told("atexit"); }

int main(void) {
  atexit(at_exit);
  told("main");
  exit(3);
}

/* The last function, whose list gcc leaves open before the variables that are zero. */
static int behind_all;
__attribute__((constructor)) static void open_list(void) {
  behind_all += 2;
  printf("%d of the last constructor\n", behind_all);
}
