#include "print.h"
#ifndef LOOPS
#define LOOPS 3000
#endif
enum { PUSH, ADD, SUB, MUL, DUP, SWAP, JNZ, LOAD, STORE, XOR, PRINT, HALT };
static const int code[] = {PUSH, LOOPS, STORE, 0, PUSH, 1, STORE, 1,
                           LOAD, 1, PUSH, 31, MUL, LOAD, 0, ADD, PUSH, 12345, XOR, STORE, 1,
                           LOAD, 0, PUSH, 1, SUB, DUP, STORE, 0, JNZ, 8,
                           LOAD, 1, PRINT, HALT};
static __attribute__((noinline)) int run_switch(const int *code) {
  int stack[16], memory[4] = {0}, *top = stack, steps = 0;
  for (const int *at = code;; steps++) {
    switch (*at++) {
      case PUSH: *top++ = *at++; break;
      case ADD: top--, top[-1] += *top; break;
      case SUB: top--, top[-1] -= *top; break;
      case MUL: top--, top[-1] *= (u32)*top; break;
      case DUP: *top = top[-1], top++; break;
      case SWAP: { int kept = top[-1]; top[-1] = top[-2], top[-2] = kept; break; }
      case JNZ: at = *--top ? code + *at : at + 1; break;
      case LOAD: *top++ = memory[*at++]; break;
      case STORE: memory[*at++] = *--top; break;
      case XOR: top--, top[-1] ^= *top; break;
      case PRINT: line_signed("value", *--top); break;
      case HALT: return steps;
    }
  }
}
static __attribute__((noinline)) int run_threaded(const int *code) {
  static const void *const labels[] = {&&push, &&add, &&sub, &&mul, &&dup, &&swap, &&jnz, &&load, &&store, &&xor, &&print, &&halt};
  int stack[16], memory[4] = {0}, *top = stack, steps = -1;
  const int *at = code;
#define NEXT steps++; goto *labels[*at++]
  NEXT;
push: *top++ = *at++; NEXT;
add: top--, top[-1] += *top; NEXT;
sub: top--, top[-1] -= *top; NEXT;
mul: top--, top[-1] *= (u32)*top; NEXT;
dup: *top = top[-1], top++; NEXT;
swap: { int kept = top[-1]; top[-1] = top[-2], top[-2] = kept; } NEXT;
jnz: at = *--top ? code + *at : at + 1; NEXT;
load: *top++ = memory[*at++]; NEXT;
store: memory[*at++] = *--top; NEXT;
xor: top--, top[-1] ^= *top; NEXT;
print: line_signed("value", *--top); NEXT;
halt: return steps;
}
int main(void) {
  line_signed("steps", run_switch(code));
  line_signed("steps", run_threaded(code));
  flush();
  return 0;
}
