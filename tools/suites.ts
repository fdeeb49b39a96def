/** Suites that `npm test` leaves out; its end names each of them. `.ci/run` runs them all. */
export interface Suite {
  /** The script of package.json. */
  readonly script: string;
  readonly why: string;
}

export const SUITES_LEFT_OUT: readonly Suite[] = [
  {
    script: "test:attack",
    why: "it fetches Node 24 and 26 and tries every attack on each, as two users",
  },
  { script: "test:matrix", why: "it fetches Node 24 and 26 and runs the same checks on each" },
  {
    script: "test:clients",
    why: "it installs clients of OpenStack Swift, fetches its tests, and tries them on a server",
  },
  {
    script: "test:swift",
    why: "it installs OpenStack Swift and starts clusters of it, as root",
  },
  {
    script: "test:hosts",
    why: "it makes hosts of network namespaces and cuts them off, as root",
  },
  { script: "test:soak", why: "it runs thousands of sessions of all kinds, for some minutes" },
  {
    script: "test:fuzz",
    why: "it fetches Node 24 and 26 and runs random modules on each, in two tiers",
  },
  {
    script: "test:toolchain",
    why: "it installs compilers and newlib, compiles C at four levels, and tries the processor",
  },
];
