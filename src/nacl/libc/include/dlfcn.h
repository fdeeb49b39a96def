#error "there is no dlopen in the sandbox: name all files of the program to zerovm cc"
