/** What is made once for a key; of two who ask at a time the second waits for the first. */
export async function once<Made>(
  known: Map<string, Promise<Made>>,
  key: string,
  make: () => Promise<Made>,
): Promise<Made> {
  const making = known.get(key) ?? make();
  known.set(key, making);
  return await making;
}
