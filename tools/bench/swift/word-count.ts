import { readFileSync } from "node:fs";
import { markedProcesses, type SwiftCluster, startCluster } from "../../swift/index.ts";
import type { BenchFolder } from "../bench-folder.ts";
import { type Endpoint, must, signIn } from "../cloud/endpoint.ts";
import { execute, jobOf } from "../cloud/jobs.ts";
import type { Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";
import { cpuSecondsOf } from "./cpu-time.ts";
import { WORD_COUNT } from "./word-count-guest.ts";

const OBJECTS = 300;
const OBJECT_BYTES = 1e6;
/** Downloads at a time. */
const AT_ONCE = 4;

/** What one way of counting needed. */
interface Need {
  readonly ms: number;
  readonly cpuSeconds: number;
  /** That crossed between the object servers and everybody else. */
  readonly movedBytes: number;
}

/** Words of many objects: by a job beside them, and by a client that downloads them. */
export async function measureWordCount(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const cluster = await startCluster({ counted: true, logLevel: "ERROR" });
  try {
    const { name: user, key } = cluster.users.tester;
    const endpoint = await signIn("swift", cluster.url, { user, key });
    const words = await fill(endpoint, await place.guest("words", WORD_COUNT));
    const job = jobOf("swift://~/programs/words.wasm", { stdin: "swift://~/texts/*" });
    const ways = {
      beside: async () => sumOf((await execute(endpoint, job)).toString("latin1")),
      download: async () => await countDownloaded(endpoint),
    };
    const needs: Record<keyof typeof ways, Need[]> = { beside: [], download: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const way of ["beside", "download"] as const) {
        const need = await needOf(cluster, ways[way], words);
        if (round > 0) needs[way].push(need);
      }
    }
    return [
      compared("time", "ms", needs, ({ ms }) => ms),
      compared("processor time of all", "ms", needs, ({ cpuSeconds }) => cpuSeconds * 1000),
      compared("bytes to and from object servers", "MB", needs, (need) => need.movedBytes / 1e6),
    ];
  } finally {
    await cluster.stop();
  }
}

/** @returns how many words all of them have */
async function fill(endpoint: Omit<Endpoint, "stop">, program: string): Promise<number> {
  for (const name of ["programs", "texts"]) await must(endpoint, "PUT", `/${name}`);
  await must(endpoint, "PUT", "/programs/words.wasm", readFileSync(program));
  const line = "the quick brown fox jumps over the lazy dog once more\n";
  const text = Buffer.from(line.repeat(Math.floor(OBJECT_BYTES / line.length)));
  for (let at = 0; at < OBJECTS; at += 1) await must(endpoint, "PUT", `/texts/${at}`, text);
  return OBJECTS * wordsIn(text);
}

async function needOf(
  cluster: SwiftCluster,
  count: () => Promise<number>,
  words: number,
): Promise<Need> {
  const moved = (): number => {
    const rows = cluster.traffic();
    return rows.reduce((sum, row) => sum + row.toServerBytes + row.fromServerBytes, 0);
  };
  const cpu = (): number => cpuSecondsOf([process.pid, ...markedProcesses(cluster.folder)]);
  const [bytesBefore, cpuBefore, startMs] = [moved(), cpu(), performance.now()];
  const counted = await count();
  const ms = performance.now() - startMs;
  if (counted !== words) throw new Error(`Counted ${counted} words, and there are ${words}`);
  return { ms, cpuSeconds: cpu() - cpuBefore, movedBytes: moved() - bytesBefore };
}

async function countDownloaded(endpoint: Omit<Endpoint, "stop">): Promise<number> {
  const left = Array.from({ length: OBJECTS }, (_, at) => at).values();
  const counts = Array.from({ length: AT_ONCE }, async () => {
    let words = 0;
    for (const at of left) words += wordsIn((await must(endpoint, "GET", `/texts/${at}`)).body);
    return words;
  });
  return (await Promise.all(counts)).reduce((sum, words) => sum + words, 0);
}

const BLANK = 32;

function wordsIn(text: Buffer): number {
  let words = 0;
  let isIn = false;
  for (const byte of text) {
    const isWord = byte > BLANK;
    if (isWord && !isIn) words += 1;
    isIn = isWord;
  }
  return words;
}

function sumOf(lines: string): number {
  return lines
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Number(line), 0);
}

function compared(
  what: string,
  unit: string,
  { beside, download }: Readonly<Record<"beside" | "download", readonly Need[]>>,
  of: (need: Need) => number,
): Measurement {
  const [near, far] = [beside.map(of), download.map(of)];
  return {
    name: `words of ${OBJECTS} objects of 1 MB in Swift: ${what}`,
    unit,
    note: `three nodes and the client on one machine; download / job ${(
      median(far) / median(near)
    ).toFixed(2)}`,
    candidates: [
      { name: "job beside the objects", samples: near },
      { name: `download by ${AT_ONCE}, then count`, samples: far },
    ],
    verdicts: [],
  };
}
