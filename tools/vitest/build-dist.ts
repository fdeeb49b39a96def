import { buildBundles } from "../build.ts";

/**
 * Vitest's global setup for tests that start the built command line or cell: builds `dist` once
 * when it is older than the sources. What cannot be built is named and left out; the tests that
 * need it say so by failing.
 */
export async function setup(): Promise<void> {
  const told = await buildBundles(process.cwd(), { tolerant: true, ifStale: true });
  if (told !== "dist is up to date") console.log(told);
}
