/** The upstream of `bench/proxy.ts`, in a process of its own: the first byte of a connection says what it does. */
import { createServer } from 'node:net';

/** 'e': everything comes back · 's': swallows all, and answers with the number of bytes to one that ends with 'E'. */
const server = createServer({ noDelay: true }, socket => {
  socket.on('error', () => socket.destroy());
  socket.once('data', first => {
    let bytes = -1;
    const echoes = first[0] === 'e'.charCodeAt(0);
    const hear = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (echoes) socket.write(chunk);
      else if (chunk.at(-1) === 'E'.charCodeAt(0)) socket.end(String(bytes));
    };
    if (!echoes) hear(first);
    else if (first.length > 1) hear(first.subarray(1));
    socket.on('data', hear);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
