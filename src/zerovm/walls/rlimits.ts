import { LIMIT_TABLE, type Limits } from "../../base/index.ts";
import { checked, libraryCall } from "../libc/index.ts";

/** Numbers of Linux. */
const RESOURCE = { cpu: 0, data: 2, stack: 3, core: 4, nproc: 6, nofile: 7 } as const;
export type Resource = keyof typeof RESOURCE;

/** Descriptors of one order, the cell's own and Node's, with room. */
const OPEN_FILES_MAX = 4096;

/** Limits of every cell, whatever it will run: no core file, no further process or thread. */
export function limitCell(): void {
  setLimit("core", 0);
  setLimit("nproc", 0);
  setLimit("nofile", OPEN_FILES_MAX);
}

/** What the engine needs beside the memory of the guest: compiled code, buffers. */
const ENGINE_BYTES = 4 * 2 ** 30;
/** Threads of the engine work for the guest as well; the session's own limit comes long before. */
const PROCESSOR_SHARE = 8;
/** Processor time for the start of a cell and for compiling, in all threads. */
const START_SECONDS = 480;

/** What is known of a process beside the limits of the order that it gets. */
export interface OrderedProcess {
  /** Another order will follow, and has to find room for the longest session. */
  readonly isFollowed?: boolean;
  /** Memory that it holds already, and that the session has no use for. */
  readonly heldBytes?: number;
}

/** Sets the limits of an order on this process, which may only make them smaller. */
export function limitOrder(limits: Limits, process: OrderedProcess = {}): void {
  const { isFollowed = false, heldBytes = 0 } = process;
  const seconds = isFollowed ? LIMIT_TABLE.time.maximum : limits.time;
  setLimit("data", dataBytes(limits) + heldBytes);
  setLimit("cpu", usedSeconds() + Math.ceil(seconds * PROCESSOR_SHARE) + START_SECONDS);
}

function dataBytes(limits: Limits): number {
  return limits.memory + limits["fs-bytes"] + ENGINE_BYTES;
}

/**
 * Limits compiling and making an instance before there is an order, which may ask for more than
 * was expected.
 */
export function limitCompiler(limits: Limits): void {
  setLimit("data", dataBytes(limits), "soft");
  setLimit("cpu", usedSeconds() + START_SECONDS, "soft");
}

/** Uses the calls by which an order is limited; the order sets anew what this sets. */
export function warmLimits(): void {
  setLimit("data", Number.MAX_SAFE_INTEGER, "soft");
  usedSeconds();
}

function usedSeconds(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return Math.ceil((userCPUTime + systemCPUTime) / 1e6);
}

/** Sets both values of a limit, or the one that can be raised again; never above the host's. */
function setLimit(resource: Resource, value: number, kind: "both" | "soft" = "both"): void {
  const { hard } = readLimit(resource);
  const wanted = BigInt(value) < hard ? BigInt(value) : hard;
  limitProcess(resource, new BigUint64Array([wanted, kind === "both" ? wanted : hard]), null);
}

/** Raises the value of a limit that can be raised, as far as the host lets it. */
export function raiseLimit(resource: Resource, value: number): void {
  if (readLimit(resource).soft < BigInt(value)) setLimit(resource, value, "soft");
}

/**
 * Both values of a limit of this process, in the unit of the resource; the hard one is as high as
 * the other can be raised. One that does not exist is 2^64 - 1.
 * @throws HostIoError
 */
export function readLimit(resource: Resource): { readonly soft: bigint; readonly hard: bigint } {
  const found = new BigUint64Array(2);
  limitProcess(resource, null, found);
  const [soft = 0n, hard = 0n] = found;
  return { soft, hard };
}

function limitProcess(
  resource: Resource,
  to: BigUint64Array | null,
  from: BigUint64Array | null,
): void {
  const call = libraryCall("int prlimit(int pid, int resource, void *to, void *from)");
  checked("prlimit", call(0, RESOURCE[resource], to, from));
}
