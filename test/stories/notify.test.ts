/** Being told while looking elsewhere: the built program, a real console, a command and a webhook on this machine. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const told = (program: Program, count: number): Promise<string[]> =>
  waitFor(
    () => {
      const file = join(program.dir, 'told');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
      return lines.length >= count && lines;
    },
    { what: `${count} notifications`, deadlineMs: 30_000 },
  );

test('a request is told to a command and a webhook that fails at first; the test says what works', async () => {
  let tries = 0;
  const hook = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      tries += 1;
      response.writeHead(tries === 1 ? 503 : 200).end();
    });
  });
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  try {
    await withProgram(async program => {
      writeFileSync(join(program.dir, 'tell.sh'), 'cat >> told\n');
      await program.fleet(`fleet: story
agents:
  asker: { command: 'while [ ! -e go ]; do sleep 0.05; done; "$HMS_BIN" gate run -- touch made; exec sleep 1000000', restart: never }
notifications:
  ask:
    when: { events: [asking] }
    to: [bell, { command: [/bin/sh, tell.sh] }, { webhook: "${url}" }]
  broken:
    when: { events: [failed] }
    to: [{ command: [/no/such/notifier] }]
`);
      expect((await program.hms('up')).code).toBe(0);
      const test = await program.hms('notify', 'test');
      expect(test.code).toBe(1);
      expect(test.stdout).toMatch(/ask +bell +FAILED +no console is attached/);
      expect(test.stdout).toMatch(/ask +command \/bin\/sh +ok/);
      expect(test.stdout).toMatch(/ask +webhook 127\.0\.0\.1:\d+ +ok/);
      expect(test.stdout).toMatch(/broken +command \/no\/such\/notifier +FAILED .*ENOENT/);
      expect((await program.hms('notify', 'test', 'nix')).stderr).toContain('here is no rule nix');
      writeFileSync(join(program.dir, 'go'), '');
      const lines = await told(program, 2);
      expect(JSON.parse(lines[1] ?? '')).toMatchObject({ rule: 'ask', fleet: 'story', count: 1 });
      const { stdout } = await program.hms('audit', 'search', '--kind', 'notification.sent');
      expect(stdout).toContain('by rule ask');
    });
  } finally {
    hook.closeAllConnections();
    await new Promise(resolve => hook.close(resolve));
  }
});

test('what cannot work is told when the fleet file is read', async () => {
  await withProgram(async program => {
    await program.fleet(
      'fleet: story\nagents: { a: { command: [cat] } }\nnotifications: { x: { when: { events: [asking] }, to: [{ webhook: "http://example.org" }] } }\n',
    );
    const ran = await program.hms('up');
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/hms\.yaml:3/);
  });
});
