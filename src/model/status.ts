import * as z from 'zod';

/** What an agent is doing, as far as we know. UNKNOWN is a status, never replaced by a guess. */
export const AgentStatus = z.enum([
  'starting',
  'working',
  'idle',
  'asking', // a request of its waits at the gate
  'waiting', // waits for a person in its own pane
  'healing', // died; comes back after a delay
  'blocked', // needs another agent that is not running
  'failed', // gave up; a person is asked
  'exited', // ended by itself and is not to come back
  'stopped', // stopped by a person
  'unknown',
]);
export type AgentStatus = z.infer<typeof AgentStatus>;

/** Where a status comes from, in order of authority. */
export const EvidenceSource = z.enum(['gate', 'protocol', 'hook', 'title', 'screen', 'process', 'engine']);

export const Evidence = z.object({
  source: EvidenceSource,
  /** What was seen, in words: `Stop hook`, `exit 137`, `no output for 12 s`. */
  detail: z.string(),
  /** How sure, 0–1. */
  sure: z.number().min(0).max(1),
});
export type Evidence = z.infer<typeof Evidence>;

/** Gate health of an agent: `gated` only when proven by a probe or a real request. */
export const Gating = z.enum(['gated', 'observed', 'ungated', 'unproven']);
export type Gating = z.infer<typeof Gating>;

/** Glyph and word for each status: never colour alone. */
export const STATUS_GLYPH: Readonly<Record<AgentStatus, string>> = {
  starting: '◌',
  working: '●',
  idle: '○',
  asking: '▲',
  waiting: '△',
  healing: '◐',
  blocked: '◇',
  failed: '✖',
  exited: '□',
  stopped: '■',
  unknown: '?',
};
