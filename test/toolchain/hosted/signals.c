/* Signals that a program sends itself, and jumps and answers that have to do with them. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static sigjmp_buf back;

static void note(int number) {
  (void)number;
  count++;
}

static void jump(int number) { siglongjmp(back, number == SIGTERM ? 7 : 8); }

int main(void) {
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART}, before;
  sigemptyset(&action.sa_mask);
  printf("%d\n", sigaction(SIGUSR1, &action, &before));
  printf("%d\n", before.sa_handler == SIG_DFL);
  raise(SIGUSR1);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  printf("%d\n", (int)count);
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR2);
  sigaction(SIGUSR2, NULL, &before);
  printf("%d %d\n", (int)count, before.sa_handler == SIG_DFL);
  sigaction(SIGUSR1, NULL, &before);
  printf("%d\n", before.sa_handler == note);
  action.sa_handler = SIG_IGN;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  printf("%d\n", (int)count);
  int refused = sigaction(SIGKILL, &action, NULL);
  printf("%d %d\n", refused, errno == EINVAL);
  signal(SIGTERM, jump);
  int by = sigsetjmp(back, 1);
  if (by == 0) raise(SIGTERM);
  printf("back by %d\n", by);
  char *path = realpath("/.//../", NULL);
  puts(path);
  free(path);
  printf("%d\n", realpath("/no/such", NULL) == NULL && errno == ENOENT);
  return 0;
}
