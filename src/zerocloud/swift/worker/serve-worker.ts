import { availableParallelism } from "node:os";
import { streamPair } from "../../../zerovm/libc/index.ts";
import { reachWire, WireDoor } from "../../../zerovm/network/index.ts";
import { CellPool } from "../../../zerovm/pool/index.ts";
import { ProgramTurns } from "../../execute/index.ts";
import { Health, Metrics } from "../../metrics/index.ts";
import { JobHost } from "../../run/index.ts";
import {
  logOf,
  type ServeRequest,
  StatusServer,
  setupError,
  untilAborted,
} from "../sockets/index.ts";
import { BroughtRoom } from "./brought-room.ts";
import type { WorkerWires } from "./set-desk.ts";
import { Worker } from "./worker.ts";

const MS = 1000;
const SESSIONS_OF_PROCESSOR = 2;

export interface WorkerSettings {
  /** At one time; two for each processor unless told. */
  readonly sessions?: number;
  /** Cells that wait; none unless told: many sessions in a row take less time without. */
  readonly warm?: number;
  /** Path of a socket where it says how it is; nowhere unless told. */
  readonly status?: string;
  /** Where wires of other workers come: all addresses and any port that is free unless told. */
  readonly wires?: WiresAddress;
}

/** An address of this host, all of them where it is missing; port 0 is any that is free. */
export interface WiresAddress {
  readonly host?: string;
  readonly port: number;
}

/**
 * Runs what the object server of this host brings until it is told to stop, and ends in order.
 * @throws ZvmError ZVM_SWIFT_SETUP
 */
export async function serveWorker(
  { config, socket, stop, announce }: ServeRequest,
  settings: WorkerSettings = {},
): Promise<void> {
  const { sessions = SESSIONS_OF_PROCESSOR * availableParallelism(), warm = 0, status } = settings;
  const log = logOf(config);
  const door = await openDoor(settings.wires);
  const cells = warm > 0 ? new CellPool({ size: warm }) : undefined;
  const systemImages = new Map(Object.entries(config.images));
  // Who brings a program that takes long to judge keeps nobody else waiting.
  const programDoor = new ProgramTurns(config["jobs.queuedPerAccount"]);
  const host = new JobHost({ systemImages, programDoor, ...(cells !== undefined && { cells }) });
  const health = new Health();
  const gauges = () => ({
    sessions: worker.running,
    placesHeld: worker.held,
    wires: worker.wires,
    broughtBytes: brought.bytes,
    cellsWarm: host.waitingCells,
  });
  const metrics: Metrics = new Metrics(gauges);
  const wires = wiresOf(door, settings.wires);
  const brought = new BroughtRoom(config);
  const worker = new Worker({ socket, host, sessions, brought, log, health, metrics, wires });
  const statusServer = new StatusServer({ health, metrics });
  try {
    if (status !== undefined) await statusServer.start(status);
    await worker.start();
    announce();
    await untilAborted(stop);
    await worker.stop(config["limits.graceSeconds"] * MS);
  } finally {
    door.close();
    await statusServer.close();
    cells?.close();
    await host.close();
  }
}

/** @throws ZvmError ZVM_SWIFT_SETUP where the address cannot be had */
async function openDoor({ host, port }: WiresAddress = { port: 0 }): Promise<WireDoor> {
  try {
    return await WireDoor.open({ port, ...(host !== undefined && { host }) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw setupError("wires", reason, cause);
  }
}

function wiresOf(door: WireDoor, { host }: Partial<WiresAddress> = {}): WorkerWires {
  const { port } = door;
  const address = host === undefined ? { port } : { host, port };
  return { door, address, reach: reachWire, makePair: streamPair };
}
