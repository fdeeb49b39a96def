#ifndef ZVM_NEXE_H
#define ZVM_NEXE_H

/* Reads from a channel at an offset. Returns the number of bytes, or an error below 0. */
int zvm_read(int channel, void *buffer, int size, long long offset);
/* Writes to a channel at an offset. Returns the number of bytes, or an error below 0. */
int zvm_write(int channel, const void *buffer, int size, long long offset);
/* Makes pages of the heap code, if they obey the rules. Returns 0, or an error below 0. */
int zvm_jail(void *address, unsigned size);
/* Makes code data again. Returns 0, or an error below 0. */
int zvm_unjail(void *address, unsigned size);
/* Ends the session with a status. */
void zvm_exit(int status) __attribute__((noreturn));
/* Waits for the next session of a daemon, as the original did. */
int zvm_fork(void);

#endif
