import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_DATA, type Event } from '../../src/model/event.ts';
import { fold } from '../../src/model/reduce.ts';
import { SNAPSHOTS_KEPT } from '../../src/model/snapshot.ts';
import { EMPTY } from '../../src/model/state.ts';

const NOTHING = '0'.repeat(64);
const config = { driver: 'command', title: '', gate: 'ask', needs: [], capabilities: [] };
const configured = { digest: NOTHING, agents: { coder: config }, operators: {} };

function folded(kinds: readonly ('good' | 'before')[], dropped = false) {
  const events = [
    { kind: 'fleet.configured', data: EVENT_DATA['fleet.configured'].parse(configured) },
    ...kinds.map((is, at) => ({
      kind: 'worktree.snapshotted',
      data: { agent: 'coder', snapshot: at + 1, commit: 'a'.repeat(40), is, detail: '' },
    })),
    ...(dropped
      ? [{ kind: 'worktree.dropped', data: { agent: 'coder', branch: 'b', ref: 'r', commit: 'c' } }]
      : []),
  ].map(
    (event, at) =>
      ({ ...event, seq: at + 1, time: at, prev: NOTHING, subject: '', actor: {} }) as unknown as Event,
  );
  return fold(EMPTY, events).agents['coder']?.snapshots ?? [];
}

test('the newest of each kind are kept, so that no number of undoes drives out what is good', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('good' as const, 'before' as const), { maxLength: 60 }), kinds => {
      const kept = folded(kinds);
      expect(kept.map(({ number }) => number)).toEqual(
        kept.map(({ number }) => number).toSorted((a, b) => b - a),
      );
      for (const is of ['good', 'before'] as const) {
        const all = kinds.flatMap((kind, at) => (kind === is ? [at + 1] : [])).reverse();
        expect(kept.filter(one => one.is === is).map(({ number }) => number)).toEqual(
          all.slice(0, SNAPSHOTS_KEPT),
        );
      }
    }),
  );
});

test('a tree that was dropped leaves none: its next one begins anew', () => {
  expect(folded(['good'])).toHaveLength(1);
  expect(folded(['good'], true)).toEqual([]);
});
