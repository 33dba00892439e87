/** The changed fleet file and worktrees' diffs over the panes: what is shown, which keys count, what is asked. */
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';
import { Desk, type DeskOptions } from '../console/desk.ts';
import { FLEET } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const REVISION = Digest.parse('a'.repeat(64));
const OTHER = Digest.parse('b'.repeat(64));
const builder = AgentId.parse('builder');
const by = { actor: { type: 'cell', id: 'configurator', via: 'engine' }, subject: 'fleet' } as const;

const proposed = (revision = REVISION, title = 'told anew'): Draft => ({
  kind: 'config.proposed',
  ...by,
  data: {
    revision,
    change: {
      agents: [
        {
          agent: builder,
          what: 'changed',
          restart: true,
          fields: [{ name: 'title', from: '', to: `${title} \u001b[31m` }],
        },
        { agent: AgentId.parse('fresh'), what: 'added', restart: false, fields: [] },
        { agent: AgentId.parse('docs'), what: 'removed', restart: false, fields: [] },
      ],
      fleet: [],
    },
  },
});
const refused: Draft = {
  kind: 'config.refused',
  ...by,
  data: { problems: ['hms.yaml:3:5 agents.a: wrong'] },
};
const added: Draft = {
  kind: 'worktree.added',
  ...by,
  data: { agent: builder, dir: '/w', repo: '/r', branch: 'hms/x/builder', target: 'main', base: '' },
};

const shown = (desk: Desk): string => rowsOf(desk.state).join('\n');
const desk = (drafts: readonly Draft[], options?: DeskOptions): Desk =>
  new Desk([...FLEET, ...drafts], options);

describe('a changed fleet file', () => {
  test('is told at once, shown on demand, and agreed to as shown', () => {
    const d = desk([]).emit(proposed());
    expect(d.said).toContain('1 added (fresh), 1 changed (builder), 1 removed (docs)');
    expect(shown(d)).toContain('⟳ fleet file changed');
    d.press('ctrl-r');
    expect(shown(d)).toContain('~ builder: is restarted');
    expect(shown(d)).toContain('title: (none) → told anew ␛[31m');
    expect(shown(d)).toContain('- docs: is stopped');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toEqual([{ request: 'fleet.reload', with: { revision: REVISION } }]);
  });

  test('is not agreed to by a paste, by who may only look, or when it is another by now', () => {
    const d = desk([proposed()]).press('ctrl-r');
    d.key('y', true);
    expect(d.sends).toEqual([]);
    d.emit(proposed(OTHER, 'something else')).press('y');
    expect(d.said).toContain('has changed again');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toEqual([{ request: 'fleet.reload', with: { revision: OTHER } }]);
    const viewer = desk([proposed()], { role: 'viewer', mode: 'observe' }).press('ctrl-r', 'y');
    expect(viewer.sends).toEqual([]);
    expect(viewer.said).toContain('may only look');
  });

  test('is shown to the last character, and with the key that agrees, in a small terminal too', () => {
    const command = Array.from({ length: 120 }, (_, at) => String.fromCodePoint(0x100 + at)).join('');
    const d = desk([proposed(REVISION, command)], { cols: 80, rows: 24 }).press('ctrl-r');
    expect(shown(d)).toContain('Put it in force?  y does');
    expect([...command].filter(letter => !shown(d).includes(letter))).toEqual([]);
  });

  test('that cannot be used says where, and asks nothing', () => {
    const d = desk([]).emit(refused);
    expect(d.said).toContain('hms.yaml:3:5');
    d.press('ctrl-r', 'y');
    expect(shown(d)).toContain('hms.yaml:3:5 agents.a: wrong');
    expect(d.sends).toEqual([]);
  });

  test('without a change the key says so', () => {
    expect(desk([]).press('ctrl-r').said).toContain('says what is in force');
  });
});

describe('the worktree of an agent', () => {
  const diff = { text: 'diff --git a/x b/x\n+new \u001b[31m\n-old\n', cut: true, command: 'git -C /w diff' };

  test('is asked for, shown harmless and cut in words, and merged by way of the gate', () => {
    const d = desk([added]).press('1', 'D');
    const ask = { request: 'worktree.diff', with: { agent: builder } } as const;
    expect(d.sends).toEqual([ask]);
    expect(shown(d)).toContain('git compares…');
    d.act({ type: 'answered', send: ask, result: diff, at: d.at });
    expect(shown(d)).toContain('+new ␛[31m');
    expect(shown(d)).toContain('all of it: git -C /w diff');
    d.key('M', true);
    expect(d.sends).toHaveLength(1);
    d.press('M');
    const propose = { request: 'worktree.propose', with: { agent: builder, do: 'merge' } } as const;
    expect(d.sends.at(-1)).toEqual(propose);
    d.act({ type: 'answered', send: propose, result: { request: 'r-abcd' }, at: d.at });
    expect(d.state.ui).toMatchObject({ focus: 'approvals' });
  });

  test('an answer for a diff that is no longer open changes nothing', () => {
    const d = desk([added]).press('1', 'D', 'esc');
    d.act({
      type: 'answered',
      send: { request: 'worktree.diff', with: { agent: builder } },
      result: diff,
      at: d.at,
    });
    expect(d.state.ui.overlay).toBeNull();
  });

  test('an agent without one says what gives it one', () => {
    expect(desk([]).press('1', 'D').said).toContain('worktree: true');
  });
});
