#error "nothing tells how large the file system of the sandbox is: write answers ENOSPC"
