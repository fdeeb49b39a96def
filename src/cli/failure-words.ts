/**
 * Why a session gave nothing that counts, for people: the words of the original, which answers of
 * HTTP have, are of its own insides. All other texts stay as they are.
 */
export function failureWords(text: string): string {
  const found = /^ERROR OBJ\.QUERY retcode=([\w ]+), {2}zerovm_stdout=(.*)$/s.exec(text);
  const [, retcode = "", state = ""] = found ?? [];
  if (found === null) return text;
  const plain = PLAIN[retcode];
  if (plain === undefined || !state.startsWith(plain.state)) return state;
  return `${plain.words}${state.slice(plain.state.length)}`;
}

const PLAIN: Readonly<Record<string, { readonly state: string; readonly words: string }>> = {
  "Timed out": { state: "session timeout", words: "its time was over" },
  Killed: { state: "session interrupted", words: "interrupted" },
};
