// One side of a socket: raw-socket.mjs read PORT, raw-socket.mjs write PORT BLOCKS BLOCK_BYTES. The
// reader writes the nanoseconds from its first bytes to the end, as eight bytes.
import { connect, createServer } from "node:net";

const RETRY_MS = 10;
const [role, port, blocks, blockBytes] = process.argv.slice(2);

if (role === "read") {
  const server = createServer((socket) => {
    let startNs;
    socket.on("data", () => {
      startNs ??= process.hrtime.bigint();
    });
    socket.on("end", () => {
      const told = Buffer.alloc(8);
      told.writeBigUInt64LE(process.hrtime.bigint() - startNs);
      process.stdout.write(told);
      server.close();
    });
  });
  server.listen(Number(port), "127.0.0.1");
} else {
  reach();
}

function reach() {
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => setTimeout(reach, RETRY_MS));
  socket.on("connect", () => {
    const block = Buffer.alloc(Number(blockBytes));
    let left = Number(blocks);
    const send = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(block) && left > 0) {
          socket.once("drain", send);
          return;
        }
      }
      socket.end();
    };
    send();
  });
}
