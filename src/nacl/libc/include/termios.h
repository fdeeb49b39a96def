#error "there are no terminals in the sandbox: isatty tells what a descriptor is"
