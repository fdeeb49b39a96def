#error "there is no ioctl in the sandbox: isatty and stat tell what a descriptor is"
