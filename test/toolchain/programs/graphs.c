#include "print.h"
enum { N = 40, FAR = 1 << 29 };
static i32 edges[N][N], all[N][N], nearest[N], from[N];
static u8 done[N];
static void dijkstra(int start) {
  for (int n = 0; n < N; n++) nearest[n] = FAR, done[n] = 0, from[n] = -1;
  nearest[start] = 0;
  for (;;) {
    int best = -1;
    for (int n = 0; n < N; n++) if (!done[n] && nearest[n] < FAR && (best < 0 || nearest[n] < nearest[best])) best = n;
    if (best < 0) return;
    done[best] = 1;
    for (int n = 0; n < N; n++)
      if (edges[best][n] < FAR && nearest[best] + edges[best][n] < nearest[n]) nearest[n] = nearest[best] + edges[best][n], from[n] = best;
  }
}
static int groups[N];
static int group(int n) { return groups[n] == n ? n : (groups[n] = group(groups[n])); }
static i64 spanning(void) {
  i64 total = 0;
  for (int n = 0; n < N; n++) groups[n] = n;
  for (i32 weight = 0; weight < 256; weight++)
    for (int a = 0; a < N; a++) for (int b = 0; b < N; b++)
      if (edges[a][b] == weight && group(a) != group(b)) groups[group(a)] = group(b), total += weight;
  return total;
}
static int order[N], seen[N], count;
static void visit(int n) { if (seen[n]++) return; for (int m = 0; m < N; m++) if (edges[n][m] < 100) visit(m); order[count++] = n; }
int main(void) {
  for (int a = 0; a < N; a++) for (int b = 0; b < N; b++) {
    u64 chance = next_random();
    edges[a][b] = a == b ? 0 : chance % 9 == 0 ? (i32)(chance >> 56) : FAR;
  }
  dijkstra(0);
  for (int n = 0; n < N; n++) put_signed(nearest[n]), put_char('/'), put_signed(from[n]), put_char(' ');
  for (int a = 0; a < N; a++) for (int b = 0; b < N; b++) all[a][b] = edges[a][b];
  for (int k = 0; k < N; k++) for (int a = 0; a < N; a++) for (int b = 0; b < N; b++)
    if (all[a][k] + all[k][b] < all[a][b]) all[a][b] = all[a][k] + all[k][b];
  u64 sum = 0;
  for (int a = 0; a < N; a++) for (int b = 0; b < N; b++) sum = sum * 31 + all[a][b];
  put_char('\n'), line_hex("all", sum), line_signed("spanning", spanning());
  for (int n = 0; n < N; n++) visit(n);
  for (int n = 0; n < N; n++) put_signed(order[n]), put_char(' ');
  put_char('\n'), flush();
  return 0;
}
