/**
 * The whole way with the real Claude Code: it asks through its hooks, the console shows it, a person decides by
 * keystroke, and the model learns what came of it. The model is a script on loopback.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { claudeHome, type InstalledClaude, installClaude } from '../support/claude.ts';
import { type ModelServer, startModelServer, type Turn } from '../support/model-server.ts';
import { type Program, type Terminal, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

let client: InstalledClaude;
beforeAll(async () => {
  client = await installClaude();
}, 300_000);

interface Scene {
  readonly program: Program;
  readonly terminal: Terminal;
  readonly model: ModelServer;
  made(name: string): boolean;
}

const bash = (command: string): Turn => ({
  tools: [{ name: 'Bash', input: { command, description: 'Do it' } }],
});

/** A fleet with one real Claude Code whose model asks for `command`, and a console on it that shows the request. */
async function asked(command: string, body: (scene: Scene) => Promise<void>): Promise<void> {
  await withProgram(async program => {
    const model = await startModelServer([bash(command), { text: 'That is all.' }]);
    try {
      const env = await claudeHome(program.dir, program.dir, model.url);
      await program.fleet(`fleet: story
agents:
  coder:
    driver: claude
    command: ${JSON.stringify(client.command)}
    prompt: Please do it.
    env: ${JSON.stringify(env)}
    restart: never
`);
      const terminal = await program.terminal([]);
      await waitFor(async () => (await terminal.screen()).includes('needs 1'), {
        what: 'the request on the console',
        deadlineMs: 60_000,
      });
      await body({ program, terminal, model, made: name => existsSync(join(program.dir, name)) });
    } finally {
      await model.close();
    }
  });
}

const told = (model: ModelServer) =>
  waitFor(() => model.toolResults()[0], { what: 'the model to be told', deadlineMs: 30_000 });

describe('the real Claude Code', { timeout: 180_000 }, () => {
  test('asks, the console shows it, and a lets it run', async () => {
    await asked('touch made && echo it is made', async ({ program, terminal, model, made }) => {
      await terminal.shows('coder', 'touch made', 'gated');
      expect(made('made')).toBe(false);
      await terminal.decide('a');
      expect(await told(model)).toMatchObject({ isError: false, text: 'it is made' });
      expect(made('made')).toBe(true);
      await waitFor(async () => (await program.json<Status>('status')).agents[0]?.status === 'idle', {
        what: 'the agent to be idle again',
        deadlineMs: 30_000,
      });
      const { stdout } = await program.hms('audit', 'search', '--kind', 'gate.effected');
      expect(stdout).toMatch(/exit 0/);
    });
  });

  test('d reaches the model as a refusal, with the words', async () => {
    await asked('touch made', async ({ terminal, model, made }) => {
      await terminal.decide('d');
      await terminal.shows('Deny coder');
      await terminal.type('use the other folder');
      await terminal.shows('▸ use the other folder');
      await terminal.press('Enter');
      const result = await told(model).catch(async error => {
        throw new Error(`${error}\n${await terminal.screen()}`);
      });
      expect(result.isError).toBe(true);
      expect(result.text).toContain('use the other folder');
      expect(made('made')).toBe(false);
    });
  });

  test('an edit runs as edited, and the model is told what ran', async () => {
    await asked('touch made', async ({ terminal, model, made }) => {
      await terminal.decide('e');
      await terminal.shows('Edit coder');
      await terminal.press('BSpace', 'BSpace', 'BSpace', 'BSpace');
      await terminal.type('other');
      await terminal.shows('touch other');
      await terminal.press('C-s');
      await terminal.shows('+');
      await terminal.decide('a');
      await told(model);
      expect([made('made'), made('other')]).toEqual([false, true]);
      await waitFor(() => JSON.stringify(model.requests.at(-1)).includes('touch other'), {
        what: 'the model to be told of the edit',
        deadlineMs: 30_000,
      });
    });
  });

  test('what the policy forbids never asks a person; a lead lets it run once, with a reason', async () => {
    await withProgram(async program => {
      const forbidden = bash('mkfs.ext4 -V scratch.img; touch made');
      const model = await startModelServer([forbidden, { text: 'Oh well.' }, forbidden, { text: 'There.' }]);
      try {
        const env = await claudeHome(program.dir, program.dir, model.url);
        await program.fleet(
          `fleet: story\nagents:\n  coder: { driver: claude, command: ${JSON.stringify(client.command)}, prompt: go, env: ${JSON.stringify(env)}, restart: never }\n`,
        );
        await program.hms('up');
        const result = await waitFor(() => model.toolResults()[0], {
          what: 'the refusal',
          deadlineMs: 60_000,
        });
        expect(result.isError).toBe(true);
        expect(result.text).toMatch(/forbidden by policy/i);
        const listed = await program.json<{ id: string; outcome: string }[]>('approvals', 'list', '--all');
        expect(listed.map(r => r.outcome)).toEqual(['forbidden']);
        expect(existsSync(join(program.dir, 'made'))).toBe(false);
        const reason = ['--reason', 'it only prints its version'];
        expect((await program.hms('approvals', 'override', listed[0]?.id ?? '', ...reason)).code).toBe(0);
        await waitFor(async () => (await program.json<Status>('status')).agents[0]?.status === 'idle', {
          what: 'the agent to be idle',
          deadlineMs: 30_000,
        });
        await program.hms('agent', 'send', 'coder', 'Try again.');
        await waitFor(() => existsSync(join(program.dir, 'made')), {
          what: 'it to run once',
          deadlineMs: 60_000,
        });
        const after = await program.json<{ outcome: string }[]>('approvals', 'list', '--all');
        expect(after[0]?.outcome).toBe('overridden');
      } finally {
        await model.close();
      }
    });
  });
});

interface Status {
  readonly agents: readonly { readonly status: string }[];
}
