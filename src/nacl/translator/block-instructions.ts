import { FORMS, NO_FORM } from "../x86/index.ts";
import { type Emitter, FAULT, HANDLERS } from "./emit/index.ts";
import { type FunctionPlan, flagsAtEnd } from "./flow/index.ts";
import type { ProgramScope } from "./transfers.ts";

/**
 * Emits the instructions of a node up to one of them, each with what is live behind it; then the
 * emitter stands at the last one of the node.
 */
export function emitInstructions(
  scope: ProgramScope,
  plan: FunctionPlan,
  emitter: Emitter,
  node: number,
  last: number,
): void {
  const block = plan.blocks[node] ?? 0;
  const { graph, traffic } = scope;
  const { effects, instructions } = graph.text;
  const first = graph.first[block] ?? 0;
  const live: number[] = [];
  let flags = flagsAtEnd(graph, plan, node, traffic.flags);
  for (let at = graph.last[block] ?? 0; at >= first; at--) {
    live[at - first] = flags;
    flags = (flags & ~(effects.flagsKilled[at] ?? 0)) | (effects.flagsRead[at] ?? 0);
  }
  for (let at = first; at <= last; at++) {
    emitter.begin(at, live[at - first] ?? 0);
    const form = FORMS[instructions.form[at] ?? NO_FORM];
    const handler = form === undefined ? undefined : HANDLERS[form.id];
    if (handler !== undefined) handler(emitter);
    else if (form !== undefined) {
      scope.refuse(graph.text.addressOf(at), form);
      emitter.fault(FAULT.UNSUPPORTED);
    }
  }
  emitter.begin(graph.last[block] ?? 0, live[(graph.last[block] ?? 0) - first] ?? 0);
}
