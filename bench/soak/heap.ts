/**
 * What an engine's heap holds once all garbage is collected, asked through Node's inspector (SIGUSR1 opens it on
 * loopback). Resident memory says little: V8 collects what is old only when it has to.
 */
import { waitFor } from '../../test/support/wait.ts';

const TARGETS = 'http://127.0.0.1:9229/json/list';
const MB = 1 << 20;

/** MB; undefined where the inspector is another program's, or does not answer. */
export async function heapOf(pid: number): Promise<number | undefined> {
  try {
    process.kill(pid, 'SIGUSR1');
    const address = await waitFor(() => addressOf(), { what: 'the inspector' });
    const inspector = await open(address);
    try {
      for (let round = 0; round < 2; round += 1) await inspector.call('HeapProfiler.collectGarbage');
      const asked = { expression: '[process.pid, process.memoryUsage().heapUsed].join()' };
      const [answering, used = 0] = String((await inspector.call('Runtime.evaluate', asked)).result?.value)
        .split(',')
        .map(Number);
      return answering === pid ? used / MB : undefined;
    } finally {
      inspector.close();
    }
  } catch {
    return undefined;
  }
}

async function addressOf(): Promise<string> {
  const [target] = (await (await fetch(TARGETS)).json()) as { webSocketDebuggerUrl?: string }[];
  return target?.webSocketDebuggerUrl ?? '';
}

interface Answer {
  readonly result?: { readonly value?: unknown };
}

interface Inspector {
  call(method: string, params?: object): Promise<Answer>;
  close(): void;
}

async function open(address: string): Promise<Inspector> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: Answer };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return {
    call: (method, params = {}) =>
      new Promise(resolve => {
        last += 1;
        waiting.set(last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}
