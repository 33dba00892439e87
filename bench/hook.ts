/**
 * A hook of an agent's tool call, from its start to its end: asked, answered at once, printed. The native client, and
 * beside it the Node client as `hms hook`, which serves where the helper is not built.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withDesk } from '../test/support/agent-desk.ts';
import { HMS } from '../test/support/program.ts';
import { nativeProgram } from './helper.ts';
import { clock, type Measured, percentile } from './stats.ts';

const ROUNDS = 300;
/** Starts of Node are slow enough to need fewer. */
const NODE_ROUNDS = 30;
const INPUT = JSON.stringify({
  hook_event_name: 'PreToolUse',
  session_id: '407086b5-63cf-45fa-a676-3887493cb3dc',
  tool_name: 'Bash',
  tool_input: { command: 'npm test', description: 'Run the tests' },
});

export async function run(): Promise<Measured> {
  const native = nativeProgram();
  let figures: { readonly native: number[]; readonly node: number[] } = { native: [], node: [] };
  await withDesk(
    asked => (asked.do === 'hook' ? { stdout: '{}', exit: 0 } : {}),
    async desk => {
      figures = {
        native: await measure([native, 'hook', 'claude'], desk.env, ROUNDS),
        node: await measure([HMS, 'hook', 'claude'], desk.env, NODE_ROUNDS),
      };
    },
  );
  return {
    figures: { native_p50_ms: percentile(figures.native, 50), native_p99_ms: percentile(figures.native, 99) },
    env: {
      compared: { node_p50_ms: percentile(figures.node, 50), node_p99_ms: percentile(figures.node, 99) },
    },
    lines: [`${ROUNDS} native hooks and ${NODE_ROUNDS} of Node, one after the other, after 3 of each`],
  };
}

async function measure(argv: readonly string[], env: NodeJS.ProcessEnv, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    const began = clock();
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(INPUT);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(child, 'close');
    if (code !== 0 || said !== '{}') throw new Error(`${program} said ${JSON.stringify(said)}, exit ${code}`);
    if (round >= 0) times.push(clock() - began);
  }
  return times;
}
