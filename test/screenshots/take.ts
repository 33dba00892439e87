/**
 * Takes the pictures of the README: starts the built program on copies of examples/, brings its console to telling
 * states, and writes what the terminal shows to docs/images. Everything it starts ends with it.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dark, light } from '../../src/console/themes.ts';
import { type Program, ROOT, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { svgOf, type Terminal } from './svg.ts';
import { View } from './view.ts';

const SIZE = { cols: 160, rows: 44 } as const;
const IMAGES = join(ROOT, 'docs', 'images');
const CTRL_BACKSLASH = '\x1c';
const F12 = '\x1b[24~';

const DARK: Omit<Terminal, 'text'> = {
  ground: '#14171d',
  bar: '#1e222a',
  edge: '#3a4150',
  title: '#98a0b0',
  palette:
    '#1e222a #ef7f88 #98c379 #e5c07b #61afef #d08be4 #56b6c2 #c8ccd4 #7a8292 #ef7f88 #98c379 #e5c07b #61afef #d08be4 #56b6c2 #eceff4'.split(
      ' ',
    ),
};
const LIGHT: Omit<Terminal, 'text'> = {
  ground: '#ffffff',
  bar: '#eef0f3',
  edge: '#c4cad3',
  title: '#555c66',
  palette:
    '#24292f #b01530 #10772b #6e5200 #0a58a8 #8a2fa8 #005f80 #767d88 #555c66 #b01530 #10772b #6e5200 #0a58a8 #8a2fa8 #005f80 #0b0f14'.split(
      ' ',
    ),
};

/** They join the demo, talk, and one of them asks for something that cannot be taken back. */
const GUESTS: Readonly<Record<string, string>> = {
  writer: `. agents/pace.sh
hms agent report working "writing the notes of 2.1"
printf '\\033[1m# 2.1\\033[0m\\n\\n- the parser reads from standard input\\n- builds take half as long\\n\\n'
say "the notes are written"
hms agent message releaser "the notes of 2.1 are in NOTES.md"
hms agent report idle "the notes are written"
exec sleep 100000
`,
  reviewer: `. agents/pace.sh
say "reading what builder changed"
nap 1
hms agent message builder "line 40 of parser.c: who closes the file?"
hms agent message releaser "nothing against 2.1"
hms agent report idle "read everything"
exec sleep 100000
`,
  releaser: `. agents/pace.sh
hms agent report working "preparing release 2.1"
say "release 2.1"
hms agent message tester "2.1 is next: are you green?"
for check in "tests are green" "notes are written" "version is 2.1" "nothing is uncommitted"; do
  printf '  \\033[32m✓\\033[0m %s\\n' "$check"
  nap 0.3
done
printf '\\n\\033[36mrelease-2.1\\033[0m and \\033[36morigin/release-2.1\\033[0m have gone different ways:\\n\\n'
printf '  \\033[33m%s\\033[0m %s\\n' 4f1c2aa "Read from standard input" 9be07d3 "Build in half the time" 0c55e18 "Write the notes"
printf '\\n'
hms agent message @alice "may I publish 2.1? The old branch would be overwritten"
say "asking to overwrite the branch"
hms gate run -- git push --force origin release-2.1
exec sleep 100000
`,
};

async function take(name: string, view: View, terminal: 'dark' | 'light', about: string): Promise<void> {
  refusePrivate(view.text());
  const colours =
    terminal === 'dark'
      ? { ...DARK, text: dark.styles.text.fg ?? '' }
      : { ...LIGHT, text: light.styles.text.fg ?? '' };
  const svg = svgOf(view.picture(), colours, { title: 'hms-tui', about });
  await writeFile(join(IMAGES, `${name}.svg`), svg);
  process.stdout.write(`docs/images/${name}.svg  ${Math.round(svg.length / 1000)} kB\n`);
}

/** Nobody's account, machine or folders belong into a picture. */
function refusePrivate(text: string): void {
  const shown = new Set(text.split(/[^\w.-]+/));
  const found = [userInfo().username, hostname()].find(word => shown.has(word));
  if (found !== undefined || text.includes(tmpdir())) {
    throw new Error(`the picture would show ${found ?? tmpdir()}:\n${text}`);
  }
}

