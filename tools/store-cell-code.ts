import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import wabt from "wabt";
import { STANDARD_LIMITS } from "../src/base/index.ts";
import { encodeOrder, FIRST_CELL_FD, type Order, startCell } from "../src/zerovm/cell/index.ts";

/**
 * A guest that makes the calls which every C library makes at its start and end, so that the
 * functions behind them are among the stored ones.
 */
const GUEST = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $filestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "tmp/filedev/nulltext")
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 2048)))
    (drop (call $env_sizes (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1024) (i32.const 2048)))
    (drop (call $prestat (i32.const 3) (i32.const 0)))
    (drop (call $name (i32.const 3) (i32.const 1024) (i32.const 1)))
    (drop (call $prestat (i32.const 4) (i32.const 0)))
    (drop (call $fdstat (i32.const 1) (i32.const 1024)))
    (drop (call $filestat (i32.const 1) (i32.const 1024)))
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 1024)))
    (drop (call $random (i32.const 1024) (i32.const 16)))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 8) (i32.const 1)
      (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 12)))
    (i32.store (i32.const 16) (i32.const 80))
    (i32.store (i32.const 20) (i32.const 4))
    (drop (call $write (i32.load (i32.const 12)) (i32.const 16) (i32.const 1) (i32.const 24)))
    (drop (call $close (i32.load (i32.const 12))))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 72) (i32.const 8) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))
    (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
    (call $exit (i32.const 0))))`;

const UNLIMITED = 2n ** 63n - 1n;
const ALIASES = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;

/**
 * Stores the engine's code of the built cell below `root`, for the Node that runs this: a cell
 * starts some milliseconds sooner with it, and as well without it.
 * @returns whether there is code now
 */
export async function storeCellCode(root: string): Promise<boolean> {
  const starter = join(root, "bin", "cell.js");
  if (!existsSync(starter) || !existsSync(join(root, "dist", "cell.cjs"))) return false;
  const folder = mkdtempSync(join(tmpdir(), "zerovm-code-"));
  const program = join(folder, "guest.wasm");
  const bytes = await guestBytes();
  writeFileSync(program, bytes);
  const fds = [openSync(program, "r"), openSync("/dev/null", "r+")];
  try {
    const cell = startCell({
      order: encodeOrder(orderOf(bytes.length)),
      handovers: fds,
      answerBytesMax: 2 ** 20,
      onStart: () => undefined,
      program: [starter, "--store"],
      endsItself: true,
    });
    return (await cell.end).answer !== undefined;
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function guestBytes(): Promise<Uint8Array> {
  const toolkit = await wabt();
  const parsed = toolkit.parseWat("guest.wat", GUEST);
  return parsed.toBinary({}).buffer;
}

function orderOf(sizeBytes: number): Order {
  const fd = FIRST_CELL_FD + 1;
  return {
    version: 2,
    program: { fd: FIRST_CELL_FD, sizeBytes },
    limits: STANDARD_LIMITS,
    hash: "sha256",
    memoryEtag: false,
    clock: 0,
    seed: 0n,
    channels: ALIASES.map((alias) => {
      const isInput = alias === "/dev/stdin";
      const gets = isInput ? UNLIMITED : 0n;
      const puts = isInput ? 0n : UNLIMITED;
      const source = { fd, interactive: false, writeBehind: false, waits: false } as const;
      return {
        alias,
        type: 0,
        etag: false,
        gets,
        getBytes: gets,
        puts,
        putBytes: puts,
        sizeBytes: 0,
        sources: [{ kind: "stream", ...source }],
      };
    }),
    args: ["program"],
    env: [["NAME", "value"]],
    mapping: [],
    images: [],
    exports: [],
    preopens: [],
  };
}
