import fc from 'fast-check';
import { Box } from 'ink';
import { render } from 'ink-testing-library';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { actionRows } from '../../panes/action-rows.ts';
import { Header, PANES } from '../../panes/index.ts';
import { app } from '../../src/console/app.tsx';
import { compile } from '../../src/console/theme.ts';
import { dark } from '../../src/console/themes.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, GrantId, RequestId, SessionId } from '../../src/model/ids.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { Desk, type DeskOptions } from '../console/desk.ts';
import { asks, digest, fleet, settled, started, status } from '../console/events.ts';
import { plain, rowsOf, textOf, writesOf } from './look.tsx';

const AGENTS = {
  builder: 'claude',
  deployer: 'claude',
  reviewer: 'claude',
  crawler: 'command',
  docs: 'command',
};
const SYSTEM = { type: 'system', id: 'engine', via: 'engine' } as const;
const FLEET: readonly Draft[] = [
  ...fleet(AGENTS),
  ...Object.keys(AGENTS).map((a, i) => started(a, i + 1)),
  status('builder', 'working', 'tests'),
  status('reviewer', 'idle', 'Stop hook'),
  {
    kind: 'restart.scheduled',
    actor: SYSTEM,
    subject: 'agent:crawler',
    data: { agent: AgentId.parse('crawler'), attempt: 2, delayMs: 400, reason: 'exit 137' },
  },
];
const HIGH = asks({
  id: 'r-high',
  agent: 'deployer',
  risk: 70,
  effect: 'irreversible',
  input: { command: 'kubectl delete ns staging' },
  expires: 1_700_000_559_000,
});
const EDIT = asks({
  id: 'r-edit',
  agent: 'builder',
  tool: 'Edit',
  input: {
    file_path: '/home/alice/payments/src/api.ts',
    old_string: 'const a = 1;\nreturn a;',
    new_string: 'const a = 2;\nreturn a;',
  },
  title: 'Edit src/api.ts +1 −1',
});

const desk = (drafts: readonly Draft[] = [], options: DeskOptions = {}) =>
  new Desk([...FLEET, ...drafts], options);

describe('the first screen', () => {
  test('answers who needs me, who is in trouble, what is happening', () => {
    const text = textOf(desk([status('deployer', 'asking', 'r-high'), HIGH, EDIT]).state);
    expect(text).toContain('payments');
    expect(text).toContain('WATCH');
    expect(text).toMatch(/▲ 1 asking\s+◐ 1 healing\s+● 1 working/);
    expect(text).toMatch(/▸ HIGH deployer kubectl delete ns staging/);
    expect(text).toMatch(/LOW builder Edit src\/api\.ts \+1 −1/);
    expect(text).toContain('held by prod-guard: production is decided by');
    expect(text).toContain('needs 1 · refused in 9:19 if unanswered');
    expect(text).toMatch(/crawler\s+restart 2 in 400 ms · exit 137/);
    expect(text).toMatch(/a approve {2}d deny {2}e edit/);
  });

  test('says so when nothing waits', () => {
    expect(textOf(desk().state)).toContain('Nothing waits for you.');
  });

  test('says why a person cannot decide', () => {
    expect(textOf(desk([], { mode: 'observe' }).state)).toMatch(/You cannot decide now: not in observe mode/);
  });
});

