/** What is said where an agent has no screen. */
import { type Row, wrapWords } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { AgentState } from '../src/model/state.ts';
import { oneLine } from '../src/model/text.ts';

/** Rows of `w` columns. */
export function noScreen(state: ConsoleState, agent: AgentState, w: number): readonly Row[] {
  const lines: string[] = [];
  if (agent.alive)
    lines.push(
      state.link.is === 'up' ? 'its screen is on the way…' : 'its screen comes back with the engine…',
    );
  else lines.push(`${agent.id} is not running (${agent.status}).`, oneLine(agent.evidence.detail));
  if (!agent.alive && agent.lastExit) lines.push(`It ended last with ${oneLine(agent.lastExit)}.`);
  if (!agent.alive && (agent.status === 'stopped' || agent.status === 'failed' || agent.status === 'exited'))
    lines.push('s starts it.');
  return [[], ...lines.flatMap(line => wrapWords(line, w - 4)).map((line): Row => ['  ', [line, 'muted']])];
}
