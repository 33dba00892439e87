/** Agents and a person write to each other: the built program in a real terminal, real agents, real sockets. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlive, type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

interface Shown {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly unread: boolean;
}

/** A fleet of shell scripts in files of the fleet's folder; `hms` in them is the program under test. */
async function team(program: Program, scripts: Readonly<Record<string, string>>): Promise<void> {
  const agents = Object.entries(scripts).map(([name, script]) => {
    writeFileSync(
      join(program.dir, `${name}.sh`),
      `hms() { "$HMS_BIN" "$@"; }\n${script}\nexec sleep 1000000\n`,
    );
    return `  ${name}: { command: [/bin/sh, ${name}.sh], restart: never }`;
  });
  await program.fleet(`fleet: story\nagents:\n${agents.join('\n')}\n`);
}

const ID = `sed -n 's/.*"id": *"\\(m-[0-9a-z]*\\)".*/\\1/p'`;

/** A program of an agent that speaks to the socket itself, as fast as it can. */
const FLOOD = `import { createConnection } from 'node:net';
const socket = createConnection(process.env.HMS_SOCKET);
const send = (id, name, given) => socket.write(JSON.stringify({ id, do: name, with: given }) + '\\n');
send(0, 'hello', { protocol: 1, token: process.env.HMS_TOKEN });
for (let i = 1; i <= 200; i += 1) send(i, 'message', { to: 'quiet', text: 'message ' + i });
let got = '';
socket.on('data', chunk => {
  got += chunk;
  if (got.split('\\n').length > 200) { console.error(got); socket.end(); }
});
`;

describe('agents talk', () => {
  test('a person sees it: told, in the timeline, filtered, in lanes, and all of a conversation in its details', async () => {
    await withProgram(async program => {
      await team(program, {
        asker:
          'while [ ! -e go ]; do sleep 0.05; done\nhms message send helper "where is the lockfile"\nhms message wait --timeout 60s > heard',
        helper: `id=$(hms message wait --timeout 60s --json | ${ID})\nhms message reply $id "in the cellar"\nhms message send @people "we found it"`,
      });
      const terminal = await program.terminal([]);
      await terminal.shows('asker', 'helper');
      writeFileSync(join(program.dir, 'go'), '');
      await terminal.shows(
        '✉ 1',
        /asker → helper: where is the lockfile/,
        /helper → asker \(answers\): in the cellar/,
      );
      await waitFor(() => readFileSync(join(program.dir, 'heard'), 'utf8').includes('in the cellar'), {
        what: 'the answer in the agent',
      });
      // In focus it has been read.
      await terminal.press('t');
      await terminal.shows('Audit');
      await terminal.press('t');
      await terminal.hides('✉ 1');
      await terminal.press('/');
      await terminal.type('kind:message from:helper');
      await terminal.hides('where is the lockfile');
      await terminal.press('Enter');
      await terminal.shows('/kind:message from:helper', 'in the cellar', 'we found it');
      await terminal.press('Escape');
      await terminal.shows('where is the lockfile');
      await terminal.press('W');
      await terminal.shows('Lanes', /asker +helper +@people/, /●─+ where is the lockfile ─*▶|●─+▶/);
      await terminal.press('f');
      await terminal.type('cellar');
      await terminal.press('Enter');
      await terminal.shows('›');
      await terminal.press('Enter');
      await terminal.shows('belongs together', 'where is the lockfile', '▸');
      await terminal.press('Escape');
      await terminal.press('Escape');
    });
  });

  test('a flood is refused in words the agent reads, and is one line of the record', async () => {
    await withProgram(async program => {
      await team(program, {
        flooder: `${JSON.stringify(process.execPath)} flood.mjs 2> said`,
        quiet: '',
      });
      writeFileSync(join(program.dir, 'flood.mjs'), FLOOD);
      expect((await program.hms('up')).code).toBe(0);
      await waitFor(
        () => readFileSync(join(program.dir, 'said'), 'utf8').includes('flooder has sent 30 messages'),
        {
          what: 'the refusal',
          deadlineMs: 60_000,
        },
      );
      const noted = await program.hms('audit', 'search', '--kind', 'engine.noted', 'flood');
      expect(noted.stdout.trim().split('\n')).toHaveLength(1);
    });
  }, 120_000);
});

