/**
 * The import law of `src/`: which folder may import which. A folder that is not in this table may
 * not exist. Every folder is entered through its `index.ts`; `entries` names further doors.
 */
export interface Room {
  /** Folders that files of this one may import, sub-folders by their full name. */
  readonly imports: readonly string[];
  /** Pure folders only compute: no `node:*`, no clock, no entropy, no environment of the host. */
  readonly pure?: true;
  /** Files besides `index.ts` that may be imported or started from outside. */
  readonly entries?: readonly string[];
  /** Its sub-folders belong to it; else each is a room of its own, with a row of its own. */
  readonly deep?: true;
  /** Packages that files of this folder may import. */
  readonly packages?: readonly string[];
}

const PURE = ["base", "tar", "wasm", "channels", "zrt"];

const ZEROVM_ROOMS = [
  "zerovm/cell",
  "zerovm/compile",
  "zerovm/daemon",
  "zerovm/doctor",
  "zerovm/further",
  "zerovm/host",
  "zerovm/image",
  "zerovm/libc",
  "zerovm/manifest",
  "zerovm/pool",
  "zerovm/program",
  "zerovm/record",
  "zerovm/report",
  "zerovm/run",
  "zerovm/runtime",
  "zerovm/session",
  "zerovm/validation",
  "zerovm/walls",
];

/** Rooms of the server, which only its commands know. */
const SERVER = ["zerocloud/auth", "zerocloud/config", "zerocloud/store"];

export type Layers = Readonly<Record<string, Room>>;

