/** The walls that stand around a cell, by the names that reports and `zerovm doctor` use. */
export const WALLS = {
  seccomp: "the kernel judges every system call, its arguments included, by a short list",
  user: "user 65534 without any rights when the host is root; else none for the thread of guests",
  network: "a network without devices",
  processes: "no process but its own can be named",
  ipc: "no shared memory, queue or host name of the host",
  files: "an empty root directory in place of the host's",
  rlimits: "kernel limits on memory, processor time, descriptors, processes, core files",
  lifeline: "the kernel kills the cell when its host is gone",
} as const;

export type WallName = keyof typeof WALLS;

/** How much has to stand: everything that can, whatever does, or a guest in the host's process. */
export type Isolation = "full" | "weak" | "none";

/** The user and group that cells of a root host become. */
export const CELL_USER = 65_534;

/** How a cell is to lock itself; the host decides before the cell exists. */
export interface LockPlan {
  /** The cell becomes `CELL_USER`; only root can have it so. */
  readonly changesUser: boolean;
  /** The cell has namespaces of its own, made by whatever started it. */
  readonly hasNamespaces: boolean;
  /** For doctor and tests: a wall is left out to see that the next one holds. */
  readonly without: readonly WallName[];
}

/** Descriptors that every cell starts with, besides the standard three and the control socket. */
export const LIFELINE_FD = 4;
export const STOP_FD = 5;
