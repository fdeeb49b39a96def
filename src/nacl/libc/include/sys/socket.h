#error "there are no sockets in the sandbox: declare a channel and open it as a file"
