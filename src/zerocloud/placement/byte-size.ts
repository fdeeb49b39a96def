const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;

/** A number of bytes for people, in powers of a thousand: `12 MB`, `1.5 GB`. */
export function sizeText(sizeBytes: number): string {
  let [size, unit] = [sizeBytes, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  const digits = unit > 0 && size < 9.95 ? size.toFixed(1) : String(Math.round(size));
  return `${digits} ${unit === 0 && size === 1 ? "byte" : UNITS[unit]}`;
}
