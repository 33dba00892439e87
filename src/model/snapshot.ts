/** Snapshots of agents' own working trees: taken while all is well, so that there is something to go back to. */
import * as z from 'zod';
import { AgentId, IncidentId, type Millis } from './ids.ts';
import { onAgent, type Reducers } from './reducers.ts';

const Place = z.int().min(1);

export const SNAPSHOT_EVENTS = {
  /** The files are kept as a commit under refs/hms/snapshots/AGENT/NUMBER. */
  'worktree.snapshotted': z.object({
    agent: AgentId,
    snapshot: Place,
    commit: z.string().regex(/^[0-9a-f]{40,64}$/),
    /** good: it was well. before: as they were when they were brought back to another one. */
    is: z.enum(['good', 'before']),
    detail: z.string().max(400),
    /** For which they were brought back. */
    incident: IncidentId.optional(),
  }),
  /** The files are those of `snapshot` again; as they were before is `before`. */
  'worktree.restored': z.object({
    agent: AgentId,
    snapshot: Place,
    before: Place,
    incident: IncidentId.optional(),
  }),
} as const;

export interface SnapshotState {
  readonly number: number;
  readonly commit: string;
  readonly is: 'good' | 'before';
  readonly at: Millis;
  readonly detail: string;
  /** ''. */
  readonly incident: string;
}

/** How many of a kind are kept of an agent. */
export const SNAPSHOTS_KEPT = 8;

export const SNAPSHOTS: Reducers = {
  'worktree.snapshotted': (s, { data, time }) =>
    onAgent(s, data.agent, ({ snapshots = [] }) => {
      const { snapshot: number, commit, is, detail, incident = '' } = data;
      const all = [{ number, commit, is, at: time, detail, incident }, ...snapshots];
      const most = (kind: SnapshotState['is']) => all.filter(one => one.is === kind).slice(0, SNAPSHOTS_KEPT);
      const kept = new Set([...most('good'), ...most('before')]);
      return { snapshots: all.filter(one => kept.has(one)) };
    }),
};