describe('every size', () => {
  const SIZES = [
    [160, 44],
    [200, 60],
    [120, 20],
    [80, 24],
    [72, 18],
    [60, 16],
    [40, 12],
  ] as const;

  test.each(SIZES)(
    '%ix%i is filled exactly, in every pane and with everything that can open',
    (cols, rows) => {
      for (const keys of [
        [],
        ['?'],
        ['w'],
        ['a'],
        ['d'],
        ['e'],
        ['e', 'enter'],
        [':'],
        ['/'],
        ['enter'],
        ['tab'],
        ['tab', 'tab'],
        ['tab', 'tab', 'tab'],
        ['t', 'enter'],
        ['m'],
      ]) {
        const d = desk([HIGH, EDIT], { cols, rows }).press(...keys);
        const drawn = rowsOf(d.state);
        expect(drawn).toHaveLength(rows);
        for (const row of drawn) expect(stringWidth(row), `${keys.join(' ')}: ${row}`).toBe(cols);
      }
    },
  );

  test.each([
    [20, 5],
    [39, 12],
    [40, 11],
    [5, 2],
    [1, 1],
  ])('%ix%i is too small, and says so', (cols, rows) => {
    const text = textOf(desk([HIGH], { cols, rows }).state);
    expect(text.split('\n')).toHaveLength(rows);
    if (cols >= 20 && rows >= 2)
      expect(text.replace(/\s+/g, ' ').trim()).toBe(`too small: ${cols}x${rows}, needs 40x12`);
  });

  test('on a small screen the queue opens over the agent by itself, and Esc shuts it until something new asks', () => {
    const d = desk([], { cols: 80, rows: 24 }).press('1');
    expect(textOf(d.state)).not.toContain('Approvals');
    d.emit(HIGH);
    expect(textOf(d.state)).toContain('Approvals 1');
    d.press('esc');
    expect(textOf(d.state)).not.toContain('Approvals');
    expect(textOf(d.state)).toMatch(/▲ 1 waits: Tab to the queue/);
    d.emit(EDIT);
    expect(textOf(d.state)).toContain('Approvals 2');
  });

  test('the drawer never takes the focus', () => {
    const d = desk([], { cols: 80, rows: 24 }).press('1').emit(HIGH).press('a', 'y');
    expect(d.state.ui.focus).toBe('agents');
    expect(d.sends).toEqual([]);
  });
});

describe('an action is shown whole', () => {
  const shown = (tool: string, input: JsonObject, width = 60): string =>
    actionRows({ tool, input, cwd: '/work' }, width)
      .map(row => row.map(span => (typeof span === 'string' ? span : span[0])).join(''))
      .join('\n');

  test('a command with every line of it and every other field', () => {
    expect(shown('Bash', { command: 'cd a\nrm -rf b', description: 'clean up', timeout: 5 })).toBe(
      '$ cd a\n  rm -rf b\ndescription: clean up\ntimeout: 5\nin /work',
    );
  });

  test('a row that is full goes on in the next, marked, and no character is lost', () => {
    const command = `echo ${'0123456789'.repeat(20)}`;
    const text = shown('Bash', { command }, 40);
    expect(text.split('\n')[1]).toMatch(/^↪ \d/);
    expect(text.replace(/\n↪ /g, '')).toContain(command);
  });

  test('an edit as a diff with all lines, a new file as all added', () => {
    expect(
      shown('Edit', { file_path: '/work/a', old_string: 'x\ny', new_string: 'x\nz', replace_all: true }),
    ).toBe('/work/a\n  x\n- y\n+ z\nreplace_all: true\nin /work');
    expect(shown('Write', { file_path: '/work/a', content: 'one\ntwo' })).toBe(
      '/work/a\n+ one\n+ two\nin /work',
    );
  });

  test('words of a command as they would have to be quoted', () => {
    expect(shown('exec', { argv: ['sh', '-c', 'echo "a b"'] })).toBe('$ sh -c \'echo "a b"\'\nin /work');
  });

  test('a tool nobody knows, with its whole input', () => {
    expect(shown('mcp__x', { a: { b: [1, 2] } })).toContain('"b": [');
  });

  test('hidden and turning characters are made visible', () => {
    const text = shown('Bash', { command: 'ls \x1b[2K\u202e#' });
    expect(text).toContain('␛[2K');
    expect(text).toContain('⟨U+202E⟩');
    expect(text).not.toMatch(/[\x1b\u202e]/);
  });

  test('whatever the input is, all of its printable text can be read', () => {
    const input = fc.record({
      command: fc.string({ unit: fc.constantFrom('a', ' ', '\n', '漢', "'", '$'), maxLength: 80 }),
    });
    fc.assert(
      fc.property(input, fc.integer({ min: 20, max: 50 }), (given, width) => {
        const rows = shown('Bash', given, width).split('\n');
        for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
        const joined = rows
          .slice(0, -1)
          .reduce(
            (text, row) => (row.startsWith('↪ ') ? text + row.slice(2) : `${text}\n${row.slice(2)}`),
            '',
          );
        expect(joined.slice(1)).toBe(given.command);
      }),
    );
  });

  test('what does not fit is said, and can be scrolled to', () => {
    const long = asks({
      id: 'r-long',
      agent: 'builder',
      input: { command: Array.from({ length: 80 }, (_, i) => `step ${i}`).join('\n') },
    });
    const d = desk([long]);
    expect(textOf(d.state)).toMatch(/▼ \d+ more/);
    expect(textOf(d.state)).not.toContain('step 79');
    for (let i = 0; i < 10; i++) d.press('J');
    expect(textOf(d.state)).toContain('step 79');
    expect(textOf(d.state)).toMatch(/▲ \d+ .*▼ end/);
    d.press('enter');
    expect(textOf(d.state)).toContain('step 0');
  });

  test('at 40x12 the action itself comes first', () => {
    expect(textOf(desk([HIGH], { cols: 40, rows: 12 }).state)).toContain('$ kubectl delete ns staging');
  });
});

