// Which numbers are prime is found out once: `zerovm freeze` keeps what `prepare` made.

const LIMIT: i32 = 1_000_000;
const EVERY: i32 = 1024;

/** How many primes are below each 1024th number. */
const counts = new StaticArray<i32>(LIMIT / EVERY + 1);
/** One byte a number: 1 where it has a divisor. */
const divided = new StaticArray<u8>(LIMIT);

export function prepare(): void {
  for (let number = 2; number * number < LIMIT; number++) {
    if (divided[number] !== 0) continue;
    for (let multiple = number * number; multiple < LIMIT; multiple += number) {
      divided[multiple] = 1;
    }
  }
  let count = 0;
  for (let number = 2; number < LIMIT; number++) {
    if (number % EVERY === 0) counts[number / EVERY] = count;
    if (divided[number] === 0) count++;
  }
}

/** The prime with this place in the row of all. */
function primeAt(place: i32): i32 {
  let block = 0;
  while (block < counts.length - 1 && counts[block + 1] < place) block++;
  let left = place - counts[block];
  for (let number = max(2, block * EVERY); number < LIMIT; number++) {
    if (divided[number] === 0 && --left === 0) return number;
  }
  return 0;
}

export function _start(): void {
  console.log(`the 50000th prime is ${primeAt(50000)}`);
}
