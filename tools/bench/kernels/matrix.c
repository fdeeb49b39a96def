/* Products of square matrices of doubles. */
#include <stdio.h>

#define SIZE 300
#define ROUNDS 24

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

int main(void) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) a[i][j] = i - j, b[i][j] = (i * j) % 7;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j < SIZE; j++) c[i][j] = 0;
      for (int k = 0; k < SIZE; k++) {
        double factor = a[i][k];
        for (int j = 0; j < SIZE; j++) c[i][j] += factor * b[k][j];
      }
    }
    for (int i = 0; i < SIZE; i++) a[i][round] = c[round][i] / 1000;
  }
  double sum = 0;
  for (int i = 0; i < SIZE; i++) sum += c[i][SIZE - 1 - i];
  printf("%.6f\n", sum);
  return 0;
}
