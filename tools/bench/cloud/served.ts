import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type BenchFolder, zerovmWords } from "../bench-folder.ts";
import { plainEnvironment } from "../run-process.ts";
import { type Endpoint, signIn } from "./endpoint.ts";

const USER = { user: "test:tester", key: "testing" } as const;

/** `zerovm serve` over a new store, in a process of its own. */
export async function startServed(place: BenchFolder, host = "127.0.0.1"): Promise<Endpoint> {
  const accounts = place.write("accounts.ini", "[tempauth]\nuser_test_tester = testing .admin\n");
  const config = place.write("server.yaml", "log: { level: warn }\njobs: { timeoutSeconds: 60 }\n");
  const words = ["--auth", accounts, "--config", config, "--host", host, "--port", "0", "--json"];
  const [node = "", ...args] = zerovmWords("serve", "--data", place.path("store"), ...words);
  const child = spawn(node, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: plainEnvironment(),
  });
  const ended = once(child, "close");
  const [line] = await once(createInterface(child.stdout), "line");
  const { url } = JSON.parse(String(line));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  return { ...(await signIn("zerovm", url, USER)), stop };
}
