#include "print.h"
#ifndef STEPS
#define STEPS 1000
#endif
struct body { double x, y, z, vx, vy, vz, mass; };
static struct body bodies[5] = {
    {0, 0, 0, 0, 0, 0, 39.47841760435743},
    {4.84143144246472090, -1.16032004402742839, -.103622044471123109, .606326392995832, 2.81198684491626,
     -.02521836165988763, .037693674870389485},
    {8.34336671824457987, 4.12479856412430479, -.403523417114321, -1.01077434617879, 1.82566237123041,
     .008415761376584154, .011286326131968767},
    {12.8943695621391310, -15.1111514016986312, -.223307578892655734, 1.08279100644154,
     .8687130181696082, -.010832637401363636, .0017237240570597112},
    {15.3796971148509165, -25.9193146099879641, .179258772950371181, .979090732243898,
     .5946989986476762, -.034755955504078104, .0020336868699246304}};
static double root(double x) {
  double result;
  __asm__("sqrtsd %1, %0" : "=x"(result) : "x"(x));
  return result;
}
static double energy(void) {
  double e = 0;
  for (int i = 0; i < 5; i++) {
    struct body *a = &bodies[i];
    e += .5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < 5; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      e -= a->mass * b->mass / root(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}
static void advance(double dt) {
  for (int i = 0; i < 5; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < 5; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * root(d2));
      a->vx -= dx * b->mass * mag, a->vy -= dy * b->mass * mag, a->vz -= dz * b->mass * mag;
      b->vx += dx * a->mass * mag, b->vy += dy * a->mass * mag, b->vz += dz * a->mass * mag;
    }
  }
  for (int i = 0; i < 5; i++) {
    struct body *a = &bodies[i];
    a->x += dt * a->vx, a->y += dt * a->vy, a->z += dt * a->vz;
  }
}
int main(void) {
  line_double("before", energy());
  for (int i = 0; i < STEPS; i++) advance(.01);
  line_double("after", energy());
  flush();
  return 0;
}
