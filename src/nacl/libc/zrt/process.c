/* What a process asks for that is alone in its sandbox. */
#include "zrt.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

int _getpid(void) { return __zrt(ZRT_GETPID, 0, 0, 0, 0); }

/* Signals are newlib's own: what no handler takes ends the program as a shell would tell it. */
int _kill(int process, int signal) {
  if (process != _getpid()) return __zrt_refuse(ESRCH);
  if (signal != 0) _exit(128 + signal);
  return 0;
}

/* A program that sends itself a signal has its handler called. */
int kill(pid_t process, int signal) {
  return process == _getpid() && signal != 0 ? raise(signal) : _kill(process, signal);
}

int _fork(void) { return __zrt_refuse(ENOSYS); }

int _execve(const char *path, char *const *arguments, char *const *environment) {
  (void)path, (void)arguments, (void)environment;
  return __zrt_refuse(ENOSYS);
}

int _wait(int *status) {
  (void)status;
  return __zrt_refuse(ENOSYS);
}

pid_t waitpid(pid_t process, int *status, int flags) {
  (void)process, (void)status, (void)flags;
  return __zrt_refuse(ECHILD);
}

/* There is no shell, which is what no command asks for. */
int system(const char *command) { return command == NULL ? 0 : __zrt_refuse(ENOSYS); }

clock_t _times(struct tms *times) {
  (void)times;
  return __zrt_refuse(ENOSYS);
}
