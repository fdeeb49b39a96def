#error "there is no shell in the sandbox and so no wordexp: glob finds names of files"
