/** Journals for tests: real files, a clock that is told, events that look like a fleet's. */
import { join } from 'node:path';
import { type JournalOptions, openJournal } from '../../src/journal/journal.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import type { Json } from '../../src/model/json.ts';

export const ORIGIN = 'hms/test-00000001';
export const START = Date.UTC(2026, 0, 1);

export function journalIn(dir: string): { readonly path: string; readonly key: string } {
  return { path: join(dir, 'journal.db'), key: join(dir, 'journal.key') };
}

/** Opens the journal of a folder; its clock ticks one second an event unless told otherwise. */
export function openIn(dir: string, options: Partial<JournalOptions> = {}) {
  const { path, key } = journalIn(dir);
  let ticks = 0;
  return openJournal(path, { key, origin: ORIGIN, now: () => START + 1000 * ticks++, ...options });
}

const builder = AgentId.parse('builder');

/** An event of a few hundred bytes, as a fleet's most frequent ones are. */
export function working(n: number, agent: AgentId = builder): Draft {
  return {
    kind: 'status.changed',
    actor: { type: 'cell', id: 'monitor', via: 'engine' },
    subject: `agent:${agent}`,
    data: {
      agent,
      status: n % 2 === 0 ? 'working' : 'idle',
      evidence: { source: 'hook', detail: `PostToolUse hook: Bash npm test, run number ${n}`, sure: 1 },
    },
  };
}

/** Something in words. */
export function noted(text: string, detail: Json = null): Draft {
  return {
    kind: 'engine.noted',
    actor: { type: 'system', id: 'engine', via: 'engine' },
    subject: 'engine',
    data: { level: 'info', text, detail },
  };
}
