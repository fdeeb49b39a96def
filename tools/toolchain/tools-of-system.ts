import { existsSync, readdirSync } from "node:fs";
import { type Needed, runs } from "../packages.ts";

/** What the suite takes of the system, and how it sees whether it is there. */
export const TOOLCHAIN: Needed = {
  gcc: () => runs("gcc", "--version"),
  clang: () => runs("clang", "--version"),
  "wasi-libc": () => existsSync("/usr/lib/wasm32-wasi"),
  "newlib-source": () => existsSync("/usr/src/newlib") && readdirSync("/usr/src/newlib").length > 0,
};
