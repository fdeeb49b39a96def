/* sigaction over newlib's own signals, which come of raise and abort only. */
#include "zrt.h"
#include <errno.h>
#include <signal.h>

static struct sigaction actions[NSIG];

/* newlib forgets a handler when it calls it. */
static void act(int number) {
  struct sigaction action = actions[number];
  if (!(action.sa_flags & SA_RESETHAND)) signal(number, act);
  action.sa_handler(number);
}

int sigaction(int number, const struct sigaction *action, struct sigaction *before) {
  int is_fixed = number == SIGKILL || number == SIGSTOP;
  if (number <= 0 || number >= NSIG || (is_fixed && action != NULL)) return __zrt_refuse(EINVAL);
  _sig_func_ptr was = signal(number, SIG_DFL);
  struct sigaction found = was == act ? actions[number] : (struct sigaction){.sa_handler = was};
  if (action == NULL) {
    signal(number, was);
  } else {
    actions[number] = *action;
    int is_own = action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
    signal(number, is_own ? act : action->sa_handler);
  }
  if (before != NULL) *before = found;
  return 0;
}
