#include "print.h"
enum { N = 12 };
static double random_double(void) { return (double)(i64)(next_random() >> 12) / (1ll << 51) - 1; }
static double absolute(double x) { return x < 0 ? -x : x; }
/* Gauss with pivots, in double and in float; the determinant is that of the rows as they come. */
static double solve(double m[N][N + 1], double *x) {
  double determinant = 1;
  for (int k = 0; k < N; k++) {
    int best = k;
    for (int row = k + 1; row < N; row++) if (absolute(m[row][k]) > absolute(m[best][k])) best = row;
    if (best != k) determinant = -determinant;
    for (int column = 0; column <= N; column++) { double kept = m[k][column]; m[k][column] = m[best][column], m[best][column] = kept; }
    determinant *= m[k][k];
    for (int row = k + 1; row < N; row++) {
      double factor = m[row][k] / m[k][k];
      for (int column = k; column <= N; column++) m[row][column] -= factor * m[k][column];
    }
  }
  for (int row = N - 1; row >= 0; row--) {
    x[row] = m[row][N];
    for (int column = row + 1; column < N; column++) x[row] -= m[row][column] * x[column];
    x[row] /= m[row][row];
  }
  return determinant;
}
int main(void) {
  static double m[N][N + 1], kept[N][N + 1], x[N];
  static float a[N][N], b[N][N], c[N][N];
  for (int round = 0; round < 3; round++) {
    for (int row = 0; row < N; row++) for (int column = 0; column <= N; column++) m[row][column] = kept[row][column] = random_double();
    line_double("determinant", solve(m, x));
    double worst = 0;
    for (int row = 0; row < N; row++) {
      double rest = -kept[row][N];
      for (int column = 0; column < N; column++) rest += kept[row][column] * x[column];
      if (absolute(rest) > worst) worst = absolute(rest);
      line_double("x", x[row]);
    }
    line_double("worst", worst);
    for (int row = 0; row < N; row++) for (int column = 0; column < N; column++) a[row][column] = kept[row][column], b[column][row] = kept[row][column] * 3;
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { c[i][j] = 0; for (int k = 0; k < N; k++) c[i][j] += a[i][k] * b[k][j]; }
    for (int i = 0; i < N; i++) line_double("c", c[i][N - 1 - i]);
  }
  flush();
  return 0;
}
