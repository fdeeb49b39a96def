import type { Layers } from "./room.ts";

/** Rooms of the server, which only its commands know. */
export const SERVER = ["zerocloud/auth", "zerocloud/config", "zerocloud/store"];

/** Rooms of clients and of applications, which only the command line knows. */
export const CLIENTS = ["zerocloud/bundle", "zerocloud/client", "zerocloud/zapp"];

/** The rows of the import law for `src/zerocloud`. */
export const ZEROCLOUD_LAYERS: Layers = {
  "zerocloud/job": { pure: true, imports: ["base"] },
  "zerocloud/plan": { pure: true, imports: ["base", "zerocloud/job"] },
  "zerocloud/access": { pure: true, imports: ["base"] },
  "zerocloud/exchange": { imports: ["base", "zerocloud/access"] },
  "zerocloud/store": { imports: ["base", "zerovm/libc"], packages: ["lmdb"] },
  "zerocloud/auth": { imports: ["base", "zerocloud/access"] },
  "zerocloud/config": {
    imports: ["base", "zerocloud/admission", "zerocloud/job"],
    packages: ["yaml"],
  },
  "zerocloud/http": {
    imports: ["base", "zerocloud/access", "zerocloud/exchange", "zerocloud/store"],
  },
  "zerocloud/log": { imports: ["base"], packages: ["pino"] },
  "zerocloud/metrics": { imports: [], packages: ["prom-client"] },
  "zerocloud/openapi": { pure: true, imports: [] },
  "zerocloud/serve": {
    imports: [
      "base",
      ...SERVER,
      "zerocloud/access",
      "zerocloud/admission",
      "zerocloud/apps",
      "zerocloud/embedded",
      "zerocloud/exchange",
      "zerocloud/execute",
      "zerocloud/http",
      "zerocloud/log",
      "zerocloud/metrics",
      "zerocloud/openapi",
      "zerocloud/request",
      "zerocloud/run",
    ],
  },
  "zerocloud/execute": {
    imports: [
      "base",
      "zerovm/cell",
      "zerovm/image",
      "zerovm/pool",
      "zerocloud/admission",
      "zerocloud/cgi",
      "zerocloud/exchange",
      "zerocloud/job",
      "zerocloud/log",
      "zerocloud/metrics",
      "zerocloud/plan",
      "zerocloud/request",
      "zerocloud/result",
      "zerocloud/run",
      "zerocloud/storage",
    ],
  },
  "zerocloud/request": {
    pure: true,
    imports: [
      "base",
      "tar",
      "zerocloud/job",
      "zerocloud/plan",
      "zerocloud/result",
      "zerocloud/storage",
    ],
  },
  "zerocloud/cgi": { pure: true, imports: ["base", "zerocloud/job", "zerocloud/result"] },
  "zerocloud/admission": { pure: true, imports: ["base"] },
  "zerocloud/folders": {
    imports: ["base", "zerovm/image", "zerocloud/job", "zerocloud/plan", "zerocloud/storage"],
  },
  "zerocloud/placement": { pure: true, imports: ["base", "zerocloud/plan"] },
  "zerocloud/graph": { pure: true, imports: ["base", "zerocloud/job", "zerocloud/plan"] },
  "zerocloud/storage": { pure: true, imports: ["base", "zerocloud/plan"] },
  "zerocloud/result": { pure: true, imports: ["base", "zerocloud/plan"] },
  "zerocloud/embedded": {
    imports: [
      "base",
      "zerocloud/access",
      "zerocloud/plan",
      "zerocloud/request",
      "zerocloud/storage",
      "zerocloud/store",
    ],
  },
  "zerocloud/run": {
    imports: [
      "base",
      "tar",
      "channels",
      "zrt/nvram",
      "zerovm/image",
      "zerovm/libc",
      "zerovm/manifest",
      "zerovm/pool",
      "zerovm/program",
      "zerovm/report",
      "zerovm/session",
      "zerocloud/cgi",
      "zerocloud/plan",
      "zerocloud/result",
      "zerocloud/storage",
    ],
  },
  "zerocloud/apps": {
    imports: [
      "base",
      "zerocloud/exchange",
      "zerocloud/execute",
      "zerocloud/plan",
      "zerocloud/request",
      "zerocloud/result",
      "zerocloud/run",
      "zerocloud/storage",
    ],
  },
  "zerocloud/client": { imports: ["base"] },
  "zerocloud/zapp": {
    pure: true,
    imports: ["base", "zrt/nvram", "zerocloud/job", "zerocloud/plan"],
    packages: ["yaml"],
  },
  "zerocloud/bundle": {
    imports: ["base", "tar", "zerovm/compile", "zerovm/image", "zerocloud/job", "zerocloud/zapp"],
  },
  zerocloud: {
    imports: [
      "base",
      "zerovm",
      "zerocloud/folders",
      "zerocloud/graph",
      "zerocloud/job",
      "zerocloud/plan",
      "zerocloud/result",
      "zerocloud/run",
      "zerocloud/storage",
    ],
    packages: ["@dagrejs/dagre"],
  },
};