describe('modes are visible', () => {
  test.each([
    ['observe', '╭'],
    ['prepare', '┄'],
    ['watch', '╭'],
    ['collaborate', '╭'],
  ] as const)('%s: its name and its frame', (mode, stroke) => {
    const text = textOf(desk([], { mode }).state);
    expect(text).toContain(mode.toUpperCase());
    expect(text).toContain(stroke);
  });

  test('collaborate wears the operator’s colour, and the agent says who holds its keyboard', () => {
    const held: Draft = {
      kind: 'lease.taken',
      actor: SYSTEM,
      subject: 'agent:builder',
      data: { name: 'keyboard:builder', session: SessionId.parse('s-1'), fence: 1 },
    };
    const d = desk([], { mode: 'collaborate' }).emit(held).press('1');
    expect(textOf(d.state)).toContain('⌨ alice');
    d.press('enter');
    expect(textOf(d.state)).toMatch(/Ctrl-\\ back · every other key goes to builder/);
    const [alice] = writesOf(desk([], { mode: 'collaborate' }).state);
    const [bob] = writesOf(desk([], { mode: 'collaborate', operator: 'zoe' }).state);
    expect(alice).not.toBe(bob);
  });

  test('in other modes the stage says how to type', () => {
    expect(textOf(desk().press('1', 'enter').state)).toMatch(/looking only: collaborate mode types m c/);
  });

  test('prepare shows the tray: what would happen', () => {
    const d = desk([HIGH], { mode: 'prepare' }).emit(
      {
        kind: 'stage.added',
        actor: SYSTEM,
        subject: 'x',
        data: {
          session: SessionId.parse('s-1'),
          item: 1,
          staged: { type: 'message', agent: AgentId.parse('builder'), text: 'go\x1bon' },
        },
      },
      {
        kind: 'stage.added',
        actor: SYSTEM,
        subject: 'x',
        data: {
          session: SessionId.parse('s-1'),
          item: 2,
          staged: {
            type: 'decision',
            request: RequestId.parse('r-high'),
            decision: 'approve',
            note: '',
            digest: digest(7),
          },
        },
      },
    );
    expect(textOf(d.state)).toMatch(/Tray 2 staged/);
    expect(textOf(d.state)).toMatch(/types into builder, then Enter: “go␛on”/);
    expect(textOf(d.state)).toMatch(/approve HIGH deployer kubectl[^\n]*\n[^\n]*it runs/);
    d.emit(settled('r-high', 'denied'));
    expect(textOf(d.state)).toMatch(/nothing would happen: it is denied/);
  });
});

test('an ungated agent is a warning that stays', () => {
  const d = desk().emit({
    kind: 'gating.changed',
    actor: SYSTEM,
    subject: 'agent:docs',
    data: { agent: AgentId.parse('docs'), gating: 'ungated', detail: 'gate: off' },
  });
  expect(textOf(d.state)).toMatch(/5 docs\s+!/);
  expect(textOf(d.press('5').state)).toContain('! UNGATED');
});

test('why shows the evidence: source, age, certainty; rules and digest', () => {
  const agent = textOf(desk().press('1', 'w').state);
  expect(agent).toMatch(/seen\s+hook: tests/);
  expect(agent).toMatch(/sure\s+90 %/);
  const request = textOf(desk([HIGH]).press('w').state);
  expect(request).toMatch(/rules\s+prod-guard/);
  expect(request).toContain(digest(7));
});

test('a forbidden request stays in view with who can do what', () => {
  const d = desk([
    asks({ id: 'r-nono', agent: 'docs', verdict: 'forbid', needs: 0, input: { command: 'mkfs /dev/sda' } }),
  ]);
  d.emit(settled('r-nono', 'forbidden')).press('down');
  expect(textOf(d.state)).toMatch(/▸ FORBIDDEN docs mkfs \/dev\/sda/);
  expect(textOf(d.state)).toContain('nothing ran · a lead can override it: o');
});

