#error "there is no system log in the sandbox: write to stderr"
