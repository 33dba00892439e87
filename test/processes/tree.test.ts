/** Whose a process is: by descent, and where that is lost, by terminal, by mark, by memory. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FleetTrees } from '../../src/processes/fleet-trees.ts';
import { agentIn, ourselves } from '../../src/processes/mark.ts';
import { parsePs } from '../../src/processes/ps.ts';
import { type ProcessInfo, parseStat } from '../../src/processes/stat.ts';
import { keyOf, readProcess, readTable, tableOf } from '../../src/processes/table.ts';
import { treesOf } from '../../src/processes/tree.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

function info(pid: number, parent: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
  const plain = { group: pid, session: pid, tty: '', state: 'S', born: `b${pid}`, name: `p${pid}` };
  return { pid, parent, ...plain, cpuMs: 0, childrenMs: 0, rss: 0, threads: 1, ...more };
}

const lineage = {
  roots: [
    { agent: 'one', pid: 10, born: 'b10' },
    { agent: 'two', pid: 20, born: 'b20' },
  ],
  known: new Map<string, string>(),
  markOf: () => undefined,
  never: new Set([1, 99]),
  server: 5,
};
const pidsOf = (table: readonly ProcessInfo[], more = {}) =>
  Object.fromEntries(
    [...treesOf(tableOf(table), { ...lineage, ...more })].map(([agent, tree]) => [
      agent,
      tree.map(p => p.pid),
    ]),
  );

describe('trees', () => {
  test('descend from the program, parents first; the holder and tmux are nobody’s', () => {
    const table = [
      info(5, 1),
      info(9, 5),
      info(12, 11),
      info(11, 10),
      info(10, 9),
      info(20, 19),
      info(19, 5),
    ];
    expect(pidsOf(table)).toEqual({ one: [10, 11, 12], two: [20] });
  });

  test('go on where the parent has ended: by terminal, by mark, by memory; never over a reused pid', () => {
    const table = [
      info(10, 9, { tty: '34816' }),
      info(30, 1, { tty: '34816' }),
      info(31, 1),
      info(32, 31),
      info(33, 1),
    ];
    const known = new Map([[keyOf(info(33, 1)), 'two']]);
    const markOf = ({ pid }: ProcessInfo) => (pid === 31 ? 'one' : undefined);
    expect(pidsOf(table, { known, markOf })).toEqual({ one: [10, 30, 31, 32], two: [33] });
    expect(pidsOf([info(10, 9, { born: 'another' })])).toEqual({ one: [], two: [] });
  });

  test('never hold ourselves or what we stand on, and leave out what has ended', () => {
    const table = [info(10, 9), info(99, 10), info(100, 99), info(11, 10, { state: 'Z' })];
    expect(pidsOf(table)).toEqual({ one: [10], two: [] });
    const ours = ourselves(pid => readProcess(pid)?.parent);
    expect(ours.has(process.pid) && ours.has(process.ppid) && ours.has(1)).toBe(true);
  });

  test('tell a parent that waits for a stopped child to become its program as stopped too', () => {
    const table = [
      info(10, 9, { state: 'D' }),
      info(11, 10, { state: 'D' }),
      info(12, 11, { state: 'T' }),
      info(13, 10),
      info(20, 19, { state: 'D' }),
    ];
    const trees = treesOf(tableOf(table), lineage);
    expect(trees.get('one')?.map(p => p.state)).toEqual(['T', 'T', 'S', 'T']);
    expect(trees.get('two')?.map(p => p.state)).toEqual(['D']);
  });

  test('end for every table, circles too, and hold no process twice', () => {
    const pid = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(pid, pid), { maxLength: 20 }), pairs => {
        const table = pairs.map(([one, parent]) => info(one + 8, parent + 8));
        const trees = treesOf(tableOf(table), { ...lineage, server: 9, never: new Set([12]) });
        const all = [...trees.values()].flat().map(keyOf);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});

describe('real processes', () => {
  test.skipIf(process.platform !== 'linux')(
    'that fork twice into a session of their own are found by their mark',
    async () => {
      await withFolder(async dir => {
        const away = `(setsid sh -c 'echo $$ > ${dir}/away; exec sleep 1000' &) ; exec sleep 1000`;
        const env = { ...process.env, HMS_AGENT: 'one', HMS_SOCKET: `${dir}/agent.sock` };
        const child = spawn('sh', ['-c', away], { stdio: 'ignore', detached: true, env });
        const pid = child.pid ?? 0;
        let far = 0;
        try {
          await waitFor(
            () => existsSync(join(dir, 'away')) && readFileSync(join(dir, 'away'), 'utf8') !== '',
            { what: 'it to be away' },
          );
          far = Number(readFileSync(join(dir, 'away'), 'utf8'));
          const of = (socket: string) =>
            new FleetTrees({
              roots: () => [{ agent: 'one', pid, born: '' }],
              socket,
              server: 0,
              never: new Set([process.pid]),
            });
          await waitFor(() => readProcess(far)?.name === 'sleep', { what: 'it to sleep' });
          const find = of(`${dir}/agent.sock`);
          expect(
            find
              .all()
              .get('one')
              ?.map(p => p.pid)
              .sort(),
          ).toEqual([pid, far].sort());
          expect(find.look().get('one')?.length).toBe(2);
          expect(find.look().get('one')?.length).toBe(2);
          // Another fleet's agent of that name is not ours.
          expect(
            of('/another/agent.sock')
              .all()
              .get('one')
              ?.map(p => p.pid),
          ).toEqual([pid]);
        } finally {
          for (const one of [pid, far]) if (one > 1) process.kill(one, 'SIGKILL');
        }
      });
    },
  );
});

describe('reading', () => {
  test('proc(5): a name with spaces and parentheses does not confuse', () => {
    const fields = [
      'T',
      4,
      5,
      6,
      34816,
      7,
      8,
      9,
      10,
      11,
      12,
      150,
      50,
      30,
      20,
      20,
      0,
      3,
      0,
      '4242',
      99,
      25,
      0,
    ].join(' ');
    expect(parseStat(`77 (a) b (c) ${fields}`)).toEqual({
      pid: 77,
      parent: 4,
      group: 5,
      session: 6,
      tty: '34816',
      state: 'T',
      born: '4242',
      name: 'a) b (c',
      cpuMs: 2000,
      childrenMs: 500,
      rss: 25 * 4096,
      threads: 3,
    });
    expect(parseStat('77 (x')).toBeUndefined();
    expect(parseStat('')).toBeUndefined();
  });

  test('ps of macOS: terminals, days of CPU, programs with blanks in their path', () => {
    const text = [
      '    1     0     1 ??       Ss     1:02.50  12345 Sat Nov  1 08:00:00 2025     /sbin/launchd',
      '  501   400   501 ttys003  T   1-02:03:04  20480 Sat Nov 21 13:42:03 2026     /Applications/My App.app/Contents/MacOS/My App',
      '  502   501   501 ttys003  R+      0:00.01    100 Sat Nov 21 13:42:04 2026     -zsh',
      'nonsense',
    ].join('\n');
    const all = parsePs(text);
    expect(all.map(p => [p.pid, p.parent, p.tty, p.state, p.name, p.cpuMs])).toEqual([
      [1, 0, '', 'S', 'launchd', 62_500],
      [501, 400, 'ttys003', 'T', 'My App', 93_784_000],
      [502, 501, 'ttys003', 'R', '-zsh', 10],
    ]);
    expect(all[0]).toMatchObject({ born: 'Sat Nov  1 08:00:00 2025', rss: 12345 * 1024, threads: null });
  });

  test('this machine’s ps and its /proc tell the same', () => {
    const format = 'pid=,ppid=,pgid=,tty=,state=,time=,rss=,lstart=,comm=';
    const text = execFileSync('ps', ['-axww', '-o', format], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const me = parsePs(text).find(p => p.pid === process.pid);
    expect(me).toMatchObject({ parent: process.ppid });
    expect(readTable().get(process.pid)).toMatchObject({ parent: process.ppid });
  });

  test('an environment names an agent only together with its fleet’s socket', () => {
    expect(agentIn('A=1\0HMS_AGENT=one\0HMS_SOCKET=/s\0', '/s')).toBe('one');
    expect(agentIn('HMS_AGENT=one\0HMS_SOCKET=/other\0', '/s')).toBeUndefined();
    expect(agentIn('XHMS_AGENT=one\0HMS_SOCKET=/s', '/s')).toBeUndefined();
  });
});
