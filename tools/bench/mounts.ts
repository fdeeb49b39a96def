import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { type BenchFolder, RESIDENT_SCRIPT, zerovmWords } from "./bench-folder.ts";
import { HELLO } from "./guests.ts";
import type { Measurement } from "./measurement.ts";
import { generatedRoot, pythonRoot } from "./python-root.ts";
import { type Command, runProcess } from "./run-process.ts";
import { atMost, median, medianDifference } from "./statistics.ts";

const MOUNT_MS = 20;
const MEMORY_RATIO = 1.2;
/** The index of a younger archive is not kept. */
const SETTLED_AFTER_MS = 2500;
const GENERATED = { files: 5000, sizeBytes: 2000 } as const;
const MEBIBYTE = 2 ** 20;

/**
 * What mounting costs: a hello with the image against one without, so that everything is in the
 * figure: the index of the host, or reading the one that was kept, handing it over, and the mount
 * in the cell.
 */
export async function measureMounts(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const program = await place.guest("hello", HELLO);
  const generated = generatedRoot(GENERATED.files, GENERATED.sizeBytes);
  const roots = [
    { name: "the CPython root", tar: pythonRoot() },
    { name: `${GENERATED.files} files`, tar: generated },
  ];
  const files = roots.map((root, index) => {
    return { ...root, image: place.write(`root-${index}.tar`, root.tar) };
  });
  await setTimeout(SETTLED_AFTER_MS);
  return files.flatMap(({ name, tar, image }) => {
    const megabytes = tar.length / MEBIBYTE;
    return measureMount({ name: `mount of ${name}`, megabytes, image, program, place }, rounds);
  });
}

interface Mount {
  readonly name: string;
  /** Size of the tar in MiB. */
  readonly megabytes: number;
  readonly image: string;
  readonly program: string;
  readonly place: BenchFolder;
}

interface Cost {
  readonly wallMs: number;
  readonly residentMegabytes: number;
}

function measureMount(mount: Mount, rounds: number): Measurement[] {
  const { name, megabytes, image, program, place } = mount;
  const report = place.path("report.json");
  const words = (...grants: readonly string[]): string[] => {
    const [node = "", ...others] = zerovmWords("run", ...grants, "--report-file", report, program);
    return [node, "--require", RESIDENT_SCRIPT, ...others];
  };
  const plain: Command = { name: "without image", words: words() };
  const withImage = words("--image", `${image}:/py:ro`);
  // No absolute path: nothing is kept.
  const fresh: Command = { name: "indexed", words: withImage, env: { ZEROVM_CACHE: "none" } };
  const kept = { ZEROVM_CACHE: place.path("cache") };
  const mounted: Command = { name: "with image", words: withImage, env: kept };
  const before: Cost[] = [];
  const first: Cost[] = [];
  const after: Cost[] = [];
  for (let round = 0; round <= rounds; round++) {
    const one = costOf(plain, report);
    const indexed = costOf(fresh, report);
    const other = costOf(mounted, report);
    if (round === 0) continue;
    before.push(one);
    first.push(indexed);
    after.push(other);
  }
  const wall = (costs: readonly Cost[]): number[] => costs.map(({ wallMs }) => wallMs);
  const resident = (costs: readonly Cost[]): number[] => {
    return costs.map(({ residentMegabytes }) => residentMegabytes);
  };
  const grownMegabytes = median(resident(after)) - median(resident(before));
  return [
    {
      name,
      unit: "ms",
      note: `${megabytes.toFixed(1)} MiB, whole processes, with the image and without`,
      candidates: [
        { name: "zerovm with image, index kept", samples: wall(after) },
        { name: "zerovm with image, indexed", samples: wall(first) },
        { name: "zerovm without image", samples: wall(before) },
      ],
      verdicts: [
        atMost("ms by kept index", medianDifference(wall(before), wall(after)), MOUNT_MS),
        atMost("ms without", medianDifference(wall(before), wall(first)), MOUNT_MS),
      ],
    },
    {
      name: `memory for ${name}`,
      unit: "MiB",
      note: "most resident memory of both processes",
      candidates: [
        { name: "zerovm with image", samples: resident(after) },
        { name: "zerovm without image", samples: resident(before) },
      ],
      verdicts: [atMost("growth by size of the tar", grownMegabytes / megabytes, MEMORY_RATIO)],
    },
  ];
}

/** Wall time, and the most resident memory of the host's process and of the cell's together. */
function costOf(command: Command, reportPath: string): Cost {
  const { wallMs, errors } = runProcess(command);
  const kibibytes = Number(/resident (\d+)\s*$/.exec(errors)?.[1]);
  const report = JSON.parse(readFileSync(reportPath, "utf8")) as {
    readonly memory: { readonly residentBytes: number };
  };
  const residentBytes = kibibytes * 1024 + report.memory.residentBytes;
  return { wallMs, residentMegabytes: residentBytes / MEBIBYTE };
}