/** A copy of the demo as it is played, a repository with a commit, and with the guests. */
async function demoFolder(home: string): Promise<string> {
  const dir = join(home, 'demo');
  await cp(join(ROOT, 'examples', 'demo'), dir, { recursive: true });
  await cp(join(dir, 'seed'), dir, { recursive: true });
  await rm(join(dir, 'seed'), { recursive: true });
  const guests = Object.entries(GUESTS).map(([name]) => `  ${name}: { command: [sh, agents/${name}.sh] }\n`);
  for (const [name, script] of Object.entries(GUESTS))
    await writeFile(join(dir, 'agents', `${name}.sh`), script);
  const file = join(dir, 'hms.yaml');
  const [agents = '', rest = ''] = (await readFile(file, 'utf8')).split(/^approvals:/m);
  await writeFile(
    file,
    `${agents}${guests.join('')}approvals:${rest}operators: { alice: lead, bob: operator }\n`,
  );
  await writeFile(join(dir, '.gitignore'), 'agents/\nhms.yaml\nscratch.img\n');
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', dir, ...args]);
  await git('init', '--quiet');
  for (const [key, value] of [
    ['user.name', 'Demo'],
    ['user.email', 'demo@example.invalid'],
    ['commit.gpgsign', 'false'],
  ] as const)
    await git('config', key, value);
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Start');
  return dir;
}

async function ok(program: Program, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await program.hms(...args);
  if (code !== 0) throw new Error(`hms ${args.join(' ')} exited ${code}: ${stderr}`);
  return stdout;
}

/** Opens a console of alice's for as long as `body` takes. */
async function looking(
  program: Program,
  args: readonly string[],
  body: (view: View) => Promise<void>,
): Promise<void> {
  const options = { ...SIZE, cwd: program.dir, env: program.env };
  const view = new View(['attach', ...args, '--as', 'alice'], options);
  try {
    await body(view);
  } finally {
    view.close();
  }
}

async function demo(program: Program): Promise<void> {
  const dir = await demoFolder(program.dir);
  await ok(program, 'up', join(dir, 'hms.yaml'));
  await waitFor(
    async () => {
      const { stdout } = await program.hms('approvals', 'list', '--fleet', 'demo', '--json');
      return ['--force', 'staging', 'commit'].every(asked => stdout.includes(asked));
    },
    { what: 'the requests', deadlineMs: 60_000, everyMs: 200 },
  );
  const alice = ['--fleet', 'demo', '--as', 'alice'];
  await looking(program, ['demo', '--theme', 'dark'], async view => {
    // Until agents have been told how large they are seen.
    await view.shows('▸ HIGH releaser', '│hat changes anything', /crawler +(restart|started)/);
    await take('console', view, 'dark', 'The console: agents, the screen of one, the queue, the timeline.');
    await view.press('g');
    await view.shows('1 builder', 'needs you', 'GET /page/');
    await take('grid', view, 'dark', 'The grid: all agents live, and who needs somebody.');
  });
  await ok(program, 'message', 'send', ...alice, 'releaser', 'ask bob too');
  await looking(program, ['demo', '--theme', 'dark'], async view => {
    await view.shows('Timeline');
    await view.press('W');
    await view.shows('Lanes');
    for (const key of '/kind:message,approval\r') await view.press(key);
    await view.shows('Lanes', 'ask bob too', 'asks git push', 'details');
    await take(
      'lanes',
      view,
      'dark',
      'Lanes: a column for each agent and person, arrows for who talks to whom.',
    );
  });
  await looking(program, ['demo', '--theme', 'dark', '--mode', 'collaborate'], async view => {
    await view.shows('COLLABORATE', 'Agents');
    await view.press('9');
    await view.press('\r');
    await view.shows(/^\S+ release 2\.1/, /demo ▸ releaser +COLLABORATE/, '⌨ you');
    await take(
      'stage',
      view,
      'dark',
      'An agent on stage: its own pane in the whole terminal, and one line below.',
    );
    await view.press(CTRL_BACKSLASH);
    await view.shows('Agents', '│hat changes anything');
    await view.press(F12);
    await view.shows('❄ FROZEN', '│hat changes anything', 'frozen: ', /9 releaser +❄/);
    await take('frozen', view, 'dark', 'A frozen fleet: every process of every agent stands still.');
  });
  await ok(program, 'down', 'demo');
}

async function services(program: Program): Promise<void> {
  await cp(join(ROOT, 'examples', 'services'), join(program.dir, 'services'), { recursive: true });
  await ok(program, 'up', join(program.dir, 'services', 'hms.yaml'));
  await looking(program, ['services', '--theme', 'light'], async view => {
    await view.shows('Agents');
    await view.press('2');
    await view.shows('GET /orders/', /worker +restart/);
    await take(
      'light',
      view,
      'light',
      'Four plain services in the light theme: one died and is brought back.',
    );
  });
}

await mkdir(IMAGES, { recursive: true });
await withProgram(async program => {
  // What is shown of folders is `~`, and the clock is nobody's.
  Object.assign(program.env, { HOME: program.dir, TZ: 'UTC' });
  await demo(program);
  await services(program);
});
