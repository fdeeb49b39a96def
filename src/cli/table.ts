const WIDTH = 100;
const INDENT = "  ";

/** Two columns; the right one is wrapped. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(34, Math.max(...rows.map(([first]) => first.length)));
  const lines: string[] = [];
  for (const [first, second] of rows) {
    const wrapped = wrap(second, WIDTH - left - 2 * INDENT.length);
    const [head = "", ...tail] = wrapped;
    if (first.length > left) lines.push(`${INDENT}${first}`, pad("", left, head));
    else lines.push(pad(first, left, head));
    for (const line of tail) lines.push(pad("", left, line));
  }
  return lines.join("\n");
}

function pad(first: string, width: number, second: string): string {
  return `${INDENT}${first.padEnd(width)}${INDENT}${second}`.trimEnd();
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
