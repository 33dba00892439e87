/**
 * An agent that asks the gate as fast as it can and writes down each request it got an answer for, as proof of what
 * the engine has acknowledged. Goes on through engine restarts. Usage: load-agent.ts FILE
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { RequestId } from '../../src/model/ids.ts';
import { connectAgent } from '../../src/protocol/client.ts';
import { AGENT_PROTOCOL } from '../../src/protocol/limits.ts';

const [, , file = ''] = process.argv;
const { HMS_SOCKET = '', HMS_TOKEN = '' } = process.env;

for (;;) {
  try {
    const client = await connectAgent(HMS_SOCKET, { deadlineMs: 1000 });
    await client.request('hello', { protocol: AGENT_PROTOCOL, token: HMS_TOKEN });
    while (!client.closed) {
      const request = RequestId.parse(`r-${randomBytes(8).toString('hex')}`);
      const action = { tool: 'exec', input: { argv: ['ls'] }, cwd: process.cwd() };
      await client.request('gate.ask', { request, action });
      appendFileSync(file, `${request}\n`);
    }
  } catch {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
