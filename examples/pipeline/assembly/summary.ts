/** The end of a pipeline: how often each name comes, and the mean of the numbers behind it. */

class Summary {
  count: i32 = 0;
  sum: i32 = 0;
}

const summaries = new Map<string, Summary>();

function take(line: string): void {
  const words = line.split(" ");
  if (words.length !== 2) return;
  const name = words[0];
  if (!summaries.has(name)) summaries.set(name, new Summary());
  const summary = summaries.get(name);
  summary.count += 1;
  summary.sum += I32.parseInt(words[1]);
}

const block = new ArrayBuffer(65_536);
let text = "";
let size = process.stdin.read(block);
while (size > 0) {
  text += String.UTF8.decode(block.slice(0, size));
  const lines = text.split("\n");
  text = lines.pop();
  for (let index = 0; index < lines.length; index++) take(lines[index]);
  size = process.stdin.read(block);
}

const names = summaries.keys().sort();
for (let index = 0; index < names.length; index++) {
  const summary = summaries.get(names[index]);
  const mean = summary.sum / summary.count;
  process.stdout.write(`${names[index]}: ${summary.count} maps, ${mean} ms on average\n`);
}
