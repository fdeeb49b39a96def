#error "there is no mmap in the sandbox: read the file into memory of malloc"
