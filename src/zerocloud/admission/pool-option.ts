/** How a pool decides. */
export type PoolKind = "WaitPool" | "PriorityPool";

/** One pool of the option. */
export interface PoolSetting {
  readonly name: string;
  readonly kind: PoolKind;
  /** Slots that are taken at most. */
  readonly runningMax: number;
  /**
   * Of a `WaitPool`, how many wait before newer jobs are refused; of a `PriorityPool`, how many
   * slots are taken before they are.
   */
  readonly newerMax: number;
}

/** What is wrong with the option. */
export interface PoolFault {
  readonly fault: string;
}

/** As the original has it: nodes without connections, and nodes with. */
export const STANDARD_POOLS = "default = WaitPool(10,3); cluster = PriorityPool(10,100)";

export const DEFAULT_POOL = "default";

const SETTING = /^(\w{1,64})\s*=\s*(\w+)\s*\(\s*([0-9]{1,6})\s*,\s*([0-9]{1,6})\s*\)$/;
const POOLS_MAX = 100;

/**
 * Reads `NAME = CLASS(A,B); …`. `WaitPool(running, waiting)` and `PriorityPool(newer, running)`
 * are the classes; there has to be one pool that is called `default`.
 */
export function parsePools(text: string): readonly PoolSetting[] | PoolFault {
  const items = text.split(";").map((item) => item.trim());
  const pools: PoolSetting[] = [];
  for (const item of items.filter((each) => each !== "")) {
    const pool = poolOf(item);
    if ("fault" in pool) return pool;
    if (pools.some(({ name }) => name === pool.name)) return { fault: `Pool ${pool.name} twice` };
    if (pools.length === POOLS_MAX) return { fault: `More than ${POOLS_MAX} pools` };
    pools.push(pool);
  }
  const hasDefault = pools.some(({ name }) => name === DEFAULT_POOL);
  return hasDefault ? pools : { fault: `There is no pool ${DEFAULT_POOL}` };
}

function poolOf(item: string): PoolSetting | PoolFault {
  const [, name = "", kind = "", first = "", second = ""] = SETTING.exec(item) ?? [];
  const shown = JSON.stringify(item.slice(0, 80));
  if (name === "") return { fault: `${shown} is not NAME = CLASS(NUMBER,NUMBER)` };
  if (kind !== "WaitPool" && kind !== "PriorityPool") {
    return { fault: `${shown} is neither a WaitPool nor a PriorityPool` };
  }
  const isWait = kind === "WaitPool";
  const runningMax = Number(isWait ? first : second);
  if (runningMax === 0) return { fault: `${shown} runs nothing` };
  const newerMax = Number(isWait ? second : first);
  const never = isWait ? undefined : { fault: `${shown} takes no new job` };
  return newerMax === 0 && never ? never : { name, kind, runningMax, newerMax };
}
