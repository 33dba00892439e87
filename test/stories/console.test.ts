/** A person at the console: what they see and press, on the built program in a real terminal. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

/** An agent that asks for one command after the other and writes each exit code to `codes`. */
const asking = (...commands: string[]): string => `fleet: story
agents:
  asker:
    command: ${JSON.stringify(
      commands
        .map(c => `"$HMS_BIN" gate run -- ${c}; echo $? >> codes`)
        .join('; ')
        .concat('; exec sleep 1000000'),
    )}
    restart: never
  sleeper: { command: [sleep, "1000000"] }
`;

const codes = (program: Program, count: number): Promise<string> =>
  waitFor(
    () => {
      const file = join(program.dir, 'codes');
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return text.split('\n').length > count && text.trim().replaceAll('\n', ' ');
    },
    { what: `${count} exit codes` },
  );

const made = (program: Program, name = 'made'): boolean => existsSync(join(program.dir, name));

describe('deciding', () => {
  test('a lets it run; what was shown, for how long and which keys are on the record', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made', 'approve', 'WATCH');
      await terminal.decide('a');
      expect(await codes(program, 1)).toBe('0');
      expect(made(program)).toBe(true);
      await terminal.shows('Nothing waits');
      const { stdout } = await program.hms('audit', 'search', '--kind', 'approval.decided', '--json');
      expect(stdout).toMatch(/"keys":\["a"\]/);
      const shown = Number(/"shownMs":(\d+)/.exec(stdout)?.[1]);
      expect(shown).toBeGreaterThanOrEqual(400);
    });
  });

  test('d refuses it, and the words go to the agent', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made 2> words'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made', 'approve');
      await terminal.decide('d');
      await terminal.shows('Deny asker');
      await terminal.type('not today');
      await terminal.shows('▸ not today');
      await terminal.press('Enter');
      expect(await codes(program, 1)).toBe('77');
      expect(made(program)).toBe(false);
      expect((await program.hms('audit', 'search', 'not today')).stdout).toContain('denie');
    });
  });

  test('e changes what will run; the difference is shown before it does', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made', 'approve');
      await terminal.decide('e');
      await terminal.shows('Edit asker');
      await terminal.press('BSpace', 'BSpace', 'BSpace', 'BSpace');
      await terminal.type('other');
      await terminal.shows('touch other');
      await terminal.press('Enter');
      await terminal.shows('+');
      await terminal.decide('a');
      expect(await codes(program, 1)).toBe('0');
      expect([made(program), made(program, 'other')]).toEqual([false, true]);
    });
  });

  test('HIGH wants a second, different key', async () => {
    await withProgram(async program => {
      await program.fleet(asking('sudo -n true'));
      const terminal = await program.terminal([]);
      await terminal.shows('HIGH');
      await terminal.decide('a');
      await terminal.shows('HIGH: approve asker?');
      await terminal.press('a');
      await terminal.shows('HIGH: approve asker?');
      expect((await program.json<unknown[]>('approvals', 'list')).length).toBe(1);
      await terminal.press('y');
      await codes(program, 1);
    });
  });

  test('CRITICAL wants the name of the agent', async () => {
    await withProgram(async program => {
      await program.fleet(asking('kubectl delete namespace staging'));
      const terminal = await program.terminal([]);
      await terminal.shows('CRITICAL');
      await terminal.decide('a');
      await terminal.shows('type asker');
      await terminal.type('wrong');
      await terminal.shows('▸ wrong');
      await terminal.press('Enter');
      expect((await program.json<unknown[]>('approvals', 'list')).length).toBe(1);
      await terminal.press('Escape');
      await terminal.decide('a');
      await terminal.shows('type asker');
      await terminal.type('asker');
      await terminal.shows('▸ asker');
      await terminal.press('Enter');
      await codes(program, 1);
    });
  });

  test('a paste is never a decision, and neither is leaving', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made', 'approve');
      await terminal.paste('aaaa');
      await terminal.shows('a paste does nothing');
      await terminal.press('q');
      expect(await terminal.ended()).toBe(0);
      expect((await program.json<unknown[]>('approvals', 'list')).length).toBe(1);
      expect(made(program)).toBe(false);
    });
  });

  test('a lead overrides a forbid with a typed reason', async () => {
    await withProgram(async program => {
      await program.fleet(asking('mkfs.ext4 --help', 'mkfs.ext4 --help'));
      const terminal = await program.terminal([]);
      expect(await codes(program, 2)).toBe('77 77');
      await terminal.shows(/FORBIDDEN/);
      await terminal.press('Down');
      await terminal.shows('a lead can override it');
      await terminal.decide('o');
      await terminal.shows('It goes on the record');
      await terminal.type('help text only');
      await terminal.shows('▸ help text only');
      await terminal.press('Enter');
      // CRITICAL wants the name too, whoever decides.
      await terminal.shows('type asker to override it');
      await terminal.type('asker');
      await terminal.shows('▸ asker');
      await terminal.press('Enter');
      const { stdout } = await waitForAudit(program, 'grant.issued');
      expect(stdout).toContain('help text only');
    });
  });
});

