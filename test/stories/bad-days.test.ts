/** Bad input and bad days: each ends in a clear sentence, and nothing is lost. */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FINE = 'fleet: story\nagents:\n  fine: { command: [sleep, "1000000"] }\n';

/** No stack trace, and not more than a few lines. */
function clear(text: string): string {
  expect(text).not.toMatch(/\n\s+at .*:\d+:\d+/);
  return text;
}

describe('a fleet file', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['broken YAML', 'fleet: story\nagents:\n  a: [\n', /hms\.yaml:\d+:\d+/],
    ['an unknown driver', 'fleet: story\nagents:\n  a: { driver: claud, command: x }\n', /claude/],
    ['an unknown key', 'fleet: story\nagents:\n  a: { comand: x }\n', /command/],
    ['no command', 'fleet: story\nagents:\n  a: { driver: command }\n', /command/],
    ['a folder that is not there', 'fleet: story\nagents:\n  a: { command: x, cwd: ./nowhere }\n', /nowhere/],
    [
      'a circle of needs',
      'fleet: story\nagents:\n  a: { command: x, needs: [b] }\n  b: { command: x, needs: [a] }\n',
      /a.*b.*a/,
    ],
    ['a policy that is not there', `${FINE}policies: [gone.cedar]\n`, /gone\.cedar/],
  ];
  for (const [name, yaml, words] of cases) {
    test(`with ${name} is refused in a sentence that says where`, async () => {
      await withProgram(async program => {
        await program.fleet(yaml);
        const up = await program.hms('up');
        expect(up.code).not.toBe(0);
        expect(clear(up.stderr)).toMatch(words);
        expect(up.stderr).toMatch(/hms\.yaml:\d+:\d+/);
      });
    });
  }

  test('with a policy that does not parse names file, line and column', async () => {
    await withProgram(async program => {
      await program.fleet(`${FINE}policies: [bad.cedar]\n`);
      writeFileSync(join(program.dir, 'bad.cedar'), 'permit (principal,\n action resource);\n');
      const up = await program.hms('up');
      expect(up.code).not.toBe(0);
      expect(clear(up.stderr)).toMatch(/bad\.cedar:\d+:\d+/);
    });
  });

  test('that is missing says what to do', async () => {
    await withProgram(async program => {
      const up = await program.hms('up');
      expect(up.code).not.toBe(0);
      expect(clear(up.stderr)).toMatch(/hms\.yaml/);
    });
  });
});

describe('the command line', () => {
  test('without tmux says how to install it', async () => {
    await withProgram(async program => {
      await program.fleet(FINE);
      program.env.PATH = program.dir;
      const up = await program.hms('up');
      expect(up.code).not.toBe(0);
      expect(clear(up.stderr)).toMatch(/tmux/);
    });
  });

  test('on a fleet that is not running says so', async () => {
    await withProgram(async program => {
      await program.fleet(FINE);
      const status = await program.hms('status');
      expect(status.code).not.toBe(0);
      expect(clear(status.stderr)).toMatch(/not running|not been started/);
      expect((await program.hms('attach')).code).not.toBe(0);
      expect((await program.hms('stauts')).stderr).toMatch(/status/);
    });
  });

  test('a journal that was tampered with is found out, and the first bad event named', async () => {
    await withProgram(async program => {
      await program.fleet(FINE);
      await program.hms('up');
      await program.hms('down');
      const state = (await program.json<{ dir: string }[]>('ls'))[0];
      expect(state).toBeDefined();
      const fleets = join(program.home, 'state', 'fleets');
      const db = new DatabaseSync(join(fleets, readdirSync(fleets)[0] ?? '', 'journal.db'));
      db.exec('DROP TRIGGER event_no_update');
      const change = db.prepare(
        "UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), 'fine', 'fino') AS BLOB) WHERE seq = 2",
      );
      expect(change.run().changes).toBe(1);
      db.close();
      const verified = await program.hms('audit', 'verify');
      expect(verified.code).toBe(1);
      expect(verified.stdout + verified.stderr).toMatch(/\b2\b/);
      const none = await program.hms('audit', 'verify', '--fleet', '/nowhere');
      expect(none.code).toBe(2);
    });
  });
});

describe('the sockets', () => {
  const sockets = async (program: Program): Promise<{ operator: string; agent: string }> => {
    await program.fleet(FINE);
    const { socket } = await program.json<{ socket: string }>('up');
    return { operator: socket, agent: socket.replace('operator.sock', 'agent.sock') };
  };
  const talk = (path: string, ...lines: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = createConnection(path);
      let heard = '';
      socket.on('data', chunk => {
        heard += chunk;
        if (heard.includes('\n')) socket.end();
      });
      socket.on('close', () => resolve(heard));
      socket.on('error', reject);
      for (const line of lines) socket.write(`${line}\n`);
    });

  test('refuse wrong tokens, malformed and oversized messages, and go on', async () => {
    await withProgram(async program => {
      const { operator, agent } = await sockets(program);
      const hello = JSON.stringify({ id: 1, do: 'hello', with: { protocol: 1, token: 'builder.1.aaaa' } });
      expect(await talk(agent, hello)).toContain('bad-token');
      expect(await talk(operator, 'not json at all')).toContain('malformed');
      expect(await talk(operator, `{"id":1,"do":"${'x'.repeat(2 << 20)}"}`).catch(() => 'reset')).toMatch(
        /too-large|reset/,
      );
      expect(await talk(agent, JSON.stringify({ id: 1, do: 'gate.ask', with: {} }))).toMatch(/hello|invalid/);
      expect((await program.hms('status')).code).toBe(0);
    });
  });
});

describe('agents', () => {
  test('hostile text is shown neutralised outside its own pane', async () => {
    await withProgram(async program => {
      const evil = `\\033]0;owned\\007\\033[2Jrm \\342\\200\\256evil`;
      await program.fleet(`fleet: story
agents:
  evil: { command: ${JSON.stringify(`printf '${evil}' > text; "$HMS_BIN" gate ask "$(cat text)"; exec sleep 1000000`)}, restart: never }
`);
      await program.hms('up');
      await waitFor(async () => (await program.json<unknown[]>('approvals', 'list')).length > 0, {
        what: 'the question',
      });
      for (const words of [['approvals', 'list'], ['status'], ['audit', 'tail', '-n', '50']]) {
        const { stdout } = await program.hms(...words);
        expect(stdout).toContain('evil');
        expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/u);
      }
    });
  });

  test('10 MB on one line and invalid UTF-8 do no harm', async () => {
    await withProgram(async program => {
      await program.fleet(`fleet: story
agents:
  loud: { command: "head -c 10000000 /dev/zero | tr '\\\\0' x; printf '\\\\377\\\\376\\\\300\\\\n'; echo done > done; exec sleep 1000000" }
`);
      await program.hms('up');
      await waitFor(async () => (await program.hms('status')).stdout.includes('loud'), {
        what: 'the status',
      });
      await waitFor(() => existsSync(join(program.dir, 'done')), {
        what: 'the flood to end',
        deadlineMs: 30_000,
      });
      expect((await program.hms('status')).code).toBe(0);
    });
  });
});
