#include "print.h"
enum { NODES = 2000 };
struct node { struct node *left, *right; i32 key; i8 height; };
static struct node nodes[NODES];
static int taken;
static int height(const struct node *n) { return n ? n->height : 0; }
static struct node *settled(struct node *n) {
  int left = height(n->left), right = height(n->right);
  n->height = (left > right ? left : right) + 1;
  return n;
}
static struct node *right_up(struct node *n) { struct node *top = n->right; n->right = top->left, top->left = settled(n); return settled(top); }
static struct node *left_up(struct node *n) { struct node *top = n->left; n->left = top->right, top->right = settled(n); return settled(top); }
static struct node *balanced(struct node *n) {
  settled(n);
  int lean = height(n->left) - height(n->right);
  if (lean > 1) { if (height(n->left->left) < height(n->left->right)) n->left = right_up(n->left); return left_up(n); }
  if (lean < -1) { if (height(n->right->right) < height(n->right->left)) n->right = left_up(n->right); return right_up(n); }
  return n;
}
static struct node *insert(struct node *n, i32 key) {
  if (n == 0) { n = &nodes[taken++], n->key = key, n->left = n->right = 0, n->height = 1; return n; }
  if (key < n->key) n->left = insert(n->left, key);
  else if (key > n->key) n->right = insert(n->right, key);
  return balanced(n);
}
static struct node *take_least(struct node *n, struct node **least) {
  if (n->left == 0) { *least = n; return n->right; }
  n->left = take_least(n->left, least);
  return balanced(n);
}
static struct node *erase(struct node *n, i32 key) {
  if (n == 0) return 0;
  if (key < n->key) n->left = erase(n->left, key);
  else if (key > n->key) n->right = erase(n->right, key);
  else {
    if (n->right == 0) return n->left;
    struct node *least, *rest = take_least(n->right, &least);
    least->left = n->left, least->right = rest, n = least;
  }
  return balanced(n);
}
static u64 walk(const struct node *n, u64 sum) { return n ? walk(n->right, walk(n->left, sum) * 31 + (u32)n->key + n->height) : sum; }
int main(void) {
  struct node *root = 0;
  for (int n = 0; n < 500; n++) root = insert(root, n);
  line_signed("height", height(root)), line_hex("sum", walk(root, 0));
  for (int n = 0; n < 1000; n++) root = insert(root, (i32)(next_random() >> 40));
  line_signed("height", height(root)), line_hex("sum", walk(root, 0));
  for (int n = 0; n < 500; n += 2) root = erase(root, n);
  line_signed("height", height(root)), line_hex("sum", walk(root, 0)), line_signed("taken", taken);
  flush();
  return 0;
}
