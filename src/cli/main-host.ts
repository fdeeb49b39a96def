/** The command line in a process that is loaded before it knows its command: `bin/host.js`. */
import { awaitClient, type Client, leave } from "../zerovm/index.ts";
import { hasWritten } from "./command.ts";
import { start } from "./dispatch.ts";
import { CLASSIC, REGISTRY } from "./registry.ts";

/** The commands that a client gives away, loaded before there is one. */
const COMMANDS = ["run", "exec"] as const;

async function live(): Promise<void> {
  for (const name of COMMANDS) await REGISTRY[name]?.load();
  const client = awaitClient();
  if (client === undefined) leave(0);
  await serve(client);
}

async function serve(client: Client): Promise<void> {
  process.on("exit", (status) => client.leave(status));
  await start(REGISTRY, CLASSIC);
  // Text of ours may still be on its way, else nothing is left to wait for.
  if (!hasWritten()) client.leave(Number(process.exitCode ?? 0));
}

void live();
