#error "there is no ftw here: go through folders with opendir and readdir"
