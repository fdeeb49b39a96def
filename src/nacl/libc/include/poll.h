#error "nothing in the sandbox has to be waited for: read and write always answer"
