/** One agent floods its pane, recorded and looked at; in another a person types as if nothing were. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const LINES = 20;

test('a pane floods while a person types elsewhere', async () => {
  await withProgram(async program => {
    // It floods until it is told to end, and says how much that was.
    const flooding = `n=0; while [ ! -e enough ]; do seq 1 2000; n=$((n + 1)); done; echo "rounds $n over"; exec sleep 1000000`;
    await program.fleet(`fleet: story
agents:
  flooder: { command: ${JSON.stringify(flooding)} }
  typist: { command: "cat > typed" }
`);
    const watching = await program.terminal([], { cols: 120, rows: 40 });
    await watching.shows('Agents', 'flooder');
    await watching.press('g');
    await watching.shows(/flooder.*working/, /\d{3,4} /);

    const typing = await program.terminal(['--mode', 'collaborate']);
    await typing.shows('COLLABORATE', 'typist');
    await typing.press('2');
    await typing.press('Enter');
    await typing.shows(/story ▸ typist +COLLABORATE/, '⌨ you');
    const expected = Array.from({ length: LINES }, (_, n) => `line ${n} of what a person has to say`);
    for (const line of expected) {
      await typing.type(line);
      await typing.press('Enter');
      await typing.shows(line);
    }
    const typed = join(program.dir, 'typed');
    await waitFor(() => existsSync(typed) && readFileSync(typed, 'utf8') === `${expected.join('\n')}\n`, {
      what: 'every line, whole and in order',
    });
    expect(existsSync(join(program.dir, 'enough'))).toBe(false);

    writeFileSync(join(program.dir, 'enough'), '');
    // The end of the flood is what is seen, and every byte of it is in the recording.
    const last = /rounds (\d+) over/.exec(await watching.shows(/rounds \d+ over/));
    const rounds = Number(last?.[1]);
    expect(rounds).toBeGreaterThan(0);
    await typing.press('C-\\');
    await typing.shows('Agents', 'Timeline');
    await program.hms('down');
    const text = await program.hms('record', 'export', 'flooder.1.cast', '--format', 'txt');
    expect(text.code, text.stderr).toBe(0);
    expect(text.stdout.trimEnd().endsWith(`rounds ${rounds} over`)).toBe(true);
    const verified = await program.hms('record', 'verify');
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });
});
