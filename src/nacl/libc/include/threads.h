#error "a program of the sandbox has one thread: there is no threads.h"