describe('looking', () => {
  test('80x24 shows who asks and what, and the keys for it', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([], { cols: 80, rows: 24 });
      const screen = await terminal.shows('touch made', 'asker', 'approve');
      expect(screen.split('\n').every(line => line.length <= 80)).toBe(true);
    });
  });

  test('20x5 says it is too small, and a larger size brings everything back', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([], { cols: 20, rows: 5 });
      await terminal.shows('too small');
      await terminal.resize(120, 40);
      await terminal.shows('touch made', 'Timeline');
      await terminal.resize(200, 50);
      await terminal.shows('touch made', 'Timeline');
      await terminal.resize(80, 24);
      await terminal.shows('touch made');
    });
  });

  test("the focused agent's screen is live, and its hostile text stays inside", async () => {
    await withProgram(async program => {
      await program.fleet(
        `fleet: story\nagents:\n  talker: { command: "printf '\\\\033[1;32mgreen\\\\033[0m \\\\033]0;title\\\\007'; while [ ! -e go ]; do sleep 0.05; done; echo later; exec sleep 1000000" }\n`,
      );
      const terminal = await program.terminal([]);
      await terminal.shows(/│green/);
      expect(await terminal.styled()).toMatch(/32[0-9;]*mgreen/);
      writeFileSync(join(program.dir, 'go'), '');
      await terminal.shows(/later *│/);
    });
  });

  test('help, palette, filter and details open and close', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made');
      await terminal.press('?');
      await terminal.shows('Keys', 'Decide');
      await terminal.press('Escape');
      await terminal.hides('Decide');
      await terminal.type(':');
      await terminal.type('audit');
      await terminal.shows(/audit/);
      await terminal.press('Escape');
      await terminal.press('w');
      await terminal.shows('people-decide');
      await terminal.press('Escape');
      expect((await program.json<unknown[]>('approvals', 'list')).length).toBe(1);
    });
  });

  test('an engine that dies is said to be gone, and the console goes on with the next', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made');
      const pid = await program.enginePid();
      process.kill(pid, 'SIGKILL');
      await waitFor(async () => ![0, pid].includes(await program.enginePid()), { what: 'the next engine' });
      await terminal.hides(/engine (is )?(gone|restarting|down)/i);
      await terminal.shows('touch made');
      await terminal.decide('a');
      expect(await codes(program, 1)).toBe('0');
    });
  });
});

describe('modes and company', () => {
  test('a second console has its own mode, and both see each other', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const alice = await program.terminal([]);
      await alice.shows('touch made');
      const bob = await program.terminal(['attach', '--as', 'bob', '--mode', 'observe']);
      await bob.shows('OBSERVE', 'touch made');
      await alice.shows(/bob/);
      await bob.decide('a');
      expect((await program.json<unknown[]>('approvals', 'list')).length).toBe(1);
      await bob.press('q');
      expect(await bob.ended()).toBe(0);
      await alice.hides(/bob \(observe\)/);
    });
  });

  test('in collaborate mode keys go to the agent, and Ctrl-\\ brings the console back', async () => {
    await withProgram(async program => {
      await program.fleet('fleet: story\nagents:\n  typist: { command: "cat > typed" }\n');
      const terminal = await program.terminal([]);
      await terminal.shows('typist');
      await terminal.press('m');
      await terminal.press('c');
      await terminal.shows('COLLABORATE');
      await terminal.press('1');
      await terminal.press('Enter');
      await terminal.shows(/Ctrl-\\/i);
      await waitFor(
        async () =>
          (await program.hms('audit', 'search', '--kind', 'lease.taken')).stdout.includes('keyboard:typist'),
        {
          what: 'the keyboard',
        },
      );
      await terminal.type('hello q');
      await terminal.press('Enter');
      await waitFor(() => readFileSync(join(program.dir, 'typed'), 'utf8') === 'hello q\n', {
        what: 'the line',
      });
      await terminal.press('C-\\');
      await terminal.shows('Agents');
      await waitFor(
        async () =>
          (await program.hms('audit', 'search', '--kind', 'lease.released')).stdout.includes(
            'keyboard:typist',
          ),
        {
          what: 'the keyboard to be given back',
        },
      );
    });
  });

  test('prepare stages a decision and commits it', async () => {
    await withProgram(async program => {
      await program.fleet(asking('touch made'));
      const terminal = await program.terminal([]);
      await terminal.shows('touch made');
      await terminal.press('m');
      await terminal.press('p');
      await terminal.shows('PREPARE');
      await terminal.decide('a');
      await terminal.shows('Tray 1 staged');
      expect(made(program)).toBe(false);
      await terminal.press('C');
      await terminal.shows('Carry out');
      await terminal.press('y');
      expect(await codes(program, 1)).toBe('0');
    });
  });
});

/** Presses a decision key once the request has been on screen long enough for keys to count. */
const waitForAudit = (program: Program, kind: string) =>
  waitFor(
    async () => {
      const ran = await program.hms('audit', 'search', '--kind', kind, '--json');
      return ran.stdout.includes(kind) && ran;
    },
    { what: `an event ${kind}` },
  );
