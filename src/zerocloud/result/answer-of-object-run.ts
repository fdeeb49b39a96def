import type { Answer } from "./answer.ts";
import type { Header } from "./header-text.ts";
import type { InstanceResult, JobResult } from "./result.ts";

const CREATED = 201;

/**
 * The answer of a program that ran over one object, in the words of the store: of an object that
 * was stored its etag, of one that was read and changed the etag of what it became.
 * @param answer of the job, as any job is answered
 */
export function answerOfObjectRun({ instances }: JobResult, answer: Answer): Answer {
  const [instance] = instances;
  if (instance === undefined || instance.state !== "ran") return answer;
  const [stored] = instance.stored;
  if (stored === undefined) {
    const etag = etagOfOutput(instance);
    return etag === undefined ? answer : replaced(answer, [["Etag", etag]]);
  }
  if (stored.etag === undefined) return answer;
  const headers: Header[] = [
    ["Etag", stored.etag],
    ["Content-Type", "text/html; charset=UTF-8"],
  ];
  return { ...replaced(answer, headers), status: CREATED };
}

/** Of what the program wrote, where all of that is the body. */
function etagOfOutput({ responses, etags }: InstanceResult): string | undefined {
  const [part] = responses;
  const hasHead = part === undefined || part.status !== undefined || part.headers.length > 0;
  return hasHead ? undefined : etags.find(({ device }) => device === part.device)?.hex;
}

function replaced(answer: Answer, headers: readonly Header[]): Answer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const kept = answer.headers.filter(([name]) => !names.has(name.toLowerCase()));
  return { ...answer, headers: [...kept, ...headers] };
}
