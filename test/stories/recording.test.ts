/** Recordings of a running fleet: complete whatever dies, marked, settled in the journal, and proved afterwards. */
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseEvent } from '../../src/recording/cast.ts';
import { isAlive, type Program, withProgram } from '../support/program.ts';
import { end } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

interface Verified {
  readonly file: string;
  readonly verdict: string;
  readonly faults: readonly string[];
}

function stateFolder(home: string): string {
  const fleets = join(home, 'state', 'fleets');
  return join(fleets, readdirSync(fleets)[0] ?? '');
}

const castOf = (program: Program, name: string): string =>
  join(stateFolder(program.home), 'recordings', `${name}.cast`);

function recorderPid(home: string): number {
  const log = readFileSync(join(stateFolder(home), 'recorder.log'), 'utf8');
  const pid = Number([...log.matchAll(/ recorder (\d+) begins/g)].at(-1)?.[1] ?? 0);
  return pid > 0 && isAlive(pid) ? pid : 0;
}

/** What a recording has of the pane's output. */
async function outputOf(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines
    .flatMap(line => parseEvent(line) ?? [])
    .flatMap(e => (e.code === 'o' ? [e.data] : []))
    .join('');
}

async function verified(program: Program, name?: string): Promise<readonly Verified[]> {
  const ran = await program.hms('record', 'verify', ...(name === undefined ? [] : [name]), '--json');
  return JSON.parse(ran.stdout).recordings;
}

/** Resolves when the recording of that name has ended. */
async function ended(program: Program, name: string): Promise<void> {
  await waitFor(
    async () => (await verified(program)).some(v => v.file === name && v.verdict === 'complete'),
    {
      what: `${name} to end`,
      deadlineMs: 30_000,
      everyMs: 100,
    },
  );
}

