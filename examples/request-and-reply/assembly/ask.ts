/** The node that asks: one request for each line of its input, and prints what was replied. */
import { openToRead, openToWrite } from "../../assembly/connections";
import { inputLines, REPLY_BYTES, REQUEST_BYTES, receive, send } from "./messages";

const requests = openToWrite("/dev/out/answer");
const replies = openToRead("/dev/in/answer");
const questions = inputLines();
for (let index = 0; index < questions.length; index++) {
  send(requests, questions[index], REQUEST_BYTES);
  const reply = receive(replies, REPLY_BYTES);
  process.stdout.write(`${questions[index]}? ${reply}\n`);
}
