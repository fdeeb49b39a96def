/* Between the start of a program and what runs around its main. */
#ifndef ZVM_START_H
#define ZVM_START_H

void __zvm_construct(int argc, char **argv, char **environment);
void __zvm_destruct(void);

#endif
