import { spawnSync } from "node:child_process";
import { type BenchFolder, PEERS } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { atMost, median } from "./statistics.ts";

/** Cells that wait together. */
const CELLS = 100;
/** What a cell that waits may hold, and what all of them may, in MB. */
const BARS = { resident: 60, dirty: 20, together: 2560 } as const;

/** What one process holds, in MB. */
interface Holdings {
  readonly isCell: boolean;
  readonly resident: number;
  readonly share: number;
  readonly dirty: number;
  readonly tables: number;
}

/** The memory of cells that wait in a pool. */
export async function measureIdle(_place: BenchFolder, _rounds: number): Promise<Measurement[]> {
  const { processes, taken } = await waitingCells();
  const cells = processes.filter(({ isCell }) => isCell);
  const values = (name: "resident" | "dirty") => cells.map((cell) => cell[name]);
  const together = processes.reduce((sum, { share, tables }) => sum + share + tables, 0);
  const unit = "MB";
  const note = `${cells.length} cells of a pool`;
  const one = (name: "resident" | "dirty", words: string): Measurement => ({
    name: `a cell that waits, ${words}`,
    unit,
    note,
    candidates: [{ name: "zerovm", samples: values(name) }],
    verdicts: [atMost("MB in the middle", median(values(name)), BARS[name])],
  });
  return [
    one("resident", "resident"),
    one("dirty", "private and changed"),
    {
      name: "all cells that wait",
      unit,
      note: `${note}, each with its part of what is shared and its page tables`,
      candidates: [
        { name: "zerovm", samples: [together] },
        { name: "less memory is free", samples: [taken] },
      ],
      verdicts: [atMost("MB in all", together, BARS.together)],
    },
  ];
}

async function waitingCells(): Promise<{ processes: readonly Holdings[]; taken: number }> {
  const ran = spawnSync(process.execPath, [`${PEERS}/idle.mjs`, String(CELLS)], {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
  });
  if (ran.status !== 0) throw new Error(`The pool failed: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}
