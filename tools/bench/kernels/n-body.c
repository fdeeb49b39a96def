/* Five bodies pull at each other; the steps are the loop of main. */
#include <stdio.h>

#define STEPS 5000000
#define BODIES 5

static double x[BODIES] = {0, 4.841431442464, 8.343366718244, 12.894369562139, 15.379697114850};
static double y[BODIES] = {0, -1.160320044027, 4.124798564124, -15.111151401698, -25.919314609987};
static double z[BODIES] = {0, -0.103622044471, -0.403523417114, -0.223307578892, 0.179258772950};
static double vx[BODIES] = {0, 0.606326392995, -1.010774346178, 1.082791006441, 0.979090732243};
static double vy[BODIES] = {0, 2.811986844916, 1.825662371230, 0.868713018169, 0.594698998647};
static double vz[BODIES] = {0, -0.025218361659, 0.008415761376, -0.010832637401, -0.034755955504};
static const double mass[BODIES] = {39.478417604357, 0.037693674909, 0.011286326131,
                                    0.001723724057, 0.002033686869};

int main(void) {
  const double step = 0.001;
  for (int round = 0; round < STEPS; round++) {
    for (int i = 0; i < BODIES; i++) {
      for (int j = i + 1; j < BODIES; j++) {
        double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
        double square = dx * dx + dy * dy + dz * dz;
        double pull = step / (square * __builtin_sqrt(square));
        vx[i] -= dx * mass[j] * pull, vx[j] += dx * mass[i] * pull;
        vy[i] -= dy * mass[j] * pull, vy[j] += dy * mass[i] * pull;
        vz[i] -= dz * mass[j] * pull, vz[j] += dz * mass[i] * pull;
      }
    }
    for (int i = 0; i < BODIES; i++) {
      x[i] += step * vx[i], y[i] += step * vy[i], z[i] += step * vz[i];
    }
  }
  printf("%.9f %.9f %.9f\n", x[0], y[1], z[2]);
  return 0;
}
