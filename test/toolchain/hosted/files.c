/* Files and folders of the image that is the root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The texts of strerror are another matter for each library. */
static const char *reason(void) {
  switch (errno) {
    case EBADF: return "EBADF";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EISDIR: return "EISDIR";
    case ENOENT: return "ENOENT";
    case ENOTDIR: return "ENOTDIR";
    case ENOTEMPTY: return "ENOTEMPTY";
    default: return strerror(errno);
  }
}

static void tell(const char *what, long long answer) {
  printf("%s: %lld", what, answer);
  if (answer < 0) printf(" %s", reason());
  printf("\n");
}

/* Modes are not in this: WASI has none. */
static void show(const char *path) {
  struct stat info;
  int answer = stat(path, &info);
  tell(path, answer);
  if (answer < 0) return;
  printf("  %s of %lld bytes, %d links, time %lld\n", S_ISDIR(info.st_mode) ? "folder" : "file",
         (long long)info.st_size, (int)info.st_nlink, (long long)info.st_mtime);
}

static void list(const char *path) {
  DIR *folder = opendir(path);
  tell(path, folder == NULL ? -1 : 0);
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) printf("  %s\n", entry->d_name);
  rewinddir(folder);
  printf("  first is %s\n", readdir(folder)->d_name);
  tell("closedir", closedir(folder));
}

static void read_lines(const char *path) {
  FILE *file = fopen(path, "r");
  tell(path, file == NULL ? -1 : 0);
  if (file == NULL) return;
  char line[64];
  for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
    printf("%3d|%s", number, line);
  }
  printf("at %ld, end %d\n", ftell(file), feof(file) != 0);
  fseek(file, 4, SEEK_SET);
  printf("then '%c'\n", fgetc(file));
  fclose(file);
}

static void write_back(void) {
  tell("mkdir", mkdir("/made", 0700));
  tell("mkdir again", mkdir("/made", 0700));
  FILE *file = fopen("/made/new", "w+");
  fprintf(file, "one %d\ntwo %s\n", 1, "2");
  rewind(file);
  int number;
  char word[8];
  tell("fscanf", fscanf(file, "one %d two %7s", &number, word));
  printf("%d %s\n", number, word);
  fclose(file);
  file = fopen("/made/new", "a");
  fputs("three\n", file);
  printf("at %ld\n", ftell(file));
  fclose(file);
  read_lines("/made/new");
  tell("rename", rename("/made/new", "/made/other"));
  file = fopen("/made/other", "r+");
  tell("ftruncate", ftruncate(fileno(file), 5));
  fclose(file);
  show("/made/other");
  show("/made/new");
  tell("rmdir", rmdir("/made"));
  tell("unlink", unlink("/made/other"));
  tell("rmdir", rmdir("/made"));
}

static void descriptors(void) {
  int fd = open("/data/lines.txt", O_RDONLY);
  char part[6] = "";
  tell("pread", pread(fd, part, 5, 6));
  puts(part);
  tell("read", read(fd, part, 5));
  puts(part);
  tell("lseek", lseek(fd, -3, SEEK_END));
  tell("read", read(fd, part, 5));
  tell("lseek", lseek(fd, -1, SEEK_SET));
  tell("read only", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
  tell("close", close(fd));
  tell("close", close(fd));
  tell("open", open("/data/lines.txt/x", O_RDONLY));
  tell("open", open("/new/x", O_WRONLY | O_CREAT, 0600));
  tell("open", open("/data/lines.txt", O_WRONLY | O_CREAT | O_EXCL, 0600));
  tell("open", open("/data", O_WRONLY));
}

int main(int argc, char **argv) {
  for (int at = 1; at < argc; at++) printf("argument %d is '%s'\n", at, argv[at]);
  printf("WORD is %s, OTHER is %s\n", getenv("WORD"), getenv("OTHER") ? "set" : "not set");
  list("/data");
  list("/nothing");
  list("/data/lines.txt");
  show("/data");
  show("/data/lines.txt");
  show("/data/deep/empty");
  show("/data/none");
  read_lines("/data/lines.txt");
  read_lines("/data/none");
  write_back();
  descriptors();
  char folder[32];
  tell("chdir", chdir("/data/deep"));
  printf("in %s\n", getcwd(folder, sizeof folder));
  show("empty");
  tell("access", access("empty", R_OK));
  tell("access", access("../none", F_OK));
  return 7;
}
