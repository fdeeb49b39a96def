#error "there is no other process in the sandbox: there is no spawn.h"