describe('people write', () => {
  test('from outside into an inbox, answered, and read once; nothing is typed into the pane', async () => {
    await withProgram(async program => {
      await team(program, {
        helper: `id=$(hms message wait --json | ${ID})\nhms message reply $id - < answer`,
      });
      writeFileSync(join(program.dir, 'answer'), 'two lines,\nand \x1b[31mcolour');
      expect((await program.hms('up')).code).toBe(0);
      const sent = await program.json<{ id: string; to: string }>(
        'message',
        'send',
        'helper',
        'hello',
        'there',
      );
      expect(sent.to).toBe('agent:helper');
      const ran = await program.hms('message', 'wait', '--timeout', '60s');
      expect(ran.code).toBe(0);
      expect(ran.stdout).toContain('helper → @');
      expect(ran.stdout).toContain(`(answers ${sent.id})`);
      expect(ran.stdout).toContain('    and ␛[31mcolour');
      expect((await program.hms('message', 'list', '--unread')).stderr).toContain('Nothing is unread.');
      expect((await program.json<Shown[]>('message', 'list')).map(m => m.unread)).toEqual([false, false]);
      const strange = await program.hms('message', 'send', 'nobody', 'hi');
      expect([strange.code, strange.stderr]).toEqual([
        1,
        expect.stringContaining('obody here is called "nobody"'),
      ]);
      expect((await program.hms('message', 'wait', '--timeout', '100ms')).code).toBe(75);
      const pane = await program.hms('agent', 'logs', 'helper');
      expect(pane.stdout).not.toContain('hello there');
    });
  });

  test('from the console, with the name completed and what is wrong told', async () => {
    await withProgram(async program => {
      await team(program, { helper: 'hms message wait > heard' });
      const terminal = await program.terminal([]);
      await terminal.shows('helper');
      await terminal.type('@');
      await terminal.shows('Write', '@people');
      await terminal.type('nob hi');
      await terminal.shows('nob hi');
      await terminal.press('Enter');
      await terminal.shows('nobody here is called');
      await terminal.press('C-u');
      await terminal.type('he');
      await terminal.press('Tab');
      await terminal.shows('helper');
      await terminal.type('from the console');
      await terminal.shows('from the console');
      await terminal.press('Enter');
      await waitFor(() => readFileSync(join(program.dir, 'heard'), 'utf8').includes('from the console'), {
        what: 'the message in the agent',
      });
    });
  });

  test('an engine that is killed in between loses no message and gives none twice', async () => {
    await withProgram(async program => {
      await team(program, {
        helper: 'touch ready; hms message wait > heard; hms message list --unread > rest 2>&1; touch over',
      });
      expect((await program.hms('up')).code).toBe(0);
      await waitFor(() => readFileSync(join(program.dir, 'ready'), 'utf8') === '', { what: 'the agent' });
      const pid = await program.enginePid();
      process.kill(pid, 'SIGKILL');
      await waitFor(async () => !isAlive(pid) && ![0, pid].includes(await program.enginePid()), {
        what: 'the next engine',
      });
      await waitFor(async () => (await program.hms('message', 'send', 'helper', 'still here')).code === 0, {
        what: 'the message to be taken',
      });
      await waitFor(() => readFileSync(join(program.dir, 'over'), 'utf8') === '', {
        what: 'the agent to have read',
      });
      expect(readFileSync(join(program.dir, 'heard'), 'utf8')).toContain('still here');
      expect(readFileSync(join(program.dir, 'rest'), 'utf8')).toContain('Nothing is unread.');
    });
  });
});
