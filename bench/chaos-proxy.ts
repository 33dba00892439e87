/** The proxy of the campaign `chaos-revert`: an upstream that echoes, and a look from outside whether bytes still go through. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Its name in scopes. */
export const PROXY = 'victim/api';
/** A message that is not back after so long is held back, ms: there and back it takes a tenth of one. */
const BACK_MS = 100;

export interface CampaignProxy {
  readonly control: string;
  /** What is left of harm done to it, as sentences: seen by who uses it. */
  residues(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startProxy(program: string): Promise<CampaignProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'hms-proxy-'));
  const upstream = createServer(socket => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const address = upstream.address();
  const to = typeof address === 'object' ? address?.port : 0;
  const control = join(folder, 'p.sock');
  const args = ['proxy', '--json', '--name', PROXY, '--control', control, '--upstream', `127.0.0.1:${to}`];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { listen } = JSON.parse(line) as { listen: { tcp: string } };
  const port = Number(listen.tcp.split(':')[1]);
  // Without anybody who controls it and without connections it would end.
  const held = connect(control);
  await once(held, 'connect');
  return {
    control,
    residues: () => look(port),
    close: async () => {
      child.kill('SIGKILL');
      held.destroy();
      upstream.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function look(port: number): Promise<string[]> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const end = (found: string[]): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => end(['a message through the proxy does not come back']), BACK_MS);
    socket.on('error', error => end([`a connection through the proxy: ${error.message}`]));
    socket.on('close', () => end(['a connection through the proxy was closed']));
    socket.on('data', () => end([]));
    socket.write('message');
  });
}