describe('a recording', () => {
  test('has every byte, though recorder and engine are killed again and again meanwhile', async () => {
    await withProgram(async program => {
      await program.fleet(`fleet: flood
agents:
  flooder:
    command: [sh, -c, 'while [ ! -e go ]; do sleep 0.05; done; seq 1 1200000; echo ü€😀 done']
    restart: never
`);
      await program.hms('up');
      const pid = await waitFor(() => recorderPid(program.home), { what: 'the recorder' });
      expect(getPriority(pid)).toBeGreaterThan(getPriority(await program.enginePid()));
      await waitFor(
        () => readdirSync(join(stateFolder(program.home), 'recordings')).includes('flooder.1.cast'),
        {
          what: 'the recording to begin',
        },
      );
      await writeFile(join(program.dir, 'go'), '');
      let kills = 0;
      await waitFor(
        async () => {
          if (kills < 6) {
            const running = recorderPid(program.home);
            if (running > 0) {
              // Killed, or asked to end: another one comes.
              if (kills % 2 === 0) end(running);
              else process.kill(running, 'SIGTERM');
              kills += 1;
              if (kills === 3) end(await program.enginePid());
            }
          }
          return kills === 6 && (await outputOf(castOf(program, 'flooder.1'))).includes('done');
        },
        { what: 'the end of the flood to be recorded', deadlineMs: 120_000, everyMs: 60 },
      );
      await ended(program, 'flooder.1.cast');
      const expected = `${Array.from({ length: 1_200_000 }, (_, n) => `${n + 1}\r\n`).join('')}ü€😀 done\r\n`;
      // Not toBe: a difference of megabytes is not for people to read.
      expect((await outputOf(castOf(program, 'flooder.1'))) === expected).toBe(true);
      const cast = await readFile(castOf(program, 'flooder.1'), 'utf8');
      expect(cast.match(/"m","recording.resumed · by a new recorder"/g)?.length).toBeGreaterThan(0);
      expect(cast).toMatch(/,"x","0"\]\n/);
      const audit = await program.json<{ ok: boolean }>('audit', 'verify');
      expect(audit.ok).toBe(true);
    });
  }, 180_000);

  test('is marked with what happened to its agent, and says how each run ended', async () => {
    await withProgram(async program => {
      await program.fleet(`fleet: marks
agents:
  worker:
    command: [sh, -c, 'echo begun; "$HMS_BIN" gate run -- git push origin main; echo over; exit 3']
    restart: {when: on-failure, max: 1, from: 10ms}
`);
      await program.hms('up');
      const request = await waitFor(
        async () => (await program.json<{ approvals: { id: string }[] }>('status')).approvals[0]?.id,
        { what: 'the request' },
      );
      await program.hms('approvals', 'deny', request, '--note', 'not \u001b[2Jnow');
      await ended(program, 'worker.1.cast');
      const first = await readFile(castOf(program, 'worker.1'), 'utf8');
      expect(first).toMatch(/"m","gate.requested · asks: git push origin main/);
      expect(first).toMatch(/"m","approval.decided · \S+: denies r-\w+ · not ␛\[2Jnow"/);
      expect(first).toMatch(/"m","agent.exited · exited 3/);
      expect(first).toMatch(/,"x","3"\]\n# hms [\d ]+\n$/);
      await waitFor(
        () => readdirSync(join(stateFolder(program.home), 'recordings')).includes('worker.2.cast'),
        {
          what: 'the next run to be recorded',
        },
      );
      const down = await program.hms('down');
      expect(down.code).toBe(0);
      const all = await verified(program);
      expect(all.map(v => [v.file, v.verdict])).toEqual([
        ['worker.1.cast', 'complete'],
        ['worker.2.cast', 'complete'],
      ]);
    });
  }, 60_000);

  test('is told torn, altered, grown, missing or unknown when it was touched', async () => {
    await withProgram(async program => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      await program.fleet(`fleet: touched
agents:
${names.map(n => `  ${n}: {command: [sh, -c, 'echo from ${n}; seq 1 500'], restart: never}`).join('\n')}
`);
      await program.hms('up');
      for (const name of names) await ended(program, `${name}.1.cast`);
      expect((await program.hms('record', 'verify')).code).toBe(0);
      await truncate(castOf(program, 'a.1'), 700);
      const cast = await readFile(castOf(program, 'b.1'), 'utf8');
      await writeFile(castOf(program, 'b.1'), cast.replace('from b', 'from x'));
      await appendFile(castOf(program, 'c.1'), '[1,"o","more"]\n');
      await program.hms('down');
      await writeFile(join(stateFolder(program.home), 'recordings', 'z.9.cast'), cast);
      const { rm } = await import('node:fs/promises');
      await rm(castOf(program, 'd.1'));
      const found = Object.fromEntries((await verified(program)).map(v => [v.file, v]));
      expect(found['a.1.cast']).toMatchObject({
        verdict: 'torn',
        faults: [expect.stringMatching(/^torn at byte 700, in chunk \d$/)],
      });
      expect(found['b.1.cast']).toMatchObject({ verdict: 'altered', faults: ['chunk 1 is altered'] });
      expect(found['c.1.cast']).toMatchObject({
        verdict: 'altered',
        faults: ['15 bytes stand behind its end'],
      });
      expect(found['d.1.cast']).toMatchObject({ verdict: 'missing' });
      expect(found['e.1.cast']).toMatchObject({ verdict: 'complete', faults: [] });
      expect(found['z.9.cast']).toMatchObject({ verdict: 'unknown' });
      const ran = await program.hms('record', 'verify');
      expect(ran.code).toBe(1);
      expect(ran.stdout).toContain('NOT AS RECORDED');
      expect((await program.hms('record', 'verify', 'e.1')).code).toBe(0);
    });
  }, 60_000);

  test('plays in a terminal, cell by cell: what it holds cannot steer that terminal', async () => {
    await withProgram(async program => {
      const cast = [
        '{"version":3,"term":{"cols":40,"rows":5},"title":"x"}',
        '[0,"o","\\u001b]0;stolen\\u0007\\u001b[31mhello\\u001b[0m 日本\\r\\n"]',
        '[0.1,"m","here \\u001b[2J"]',
        '[0,"o","\\u001b[?1049h\\u001b[2;3Hsecond"]',
        '[3600,"o"," third"]',
      ];
      await writeFile(join(program.dir, 'x.cast'), `${cast.join('\n')}\n`);
      const terminal = await program.terminal(['record', 'play', './x.cast', '--idle', '1'], {
        cols: 60,
        rows: 10,
      });
      await terminal.shows('second third', '0:01/0:01', 'end', 'here ␛[2J');
      await terminal.press('Home', 'Space');
      await terminal.shows('hello 日本', 'paused', '0:00/0:01');
      await terminal.press(']');
      await terminal.shows('second');
      await terminal.press('q');
      expect(await terminal.ended()).toBe(0);
    });
  }, 60_000);
});
