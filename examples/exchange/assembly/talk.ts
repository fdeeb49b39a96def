/**
 * One of several nodes that are all connected to each other: tells each of them one thing, and
 * prints what it was told. What it is told must be what it would have said in the other's place.
 */
import {
  fail,
  numberOf,
  openToRead,
  openToWrite,
  peersOf,
  read,
  write,
} from "../../assembly/connections";

/** Bytes of what is said: two numbers and their product. */
const SAID_BYTES: usize = 12;

const own = numberOf(process.argv[0]);
const said = heap.alloc(SAID_BYTES);

const hearers = peersOf("out", "talk");
for (let index = 0; index < hearers.length; index++) {
  const hearer = numberOf(hearers[index]);
  store<i32>(said, own);
  store<i32>(said, hearer, 4);
  store<i32>(said, own * hearer, 8);
  write(openToWrite(`/dev/out/${hearers[index]}`), said, SAID_BYTES);
}

let heard = "";
const speakers = peersOf("in", "talk");
for (let index = 0; index < speakers.length; index++) {
  const speaker = numberOf(speakers[index]);
  const size = read(openToRead(`/dev/in/${speakers[index]}`), said, SAID_BYTES);
  const isRight = load<i32>(said) === speaker && load<i32>(said, 4) === own;
  const product = load<i32>(said, 8);
  if (size !== SAID_BYTES || !isRight || product !== speaker * own) {
    fail(`${speakers[index]} said something else`);
  }
  heard += ` ${speaker} × ${own} = ${product};`;
}
process.stdout.write(`talk-${own} heard${heard}\n`);
