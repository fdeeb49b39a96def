/* Arguments, files, names, errors and memory, by the system calls of Native Client. */
#include <nacl_calls.h>

static void put(const char *text) {
  u32 size = 0;
  while (text[size] != 0) size++;
  sys_write(1, text, size);
}
static void number(const char *what, i64 n) {
  char digits[24];
  int at = sizeof digits - 1;
  int isNegative = n < 0;
  if (isNegative) n = -n;
  digits[at] = 0;
  do digits[--at] = '0' + n % 10;
  while ((n /= 10) != 0);
  if (isNegative) digits[--at] = '-';
  put(what);
  put(" ");
  put(digits + at);
  put("\n");
}
static void size_of(const char *path) {
  u32 mode = 0;
  number(path, sys_size(path, &mode));
  number("mode", mode);
}

int main(int count, char **words) {
  for (int i = 1; i < count; i++) number(words[i], i);
  char buffer[64];
  int fd = sys_open("work", 0102, 0600);
  number("open", fd >= 0);
  number("write", sys_write(fd, "0123456789", 10));
  number("seek", sys_seek(fd, -4, 2));
  number("read", sys_read(fd, buffer, sizeof buffer));
  number("first", buffer[0]);
  number("pread", sys_pread(fd, buffer, 3, 5));
  number("first", buffer[0]);
  number("position", sys_seek(fd, 0, 1));
  number("before", sys_seek(fd, -1, 0));
  size_of("work");
  number("close", sys_close(fd));
  number("closed", sys_close(fd));
  number("closed", sys_write(fd, "x", 1));
  number("exclusive", sys_open("work", 0302, 0600));
  number("missing", sys_open("nothing", 0, 0));
  number("through", sys_open("work/nothing", 0, 0));
  number("mkdir", sys_mkdir("folder", 0700));
  number("again", sys_mkdir("folder", 0700));
  number("into", sys_rename("work", "folder/moved"));
  number("full", sys_rmdir("folder"));
  number("folder", sys_unlink("folder/moved/x"));
  size_of("folder/moved");
  number("write", sys_open("folder", 1, 0));
  number("unlink", sys_unlink("folder/moved"));
  number("rmdir", sys_rmdir("folder"));
  number("gone", sys_rmdir("folder"));
  char *mapped = sys_map(300000);
  char *more = sys_more(100000);
  number("zeros", mapped[0] + mapped[299999] + more[0] + more[99999]);
  for (int i = 0; i < 300000; i++) mapped[i] = i;
  for (int i = 0; i < 100000; i++) more[i] = mapped[3 * i];
  number("copied", more[99999]);
  while ((count = sys_read(0, buffer, sizeof buffer)) > 0) sys_write(1, buffer, count);
  return 7;
}