test('the audit shows an event of the journal, whole', () => {
  const d = desk([HIGH]).press('t', 'down', 'enter');
  expect(textOf(d.state)).toMatch(/"kind": "gate.requested"/);
});

test('an engine that is away is said, and the state stays on screen', () => {
  const d = desk([HIGH]);
  d.act({ type: 'lost', reason: 'gone', at: d.at }).wait(3000);
  expect(textOf(d.state)).toContain('engine restarting… 0:03');
  expect(textOf(d.state)).toContain('kubectl delete ns staging');
});

test('a fleet that was taken down is said to be down, not restarting', () => {
  const d = desk([HIGH]);
  d.emit({ kind: 'engine.stopped', actor: SYSTEM, subject: 'engine', data: { reason: 'down' } });
  d.act({ type: 'lost', reason: 'gone', at: d.at });
  expect(textOf(d.state)).toContain('the fleet is down · q quits');
});

test('a grant in force changes nothing that is shown of the request', () => {
  const d = desk([HIGH]);
  const before = textOf(d.state);
  d.emit({
    kind: 'grant.issued',
    actor: SYSTEM,
    subject: 'agent:docs',
    data: {
      grant: GrantId.parse('g-aaaa'),
      agent: AgentId.parse('docs'),
      match: { digest: '', shape: 'x' },
      uses: 1,
      expires: 0,
      override: false,
      reason: '',
    },
  });
  expect(textOf(d.state).split('\n')[4]).toBe(before.split('\n')[4]);
});

describe('what is written to the terminal', () => {
  test('is nothing when nothing differs, and little when little does', () => {
    const d = desk([HIGH]);
    const first = d.state;
    const second = d.wait(1000).state;
    const [all = '', again, aged = ''] = writesOf(first, { ...first }, second);
    expect(again).toBe('');
    expect(aged).not.toBe('');
    expect(aged.length).toBeLessThan(all.length / 4);
  });

  test('is one synchronized update, and everything again after a resize', () => {
    const d = desk([HIGH]);
    const [first = '', second = ''] = writesOf(d.state, d.resize(100, 30).state);
    for (const writes of [first, second]) {
      expect(writes.startsWith('\x1b[?2026h')).toBe(true);
      expect(writes.endsWith('\x1b[?2026l')).toBe(true);
      expect(writes).toContain('\x1b[2J');
    }
  });

  test('an agent’s own screen goes through untouched', () => {
    const state = desk().press('1').state;
    const rows = Array.from({ length: 60 }, (_, i) => `\x1b[31mrow ${i}\x1b[0m`.padEnd(200));
    expect(textOf(state, rows)).toContain('row 3');
  });
});

test('without a canvas the same panes are Ink’s own text: for screen readers and tests', () => {
  const { state } = desk([HIGH], { cols: 100, rows: 30 });
  const { lastFrame, unmount } = render(app({ state, theme: compile(dark), screen: null }));
  const text = plain(lastFrame() ?? '');
  unmount();
  expect(text.split('\n').map(r => r.trimEnd())).toEqual(rowsOf(state).map(r => r.trimEnd()));
});

test('a pane can be rendered on its own', () => {
  const { state } = desk([HIGH], { cols: 100 });
  const theme = compile(dark);
  const given = { state, theme, screen: null };
  const header = render(
    <Box height={1}>
      <Header {...given} rect={{ x: 0, y: 0, w: 100, h: 1 }} />
    </Box>,
  );
  expect(plain(header.lastFrame() ?? '')).toContain('payments');
  header.unmount();
  const Agents = PANES.agents;
  const agents = render(
    <Box height={14}>
      <Agents {...given} rect={{ x: 0, y: 0, w: 30, h: 14 }} />
    </Box>,
  );
  expect(plain(agents.lastFrame() ?? '')).toContain('deployer');
  agents.unmount();
});

test('what is overridden is named where the reason is asked for, and a critical one by its agent too', () => {
  const d = desk([
    asks({
      id: 'r-nono',
      agent: 'docs',
      verdict: 'forbid',
      needs: 0,
      risk: 95,
      input: { command: 'mkfs /dev/sda' },
    }),
  ]);
  d.emit(settled('r-nono', 'forbidden')).press('down', 'o');
  expect(textOf(d.state)).toMatch(/Override · give a reason[^\n]*\n┃ mkfs \/dev\/sda/);
  d.paste('drill').press('enter');
  expect(textOf(d.state)).toMatch(/CRITICAL type docs to override it/);
});
