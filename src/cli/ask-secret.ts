import { ZvmError } from "../base/index.ts";

const ENTER = /[\r\n]/;
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_U = "\x15";
const DELETIONS = ["\x7f", "\b"];
const INTERRUPTED_STATUS = 130;

/**
 * Asks for a secret on the terminal of standard input, which does not show what is typed.
 * @throws ZvmError ZVM_USAGE where nothing is typed
 */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // First of all: what is typed as soon as the question is there must not be shown either.
  stdin.setRawMode(true);
  stderr.write(question);
  try {
    const secret = await typedLine();
    if (secret !== "") return secret;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
  throw new ZvmError("ZVM_USAGE", "Nothing was typed");
}

/** A terminal in raw mode leaves it to us what its control characters mean. */
async function typedLine(): Promise<string> {
  const { stdin } = process;
  stdin.setEncoding("utf8");
  let line = "";
  return await new Promise<string>((resolve) => {
    const hear = (text: string): void => {
      for (const letter of text) {
        if (letter === CTRL_C) leave();
        if (ENTER.test(letter) || letter === CTRL_D) {
          stdin.off("data", hear);
          resolve(line);
          return;
        }
        if (DELETIONS.includes(letter)) line = [...line].slice(0, -1).join("");
        else line = letter === CTRL_U ? "" : line + letter;
      }
    };
    stdin.on("data", hear);
  });
}

function leave(): never {
  process.stdin.setRawMode(false);
  process.stderr.write("\n");
  process.exit(INTERRUPTED_STATUS);
}
