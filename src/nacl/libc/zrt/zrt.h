#ifndef ZRT_H
#define ZRT_H

/* The one extension trap: a system call of the host's ZRT by its number, with up to four words. */

typedef unsigned int zrt_word;

enum zrt_call {
  ZRT_DUP = 8,
  ZRT_DUP2 = 9,
  ZRT_OPEN = 10,
  ZRT_CLOSE = 11,
  ZRT_READ = 12,
  ZRT_WRITE = 13,
  ZRT_LSEEK = 14,
  ZRT_STAT = 16,
  ZRT_FSTAT = 17,
  ZRT_CHMOD = 18,
  ZRT_ISATTY = 19,
  ZRT_BRK = 20,
  ZRT_GETDENTS = 23,
  ZRT_GETPID = 31,
  ZRT_GETTIMEOFDAY = 40,
  ZRT_CLOCK = 41,
  ZRT_NANOSLEEP = 42,
  ZRT_CLOCK_GETRES = 43,
  ZRT_CLOCK_GETTIME = 44,
  ZRT_MKDIR = 45,
  ZRT_RMDIR = 46,
  ZRT_CHDIR = 47,
  ZRT_GETCWD = 48,
  ZRT_UNLINK = 49,
  ZRT_PREAD = 130,
  ZRT_PWRITE = 131,
  ZRT_TRUNCATE = 140,
  ZRT_LSTAT = 141,
  ZRT_LINK = 142,
  ZRT_RENAME = 143,
  ZRT_SYMLINK = 144,
  ZRT_ACCESS = 145,
  ZRT_READLINK = 146,
  ZRT_UTIMES = 147,
  ZRT_GET_RANDOM_BYTES = 150,
  ZRT_ARGUMENTS = 2048,
  ZRT_ENVIRONMENT = 2049,
  ZRT_FTRUNCATE = 2050,
  ZRT_UMASK = 2051,
  ZRT_FCHMOD = 2052,
  ZRT_FCHDIR = 2053,
  ZRT_GET_FLAGS = 2054,
  ZRT_SET_FLAGS = 2055
};

/* Makes a call. Returns its answer as the host gives it: an error is a negative number. */
int __zrt_answer(enum zrt_call call, zrt_word a, zrt_word b, zrt_word c, zrt_word d);

/* Makes a call. Returns its answer, or -1 with errno set. */
int __zrt(enum zrt_call call, zrt_word a, zrt_word b, zrt_word c, zrt_word d);

/* Sets errno. Returns -1. */
int __zrt_refuse(int error);

/* A pointer as a word. */
#define W(pointer) ((zrt_word)(pointer))

#endif
