import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ROOT, ZEROVM } from "../support/command-line.ts";
import { attackPrograms, CAN_ATTACK, NODE } from "./attacked.ts";

/** Systems that lack a wall: what a session does there, and what its report says. */

const programs = attackPrograms();

const RUN = ["run", "--report=json"];
const GUEST = ["sqlite", ":memory:", "select 40 + 2"];
const NO_NAMESPACES = ["network", "ipc", "processes", "files"];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(command: string, args: readonly string[]): Ended {
  return spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
}

function reportOf({ stderr }: Ended): { readonly walls: readonly string[]; isolation: string } {
  return JSON.parse(stderr.slice(stderr.indexOf("{")));
}

// Cells are of Linux, the numbers and the code of x86-64.
describe.runIf(CAN_ATTACK)("where the kernel has no filters", () => {
  const zerovm = (...args: readonly string[]) => {
    return start(NODE, [programs().oldKernel, ZEROVM, ...args]);
  };

  test("a session is refused, and says what is missing", () => {
    const ended = zerovm(...RUN, ...GUEST);
    expect(ended.status).toBe(125);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).toContain("A wall that always has to stand cannot be built: seccomp");
    expect(reportOf(ended)).toMatchObject({ walls: [], isolation: "full" });
  });

  test("one that is to be weak runs, and says so", () => {
    const ended = zerovm("run", "--isolation=weak", "--report=json", ...GUEST);
    expect(ended).toMatchObject({ status: 0, stdout: "42\n" });
    const { walls, isolation } = reportOf(ended);
    expect(isolation).toBe("weak");
    expect(walls).not.toContain("seccomp");
    expect(walls).toEqual(expect.arrayContaining(["rlimits", "lifeline"]));
  });

  test("the doctor says so", () => {
    const ended = zerovm("doctor");
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/^missing +seccomp/m);
    expect(ended.stdout).toContain("Sessions are refused here");
  });
});

/** Only root can take a right away, and only where `setpriv` is at hand. */
const LIMITED = ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
const CAN_LIMIT =
  CAN_ATTACK && process.getuid?.() === 0 && spawnSync("setpriv", [...LIMITED, "true"]).status === 0;

// Root of a container without its usual rights.
describe.runIf(CAN_LIMIT)("where root may make no namespaces", () => {
  const zerovm = (...args: readonly string[]) => {
    return start("setpriv", [...LIMITED, NODE, ZEROVM, ...args]);
  };

  test("a session runs behind the other walls, and names them", () => {
    const ended = zerovm(...RUN, ...GUEST);
    expect(ended).toMatchObject({ status: 0, stdout: "42\n" });
    const { walls } = reportOf(ended);
    expect([...walls].sort()).toEqual(["lifeline", "rlimits", "seccomp", "user"]);
  });

  test("the doctor says what would help", () => {
    const { status, stdout } = zerovm("doctor");
    expect(status).toBe(0);
    for (const wall of NO_NAMESPACES) expect(stdout).toMatch(new RegExp(`^missing +${wall}`, "m"));
    expect(stdout).toContain("CAP_SYS_ADMIN");
  });
});

/** A world in which its root is somebody, and allows no further namespaces of the kind. */
const NESTED = ["--user", "--map-root-user", "sh", "-c"];
const CLOSED = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$0" "$@"';
const CAN_NEST = CAN_ATTACK && spawnSync("unshare", [...NESTED, CLOSED, "true"]).status === 0;

// It needs the right to make the outer namespace.
describe.runIf(CAN_NEST)("where the host is root in name only", () => {
  const zerovm = (...args: readonly string[]) => {
    return start("unshare", [...NESTED, CLOSED, NODE, ZEROVM, ...args]);
  };

  test("a session is refused, since its cell could not give up what it is", () => {
    const ended = zerovm(...RUN, ...GUEST);
    expect(ended.status).toBe(125);
    expect(ended.stderr).toContain("setgroups failed: EPERM");
  });

  test("one that is to be weak has every other wall", () => {
    const ended = zerovm("run", "--isolation=weak", "--report=json", ...GUEST);
    expect(ended).toMatchObject({ status: 0, stdout: "42\n" });
    expect([...reportOf(ended).walls].sort()).toEqual(["lifeline", "rlimits", "seccomp"]);
  });
});
