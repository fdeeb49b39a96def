/** Parts that the pages made from tables have in common. */
export const NOTICE =
  "<!-- Made by `npm run docs`: change the table in the source, not this page. -->";

/** Ends a page with one line feed. */
export function page(text: string): string {
  return `${text.trimEnd()}\n`;
}

/** A table whose cells may hold bars and line feeds. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

const BINARY_UNITS = ["", "KiB", "MiB", "GiB", "TiB"];

/** `4 GiB (4,294,967,296)` for bytes, digits in groups for everything else. */
export function formatAmount(amount: number, unit: string): string {
  const plain = amount.toLocaleString("en-US");
  if (unit !== "bytes") return plain;
  let step = 0;
  let scaled = amount;
  while (scaled >= 1024 && scaled % 1024 === 0 && step < BINARY_UNITS.length - 1) {
    scaled /= 1024;
    step++;
  }
  return step === 0 ? plain : `${scaled} ${BINARY_UNITS[step]} (${plain})`;
}
