#include "print.h"
int main(int count, char **words) {
  (void)words;
  char buffer[100];
  i64 offset = 0;
  int size;
  while ((size = zvm_read(0, buffer, sizeof buffer, offset)) > 0) {
    for (int i = 0; i < size; i++) put_char(buffer[i] >= 'a' && buffer[i] <= 'z' ? buffer[i] - 32 : buffer[i]);
    offset += size;
  }
  line_signed("read", offset);
  flush();
  return count == 1 ? 3 : 4;
}
