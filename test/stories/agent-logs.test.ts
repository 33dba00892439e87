/** `hms agent logs` on real panes: history, hostile bytes, an agent that has ended, following. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { HMS, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: story
agents:
  loud: { command: "seq 1 500; exec sleep 1000000" }
  sly: { command: "printf 'fine\\\\033]0;owned\\\\007 \\\\033[31mred\\\\033[0m \\\\342\\\\200\\\\256x\\\\n'; exec sleep 1000000" }
  gone: { command: "echo last words; exit 3", restart: never }
  steps: { command: "while read line; do echo got $line; done" }
`;

test('logs shows lines above the screen, neutralised, also of an agent that has ended', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    expect((await program.hms('up')).code).toBe(0);
    await waitFor(async () => (await program.hms('agent', 'logs', 'loud')).stdout.includes('500'), {
      what: '500',
    });

    const { stdout } = await program.hms('agent', 'logs', 'loud', '--lines', '300');
    expect(stdout.split('\n').slice(0, 3)).toEqual(['201', '202', '203']);
    const logs = await program.json<{ lines: string[]; alive: boolean }>('agent', 'logs', 'loud', '-n', '2');
    expect(logs).toMatchObject({ agent: 'loud', alive: true, incarnation: 1, lines: ['499', '500'] });

    const sly = await waitFor(
      async () => {
        const { stdout } = await program.hms('agent', 'logs', 'sly');
        return stdout.includes('red') && stdout;
      },
      { what: 'what sly prints' },
    );
    expect(sly).toBe('fine red ⟨U+202E⟩x\n');
    expect((await program.hms('agent', 'logs', 'sly', '--raw')).stdout).toContain('\u001b[31mred');

    await waitFor(
      async () => (await program.hms('status', '--json')).stdout.includes('"last_exit":"exit 3"'),
      { what: 'the end of gone' },
    );
    const gone = await program.json<{ lines: string[] }>('agent', 'logs', 'gone');
    expect(gone).toMatchObject({ alive: false, lines: ['last words'] });

    expect((await program.hms('agent', 'stop', 'loud')).code).toBe(0);
    const stopped = await waitFor(
      async () => {
        const logs = await program.json<{ from: string; lines: string[] }>(
          'agent',
          'logs',
          'loud',
          '-n',
          '2',
        );
        return logs.from === 'recording' && logs.lines.at(-1) === '500' && logs;
      },
      { what: 'the recording of loud' },
    );
    expect(stopped).toMatchObject({ alive: false, lines: ['499', '500'] });

    const nobody = await program.hms('agent', 'logs', 'nobody');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('agents are loud, sly, gone, steps');
    expect((await program.hms('down')).code).toBe(0);
    expect((await program.hms('agent', 'logs', 'gone')).stdout).toBe('last words\n');
    expect((await program.hms('agent', 'logs', '../../etc')).stderr).toContain('is no agent');
    expect((await program.hms('agent', 'logs', 'loud', '-n', '0')).stderr).toContain('a number from 1 to');
  });
});

test('logs --follow goes on with what comes and ends with the pane', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    expect((await program.hms('up')).code).toBe(0);
    const child = spawn(HMS, ['agent', 'logs', 'steps', '-f', '--json'], {
      cwd: program.dir,
      env: program.env,
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    const ended = new Promise<number | null>(resolve => child.on('exit', resolve));
    try {
      expect((await program.hms('agent', 'send', 'steps', 'one')).code).toBe(0);
      await waitFor(() => out.includes('{"line":"got one"}'), { what: 'the first line' });
      expect((await program.hms('agent', 'send', 'steps', 'two')).code).toBe(0);
      await waitFor(() => out.includes('{"line":"got two"}'), { what: 'the second line' });
      expect(out.split('got one').length).toBe(2);
      expect((await program.hms('down')).code).toBe(0);
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
