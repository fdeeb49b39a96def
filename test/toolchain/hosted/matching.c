/* Regular expressions, patterns of names, and the names that files have. */
#include <fnmatch.h>
#include <glob.h>
#include <regex.h>
#include <stdio.h>

static void match(const char *pattern, const char *text, int flags) {
  regex_t compiled;
  regmatch_t found[4];
  int error = regcomp(&compiled, pattern, flags);
  printf("%s in %s:", pattern, text);
  if (error != 0) {
    printf(" no pattern\n");
    return;
  }
  if (regexec(&compiled, text, 4, found, 0) == 0) {
    for (int at = 0; at < 4 && found[at].rm_so >= 0; at++) {
      printf(" %d-%d", (int)found[at].rm_so, (int)found[at].rm_eo);
    }
    puts("");
  } else {
    puts(" none");
  }
  regfree(&compiled);
}

int main(void) {
  match("([a-z]+)=([0-9]+)", "width=640, height=480", REG_EXTENDED);
  match("^(first|second) [[:alpha:]]+$", "second line", REG_EXTENDED);
  match("\\(a*\\)b\\1", "xaabaay", 0);
  match("HELLO", "say hello", REG_EXTENDED | REG_ICASE);
  match("x{2,3}", "axxxxb", REG_EXTENDED);
  match("(unclosed", "text", REG_EXTENDED);
  match("nothing", "text", REG_EXTENDED);

  const char *const names[] = {"main.c", "main.h", ".hidden", "a/b.c", "A1"};
  const char *const patterns[] = {"*.c", "main.?", "[!.]*", "*", "[A-Z][0-9]"};
  for (int at = 0; at < 5; at++) {
    printf("%s:", patterns[at]);
    for (int name = 0; name < 5; name++) {
      int plain = fnmatch(patterns[at], names[name], 0);
      printf(" %d%d", plain == 0, fnmatch(patterns[at], names[name], FNM_PATHNAME | FNM_PERIOD) == 0);
    }
    puts("");
  }

  glob_t found;
  if (glob("/data/*", GLOB_MARK, NULL, &found) != 0) return 1;
  for (size_t at = 0; at < found.gl_pathc; at++) puts(found.gl_pathv[at]);
  globfree(&found);
  printf("none: %d\n", glob("/data/none*", 0, NULL, &found) == GLOB_NOMATCH);
  return 0;
}
