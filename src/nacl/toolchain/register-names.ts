const OLD = /^%[er]([a-d]x|[sd]i|[sb]p)$/;
const NUMBERED = /^%(r\d+)d?$/;

/** The name of 64 bits of a general register of 32 or 64 bits; another text as it is. */
export function wide(register: string): string {
  const old = OLD.exec(register)?.[1];
  if (old !== undefined) return `%r${old}`;
  const numbered = NUMBERED.exec(register)?.[1];
  return numbered === undefined ? register : `%${numbered}`;
}

/** The name of 32 bits of a general register of 32 or 64 bits; another text as it is. */
export function narrow(register: string): string {
  const name = wide(register);
  if (NUMBERED.test(name)) return `${name}d`;
  return OLD.test(name) ? `%e${name.slice(2)}` : register;
}
