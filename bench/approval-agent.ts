/**
 * The asking side of bench/approval.ts, run as an agent of the fleet: one gate client after the other, each with a
 * connection of its own, as `hms gate run` makes it. Writes when each asked and when it was released.
 */
import { appendFileSync } from 'node:fs';
import { RequestId } from '../src/model/ids.ts';
import { connectAgent } from '../src/protocol/client.ts';
import { AGENT_PROTOCOL } from '../src/protocol/limits.ts';
import { clock } from './stats.ts';

const [, , file = '', rounds = '0'] = process.argv;
const { HMS_SOCKET = '', HMS_TOKEN = '' } = process.env;

for (let round = 0; round < Number(rounds); round += 1) {
  const name = `round-${String(round).padStart(4, '0')}`;
  const client = await connectAgent(HMS_SOCKET);
  await client.request('hello', { protocol: AGENT_PROTOCOL, token: HMS_TOKEN });
  const askedAt = clock();
  const answer = await client.request('gate.ask', {
    request: RequestId.parse(`r-bench${String(round).padStart(6, '0')}`),
    action: { tool: 'exec', input: { argv: ['touch', name] }, cwd: process.cwd() },
  });
  const releasedAt = clock();
  client.close();
  appendFileSync(file, `${JSON.stringify({ name, askedAt, releasedAt, run: answer.run })}\n`);
}
