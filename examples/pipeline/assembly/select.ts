/** A filter: passes on the lines of standard input that hold its argument. */

const wanted = process.argv[1];
const block = new ArrayBuffer(65_536);
/** The begin of a line whose end is still to come. */
let rest = "";

let size = process.stdin.read(block);
while (size > 0) {
  const lines = (rest + String.UTF8.decode(block.slice(0, size))).split("\n");
  rest = lines.pop();
  let selected = "";
  for (let index = 0; index < lines.length; index++) {
    if (lines[index].includes(wanted)) selected += `${lines[index]}\n`;
  }
  if (selected.length > 0) process.stdout.write(selected);
  size = process.stdin.read(block);
}
if (rest.includes(wanted)) process.stdout.write(`${rest}\n`);
