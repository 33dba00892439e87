/** The fleet of the engine's tests, and an agent of it that waits for an answer. */
import { randomBytes } from 'node:crypto';
import { AgentId, Digest, RequestId } from '../../src/model/ids.ts';
import type { Bench } from '../support/engine.ts';

export const FLEET = `fleet: unit
agents:
  one: { command: "cat > typed", restart: { when: always, from: 0ms, to: 0ms, max: 50 } }
  two: { command: [sleep, "1000000"] }
`;
export const one = AgentId.parse('one');
export const two = AgentId.parse('two');
export const touch = (dir: string) => ({ tool: 'exec', input: { argv: ['touch', 'made'] }, cwd: dir });
export const newId = (): RequestId => RequestId.parse(`r-${randomBytes(6).toString('hex')}`);

export const alive = (bench: Bench): Promise<unknown> =>
  bench.until('both agents to run', s => s.agents[one]?.alive === true && s.agents[two]?.alive === true);

export async function held(bench: Bench) {
  const agent = await bench.agent('one');
  const request = newId();
  const answer = agent.request('gate.ask', { request, action: touch(bench.dir), edit: true });
  answer.catch(() => {});
  await bench.until('the hold', s => request in s.pending);
  const digest = bench.state().pending[request]?.digest ?? Digest.parse('0'.repeat(64));
  return { agent, request, answer, digest };
}
