/** The worked examples of docs/healing-extending.md, carried out on a copy of the sources: they compile, and do what they say. */
import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

const run = promisify(execFile);

interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Each diff block of the page: its lines with a space or a minus are in the file, those with a plus are added. */
function changesIn(page: string): readonly Change[] {
  return [...page.matchAll(/```diff\n--- (.+)\n([\s\S]*?)```/g)].map(([, file = '', body = '']) => {
    const lines = body.replace(/\n$/, '').split('\n');
    const text = (mark: string): string =>
      lines
        .filter(line => !line.startsWith(mark))
        .map(line => line.slice(1))
        .join('\n');
    return { file, before: text('+'), after: text('-') };
  });
}

/** Each block of the page that begins with a path is a file of its own. */
function filesIn(page: string): readonly (readonly [file: string, text: string])[] {
  return [...page.matchAll(/```ts\n\/\/ (src\/\S+)\n([\s\S]*?)```/g)].map(([, file = '', text = '']) => [
    file,
    text,
  ]);
}

/** What a fleet with the new strategy does about a hang. */
const STORY = `
import { once } from 'node:events';
import { createServer } from 'node:net';
import { probe } from './src/cells/healer/probe.ts';
import { HealingConfig } from './src/model/healing.ts';
import { doing, fleet, started } from './test/healing/support/fleet.ts';
const one = fleet({ config: { silence: '5s', verify: '2s', ladder: { hang: ['redraw', 'restart'] } } });
one.at(0, 'a', started(1));
one.at(1, 'a', doing('working'));
one.until(6000);
one.works('a', 6500, 10_000, 1000);
const crowded = fleet();
const use = { cpu: 5, rss: 1e6, fds: 9, threads: 1, children: 500, output: 0 };
crowded.at(0, 'a', started(1));
crowded.at(1000, 'a', { signal: 'resources', use });
crowded.until(12_000);
const [seen] = crowded.all.flatMap(one => (one.told === 'opened' ? one.incident.anomaly.findings : []));
const server = createServer().listen('s');
await once(server, 'listening');
const { depends } = HealingConfig.parse({ depends: { s: { unix: 's' }, t: { unix: 't' } } });
const around = { cwd: '.', env: {}, now: () => 0 };
const looked = await Promise.all(Object.values(depends).map(means => probe(means, around)));
server.close();
console.log(JSON.stringify([
  one.strategies(), one.closed().map(({ outcome }) => outcome), seen?.words, looked.map(({ words }) => words),
]));
`;

test('the examples of the page compile: a strategy that helps, a detector that sees, a probe that looks', {
  timeout: 120_000,
}, async () => {
  const page = await readFile(join(ROOT, 'docs', 'healing-extending.md'), 'utf8');
  await withFolder(async dir => {
    for (const part of ['src', 'tsconfig.json', 'package.json', 'test/healing/support'])
      await cp(join(ROOT, part), join(dir, part), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    const changes = changesIn(page);
    expect(changes.length).toBeGreaterThan(10);
    for (const [file, text] of filesIn(page)) await writeFile(join(dir, file), text);
    for (const { file, before, after } of changes) {
      const path = join(dir, file);
      const text = await readFile(path, 'utf8');
      expect(text.split(before), `${file} has it once: ${before}`).toHaveLength(2);
      await writeFile(
        path,
        text.replace(before, () => after),
      );
    }
    await writeFile(join(dir, 'story.ts'), STORY);
    const files = ['story.ts', 'src/cells/healer/hands.ts', 'src/healing/simulate/world.ts'];
    await writeFile(
      join(dir, 'tsconfig.story.json'),
      JSON.stringify({ extends: './tsconfig.json', include: [], files }),
    );
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const compiled = await run(tsc, ['--noEmit', '-p', 'tsconfig.story.json'], { cwd: dir }).catch(
      error => error,
    );
    expect(compiled.stdout).toBe('');
    const { stdout } = await run(process.execPath, ['story.ts'], { cwd: dir });
    expect(JSON.parse(stdout)).toEqual([
      ...[['redraw'], ['recovered']],
      ...['500 processes, more than 200 for 10 s', ['connected', 'ENOENT']],
    ]);
  });
});
