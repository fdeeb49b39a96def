/**
 * Runs every example and real program once and prints what must be the same everywhere as one
 * line of JSON: exit status, trace hash and digest of the output of each session, by its name.
 *
 * The one argument is JSON: the `tier`, whether cells come from a pool (`isPooled`), and whether
 * the sessions are started from the last to the first, two at a time (`isReversed`).
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CellPool, run } from "../../dist/index.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ZEROVM = join(ROOT, "bin", "zerovm.js");
const SCRIPTS = join(ROOT, "test", "e2e", "programs");
const EXAMPLES = join(ROOT, "examples");
const COMPILER = join(ROOT, "node_modules", "assemblyscript", "bin", "asc.js");
/** The time of every file: sessions see the times of folders. */
const FILE_SECONDS = 1_700_000_000;
const TURN_MS = 20;

const { tier, isPooled, isReversed } = JSON.parse(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "matrix-programs-"));
const socket = join(folder, "own", "pool.sock");
const server = isPooled ? await startServer() : undefined;
const pool = isPooled ? new CellPool({ size: 1, tier }) : undefined;
try {
  const tasks = [...programs(), ...examples()];
  const results = await runAll(isReversed ? tasks.reverse() : tasks, isReversed ? 2 : 1);
  console.log(JSON.stringify(Object.fromEntries(results.sort(byName))));
} finally {
  pool?.close();
  server?.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
}

function byName([one], [other]) {
  return one < other ? -1 : 1;
}

/** @returns pairs of a name and what was seen */
async function runAll(tasks, together) {
  const results = [];
  const rest = [...tasks];
  const work = async () => {
    for (let task = rest.shift(); task !== undefined; task = rest.shift()) {
      const place = join(folder, task.name);
      mkdirSync(place);
      for (const [index, seen] of (await task.run(place)).entries()) {
        results.push([`${task.name} ${index + 1}`, seen]);
      }
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return results;
}

/** Programs from npm, unchanged, each with something to do. */
function programs() {
  const setup = "create table t (x, y); insert into t values (1, 'a'), (2, 'b'), (3, 'b');";
  const query = "select y, sum(x) from t group by y order by y;";
  const netlist = ["read_verilog /dev/counter.v", "proc; opt", "write_json /dev/netlist"];
  return [
    program("python", { args: [`@${join(SCRIPTS, "world.py")}`, "ä ö"] }),
    program("php", {
      args: [`@${join(SCRIPTS, "library.php")}`, "x", "y z"],
      inputs: { "names.txt": "zoe\nada\n" },
      outputs: ["result.txt"],
    }),
    program("sqlite", { args: ["-batch", ":memory:", `${setup} ${query}`] }),
    program("icepll", { args: ["-i", "16", "-o", "48"] }),
    program("icepack", {
      args: ["/dev/chip.asc", "/dev/chip.bin"],
      inputs: { "chip.asc": ".comment\n\n.device 384\n" },
      outputs: ["chip.bin"],
    }),
    program("yosys", {
      args: ["-q", "-p", netlist.join("; ")],
      read: [{ path: join(SCRIPTS, "counter.v") }],
      outputs: ["netlist"],
    }),
  ];
}

function program(name, { inputs = {}, outputs = [], read = [], ...options }) {
  const session = async (place) => {
    const files = Object.entries(inputs).map(([file, text]) => {
      writeFileSync(join(place, file), text);
      return { path: join(place, file) };
    });
    const write = outputs.map((file) => ({ path: join(place, file) }));
    const granted = { read: [...read, ...files], write };
    const ended = await run({ program: name, tier, pool, etag: "sha256", ...granted, ...options });
    const { report, stdout } = ended;
    if (report.outcome.kind !== "exited") throw new Error(`${name}: ${said(ended)}`);
    return [{ status: report.exitStatus, hash: report.traceHash, output: sha256(stdout) }];
  };
  return { name, run: session };
}

function said({ report, stderr }) {
  return JSON.stringify(report.outcome) + new TextDecoder().decode(stderr);
}

/** The examples, by the commands that they show. */
/** Those that run a program: jobs are tried elsewhere, and what they share is no example. */
function examples() {
  return readdirSync(EXAMPLES).flatMap((name) => {
    const steps = stepsOf(name);
    if (!steps.some(({ command }) => command[1] === "run")) return [];
    return [{ name: `example ${name}`, run: (place) => runExample(name, steps, place) }];
  });
}

function stepsOf(name) {
  const file = join(EXAMPLES, name, "example.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).steps : [];
}

async function runExample(name, steps, place) {
  symlinkSync(join(ROOT, "node_modules"), join(place, "node_modules"));
  const copy = join(place, "examples", name);
  cpSync(join(EXAMPLES, name), copy, { recursive: true });
  for (const entry of ["", ...readdirSync(copy, { recursive: true })]) {
    utimesSync(join(copy, entry), FILE_SECONDS, FILE_SECONDS);
  }
  const seen = [];
  for (const { command, stdin } of steps) {
    const [words0, ...words] = command;
    const input = stdin === undefined ? "" : readFileSync(join(copy, stdin));
    if (words0 === "asc") execFileSync(process.execPath, [COMPILER, ...words], { cwd: copy });
    else if (words[0] === "run") seen.push(await runCommand(words.slice(1), copy, input));
  }
  return seen;
}

async function runCommand(words, cwd, input) {
  const file = resolve(cwd, "..", "report");
  const options = ["--report-file", file, "--tier", tier];
  const child = spawn(process.execPath, [ZEROVM, "run", ...options, ...words], {
    cwd,
    env: { ...process.env, ...(isPooled && { ZEROVM_POOL: socket }) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  const status = await new Promise((done) => child.on("close", done));
  const { traceHash } = JSON.parse(readFileSync(file, "utf8"));
  return { status, hash: traceHash, output: sha256(Buffer.concat(output)) };
}

async function startServer() {
  const words = [ZEROVM, "pool", "--size", "1", "--socket", socket];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  return child;
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
