/** The node that answers from a table, until nobody asks any more. */
import { openToRead, openToWrite } from "../../assembly/connections";
import { inputLines, REPLY_BYTES, REQUEST_BYTES, receive, send } from "./messages";

const table = new Map<string, string>();
const rows = inputLines();
for (let index = 0; index < rows.length; index++) {
  const blank = rows[index].indexOf(" ");
  table.set(rows[index].substring(0, blank), rows[index].substring(blank + 1));
}

const requests = openToRead("/dev/in/ask");
const replies = openToWrite("/dev/out/ask");
let name = receive(requests, REQUEST_BYTES);
while (name.length > 0) {
  send(replies, table.has(name) ? table.get(name) : "not in the table", REPLY_BYTES);
  name = receive(requests, REQUEST_BYTES);
}