export const LAYERS: Layers = {
  base: { pure: true, imports: [] },
  tar: { pure: true, imports: ["base"] },
  wasm: { pure: true, imports: ["base"] },
  "wasm/rewrite": { pure: true, imports: ["wasm"] },
  "wasm/meter": { pure: true, imports: ["wasm", "wasm/rewrite"] },
  "wasm/freeze": { pure: true, imports: ["base", "wasm", "wasm/rewrite"] },
  "wasm/outline": { pure: true, imports: ["base", "wasm", "wasm/rewrite"] },
  "nacl/x86/rows": { pure: true, imports: [] },
  "nacl/x86": { pure: true, imports: ["base", "nacl/x86/rows"] },
  "nacl/elf": { pure: true, imports: ["base"] },
  "nacl/frozen": { pure: true, imports: ["base", "nacl/elf"] },
  "nacl/validator": { pure: true, imports: ["base", "nacl/elf", "nacl/x86"] },
  "nacl/x86/assembler": { pure: true, imports: ["base", "nacl/x86"] },
  "nacl/toolchain": {
    pure: true,
    imports: ["base", "nacl/elf", "nacl/validator", "nacl/x86/assembler"],
  },
  "nacl/translator/wasm": {
    pure: true,
    imports: ["base", "wasm/rewrite", "nacl/translator/guest"],
  },
  "nacl/translator/guest": {
    pure: true,
    imports: ["base", "wasm/rewrite", "nacl/elf", "nacl/x86"],
  },
  "nacl/translator/x87": {
    pure: true,
    imports: ["base", "wasm/rewrite", "nacl/translator/wasm", "nacl/translator/guest"],
  },
  "nacl/translator/emit": {
    pure: true,
    imports: [
      "base",
      "wasm/rewrite",
      "nacl/elf",
      "nacl/x86",
      "nacl/translator/wasm",
      "nacl/translator/guest",
      "nacl/translator/x87",
    ],
  },
  "nacl/translator/flow": {
    pure: true,
    imports: ["base", "nacl/x86", "nacl/translator/guest"],
  },
  "nacl/translator": {
    pure: true,
    imports: [
      "base",
      "wasm/rewrite",
      "nacl/elf",
      "nacl/x86",
      "nacl/translator/wasm",
      "nacl/translator/guest",
      "nacl/translator/emit",
      "nacl/translator/flow",
    ],
  },
  channels: { pure: true, imports: ["base"] },
  "zrt/nvram": { pure: true, imports: ["base"] },
  "zrt/trace": { pure: true, imports: ["base"] },
  "zrt/fs": { pure: true, imports: ["base", "tar"] },
  "zrt/dev": { pure: true, imports: ["base", "channels", "zrt/fs"] },
  "zrt/wasi": {
    pure: true,
    imports: ["base", "channels", "zrt/trace", "zrt/fs", "zrt/dev"],
  },
  "zrt/nacl": { pure: true, imports: ["base", "zrt/trace", "zrt/fs", "zrt/wasi"] },
  "zrt/trap": {
    pure: true,
    imports: ["base", "channels", "zrt/trace", "zrt/dev", "zrt/wasi", "zrt/nacl"],
  },
  zrt: {
    pure: true,
    imports: [
      "base",
      "tar",
      "channels",
      "zrt/nvram",
      "zrt/trace",
      "zrt/fs",
      "zrt/dev",
      "zrt/wasi",
      "zrt/nacl",
      "zrt/trap",
    ],
  },
  "zerovm/manifest": { imports: ["base", "channels", "zrt/nvram"] },
  "zerovm/further": {
    pure: true,
    imports: [
      "wasm",
      "wasm/meter",
      "wasm/outline",
      "nacl/elf",
      "nacl/x86",
      "nacl/validator",
      "nacl/translator",
    ],
  },
  "zerovm/program": {
    imports: [
      "base",
      "wasm",
      "wasm/freeze",
      "wasm/meter",
      "wasm/outline",
      "nacl/elf",
      "nacl/frozen",
      "nacl/translator",
      "nacl/validator",
      "zerovm/further",
      "zerovm/manifest",
    ],
  },
  "zerovm/report": {
    imports: ["base", "channels", "nacl/elf", "zerovm/manifest", "zerovm/walls"],
  },
  "zerovm/image": { imports: ["base", "tar", "zerovm/cell", "zerovm/libc", "zerovm/program"] },
  "zerovm/runtime": { imports: ["base", "wasm", "zerovm/program"] },
  "zerovm/libc": { imports: ["base"], packages: ["koffi"] },
  "zerovm/walls": { imports: ["base", "zerovm/libc"] },
  "zerovm/cell": {
    imports: [
      "base",
      "tar",
      "wasm",
      "wasm/freeze",
      "wasm/meter",
      "wasm/outline",
      "nacl/elf",
      "nacl/frozen",
      "channels",
      "zrt",
      "zerovm/further",
      "zerovm/libc",
      "zerovm/report",
      "zerovm/walls",
    ],
    entries: ["main.ts", "ahead.ts"],
  },
  "zerovm/pool": {
    imports: ["base", "zerovm/cell", "zerovm/libc", "zerovm/report", "zerovm/walls"],
  },
  "zerovm/host": {
    imports: ["base", "zerovm/cell", "zerovm/libc", "zerovm/pool"],
  },
  "zerovm/doctor": {
    imports: ["base", "zerovm/cell", "zerovm/libc", "zerovm/walls"],
    entries: ["probe.ts"],
  },
  "zerovm/record": { imports: ["base", "zerovm/cell", "zerovm/report"] },
  "zerovm/session": {
    imports: [
      ...PURE,
      "nacl/elf",
      "nacl/frozen",
      "zrt/nvram",
      "zerovm/cell",
      "zerovm/image",
      "zerovm/libc",
      "zerovm/manifest",
      "zerovm/pool",
      "zerovm/program",
      "zerovm/record",
      "zerovm/report",
      "zerovm/walls",
    ],
  },
  "zerovm/run": {
    imports: [
      ...PURE,
      "nacl/elf",
      "nacl/frozen",
      "wasm/freeze",
      "zrt/nvram",
      "zerovm/cell",
      "zerovm/image",
      "zerovm/manifest",
      "zerovm/pool",
      "zerovm/program",
      "zerovm/report",
      "zerovm/runtime",
      "zerovm/session",
      "zerovm/walls",
    ],
  },
  "zerovm/validation": { imports: ["base", "nacl/elf", "nacl/validator", "zerovm/run"] },
  "zerovm/compile": { imports: ["base", "nacl/toolchain", "zerovm/program", "zerovm/run"] },
  "zerovm/daemon": {
    imports: [
      ...PURE,
      "zerovm/manifest",
      "zerovm/pool",
      "zerovm/program",
      "zerovm/report",
      "zerovm/session",
    ],
  },
  zerovm: { imports: [...PURE, "nacl/elf", ...ZEROVM_ROOMS] },
  "zerocloud/job": { pure: true, imports: ["base"] },
  "zerocloud/plan": { pure: true, imports: ["base", "zerocloud/job"] },
  "zerocloud/store": { imports: ["base", "zerovm/libc"], packages: ["lmdb"] },
  "zerocloud/auth": { imports: ["base", "zerocloud/store"] },
  "zerocloud/config": { imports: ["base", "zerocloud/job"], packages: ["yaml"] },
  "zerocloud/http": { imports: ["base", "zerocloud/store"] },
  "zerocloud/folders": { imports: ["base", "zerovm/image", "zerocloud/job", "zerocloud/plan"] },
  "zerocloud/log": { imports: ["base"], packages: ["pino"] },
  "zerocloud/metrics": { imports: [], packages: ["prom-client"] },
  "zerocloud/graph": { pure: true, imports: ["base", "zerocloud/job", "zerocloud/plan"] },
  "zerocloud/serve": {
    imports: ["base", ...SERVER, "zerocloud/http", "zerocloud/log", "zerocloud/metrics"],
  },
  "zerocloud/storage": { pure: true, imports: ["base", "zerocloud/plan"] },
  "zerocloud/result": { pure: true, imports: ["base", "zerocloud/plan"] },
  "zerocloud/request": {
    pure: true,
    imports: ["base", "tar", "zerocloud/job", "zerocloud/plan", "zerocloud/result"],
  },
  "zerocloud/cgi": { pure: true, imports: ["base", "zerocloud/job", "zerocloud/result"] },
  "zerocloud/admission": { pure: true, imports: ["base"] },
  zerocloud: {
    imports: [
      "base",
      "zerovm",
      "zerocloud/folders",
      "zerocloud/graph",
      "zerocloud/job",
      "zerocloud/plan",
    ],
    packages: ["@dagrejs/dagre"],
  },
  cli: {
    imports: [...PURE, "zerovm", "zerocloud", "zerocloud/serve", ...SERVER],
    entries: ["main.ts", "main-run.ts", "main-client.ts", "main-host.ts"],
    deep: true,
  },
  /** `src/index.ts` itself: the library. */
  "": { imports: [...PURE, "zerovm", "zerocloud"] },
};

/** The room that a source file belongs to; its folder below `src` where the table has no row. */
export function roomOf(path: string, layers: Layers): string {
  const folder = path.split("/").slice(1, -1).join("/");
  const top = folder.split("/")[0] ?? "";
  return layers[folder] === undefined && layers[top]?.deep ? top : folder;
}
