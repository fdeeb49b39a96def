import type { Exchange } from "../exchange/index.ts";
import { type Answer, readAnswer, releaseAnswer } from "../result/index.ts";

/**
 * Answers a request, as fast as the client takes it.
 * @throws as `Exchange.stream`
 */
export async function sendAnswer(exchange: Exchange, answer: Answer): Promise<void> {
  try {
    await exchange.stream(answer.status, headerRecord(answer), readAnswer(answer));
  } finally {
    releaseAnswer(answer);
  }
}

/** Names differ in their letters' case where several programs wrote them. */
function headerRecord({ headers }: Answer): Record<string, string[]> {
  const values = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const known = values.get(lower);
    if (known === undefined) values.set(lower, { name, values: [value] });
    else known.values.push(value);
  }
  return Object.fromEntries([...values.values()].map((one) => [one.name, one.values]));
}
