import type { Finding } from "./finding.ts";
import type { Layers } from "./room.ts";

/**
 * A room is kept apart from a package: nothing that it may import, however far away, may load that.
 */
export function checkApart(layers: Layers, from: string, name: string): Finding[] {
  const seen = new Set<string>();
  const walk = (trail: readonly string[]): Finding[] => {
    const room = trail.at(-1) ?? "";
    if (seen.has(room)) return [];
    seen.add(room);
    const { imports = [], packages = [] } = layers[room] ?? {};
    const way = trail.map((one) => `src/${one}`).join(" → ");
    const own = packages.includes(name)
      ? [{ path: `src/${from}`, message: `${way} may load the package ${name}` }]
      : [];
    return [...own, ...imports.flatMap((next) => walk([...trail, next]))];
  };
  return walk([from]);
}
