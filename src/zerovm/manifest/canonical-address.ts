/**
 * One spelling for each address, so that two can be compared: IPv6 as browsers write it, and an
 * IPv4 address inside it as that. What is no address stays as it is.
 */
export function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [plain = "", zone] = address.split("%", 2);
  const url = `http://[${plain}]`;
  if (!URL.canParse(url)) return address;
  const short = new URL(url).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short);
  if (mapped === null) return zone === undefined ? short : `${short}%${zone}`;
  const words = [mapped[1], mapped[2]].map((word = "0") => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 0xff]).join(".");
}
