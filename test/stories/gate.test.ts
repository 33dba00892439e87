/** An agent asks, a person answers on the command line, and it is on the record. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

interface Listed {
  readonly id: string;
  readonly agent: string;
  readonly digest: string;
  readonly title: string;
  readonly level: string;
  readonly outcome: string | null;
}

/** A fleet of one whose agent runs this shell script and writes the gate's exit code to `code`. */
async function oneAgent(program: Program, script: string, more = ''): Promise<void> {
  await program.fleet(`fleet: story
agents:
  asker:
    command: ${JSON.stringify(`${script}; echo $? > code; exec sleep 1000000`)}
    restart: never
${more}`);
  const up = await program.hms('up');
  expect(up.stderr).toContain('story is up');
}

const list = (program: Program, ...flags: string[]): Promise<Listed[]> =>
  program.json<Listed[]>('approvals', 'list', ...flags);

const waiting = (program: Program): Promise<Listed> =>
  waitFor(async () => (await list(program))[0], { what: 'a request in the queue' });

const exitCode = (program: Program): Promise<number> =>
  waitFor(
    () => {
      const file = join(program.dir, 'code');
      return (
        existsSync(file) &&
        readFileSync(file, 'utf8').endsWith('\n') &&
        `${readFileSync(file, 'utf8').trim()} `
      );
    },
    { what: 'the exit code of hms gate run' },
  ).then(Number);

describe('hms gate run', () => {
  test('runs what was approved, passes output and exit code through, and is on the record', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- sh -c "echo made > made; exit 7"');
      const request = await waiting(program);
      expect(request.agent).toBe('asker');
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
      const approved = await program.hms('approvals', 'approve', request.id, '--note', 'fine');
      expect(approved.code).toBe(0);
      expect(await exitCode(program)).toBe(7);
      expect(readFileSync(join(program.dir, 'made'), 'utf8')).toBe('made\n');
      await program.hms('down');
      const verified = await program.hms('audit', 'verify');
      expect(verified.code).toBe(0);
      const found = await program.hms('audit', 'search', request.id);
      expect(found.stdout).toMatch(/approved/);
    });
  });

  test('does not run what was denied, and passes the words on', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- touch made 2> words');
      const request = await waiting(program);
      await program.hms('approvals', 'deny', request.id, '--note', 'use the other folder');
      expect(await exitCode(program)).toBe(77);
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
      expect(readFileSync(join(program.dir, 'words'), 'utf8')).toContain('use the other folder');
    });
  });

  test('a ruinous command is forbidden at once; a lead can let it run once, with a reason', async () => {
    await withProgram(async program => {
      const ask = '"$HMS_BIN" gate run -- mkfs.ext4 --help';
      await oneAgent(
        program,
        `${ask}; echo $? > first; while [ ! -e again ]; do sleep 0.05; done; ${ask} > out 2>&1`,
      );
      const first = join(program.dir, 'first');
      await waitFor(() => existsSync(first) && readFileSync(first, 'utf8') !== '', { what: 'the refusal' });
      expect(readFileSync(first, 'utf8').trim()).toBe('77');
      const [request] = await list(program, '--all');
      expect(request?.outcome).toBe('forbidden');
      const silent = await program.hms('approvals', 'override', request?.id ?? '', '--reason', '');
      expect(silent.code).not.toBe(0);
      const other = await program.hms(
        'approvals',
        'override',
        request?.id ?? '',
        '--reason',
        'x',
        '--as',
        'mallory',
      );
      expect(other.stderr).toContain('lead');
      const lead = await program.hms(
        'approvals',
        'override',
        request?.id ?? '',
        '--reason',
        'only its help text',
      );
      expect(lead.code, lead.stderr).toBe(0);
      await program.hms('config', 'check');
      writeFileSync(join(program.dir, 'again'), '');
      expect(await exitCode(program)).not.toBe(77);
      const [second] = await list(program, '--all');
      expect(second?.outcome).toBe('overridden');
      expect((await program.hms('audit', 'search', 'only its help text')).stdout).toContain('overrid');
    });
  });

  test('a request whose asker is gone leaves the queue', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- touch made & echo $! > pid; wait');
      const request = await waiting(program);
      process.kill(Number(readFileSync(join(program.dir, 'pid'), 'utf8')), 'SIGKILL');
      await waitFor(async () => (await list(program)).length === 0, { what: 'the queue to be empty' });
      const [ended] = await list(program, '--all');
      expect(ended).toMatchObject({ id: request.id, outcome: 'withdrawn' });
      const late = await program.hms('approvals', 'approve', request.id);
      expect(late.code).not.toBe(0);
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
    });
  });

  test('a decision for another action than the one shown is refused as stale', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- touch made');
      const request = await waiting(program);
      const stale = await program.hms('approvals', 'approve', request.id, '--digest', 'a'.repeat(64));
      expect(stale.code).not.toBe(0);
      expect((await list(program)).length).toBe(1);
    });
  });

  test('a hold nobody answers ends as expired, never as approved', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- touch made', 'approvals: { ttl: 300ms }\n');
      expect(await exitCode(program)).toBe(77);
      const [ended] = await list(program, '--all');
      expect(ended?.outcome).toBe('expired');
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
    });
  });

  test('two people must agree where the policy says so, and one person counts once', async () => {
    await withProgram(async program => {
      writeFileSync(
        join(program.dir, 'two.cedar'),
        `@id("two-people") @approvals("2")
permit (principal, action == Hms::Action::"Exec", resource) when { context.approvalCount >= 2 };
`,
      );
      await oneAgent(
        program,
        '"$HMS_BIN" gate run -- touch made',
        'policies: [two.cedar]\noperators: { alice: operator, bob: operator }\n',
      );
      const request = await waiting(program);
      expect((await program.hms('approvals', 'approve', request.id, '--as', 'alice')).code).toBe(0);
      expect((await program.hms('approvals', 'approve', request.id, '--as', 'alice')).code).not.toBe(0);
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
      expect((await program.hms('approvals', 'approve', request.id, '--as', 'bob')).code).toBe(0);
      expect(await exitCode(program)).toBe(0);
      expect(existsSync(join(program.dir, 'made'))).toBe(true);
    });
  });

  test('reads pass without a person', async () => {
    await withProgram(async program => {
      await oneAgent(program, '"$HMS_BIN" gate run -- ls');
      expect(await exitCode(program)).toBe(0);
      expect((await list(program, '--all'))[0]?.outcome).toBe('permitted');
    });
  });

  test('outside an agent it says so, and an agent cannot approve itself', async () => {
    await withProgram(async program => {
      const outside = await program.hms('gate', 'run', '--', 'true');
      expect(outside.code).toBe(78);
      await oneAgent(program, '"$HMS_BIN" approvals list 2> words');
      expect(await exitCode(program)).not.toBe(0);
      expect(readFileSync(join(program.dir, 'words'), 'utf8')).toContain('for people');
    });
  });
});
