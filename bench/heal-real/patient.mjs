/**
 * An agent of the bench `heal-real` and of the soak: asks its provider (ward.ts) for one thing after the other, prints
 * what it is answered, and tells the provider each line it has printed. What the provider answers may be the ruin of it.
 *
 *     node patient.mjs NAME PORT [DEPENDENCY]    a port, or a file
 *
 * It cannot start without its dependency and ends when it loses it. A C-c makes it drop what it is at and ask anew.
 */
import { accessSync, openSync, watchFile } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [, , name = '', port = '', dependency = ''] = process.argv;
const MB = 1 << 20;
/** Bytes a write of a storm, and how often, ms: 6 MB/s. */
const STORM_BYTES = 64 << 10;
const STORM_EVERY_MS = 10;

/** @type {Buffer[]} */
const leaked = [];
/** @type {NodeJS.Timeout | undefined} */
let storm;
let slower = 1;

await withDependency();
const provider = connect(Number(port), '127.0.0.1');
provider.on('error', () => process.exit(1)).on('close', () => process.exit(1));
tell('up');
print('up');
ask();

const answers = createInterface({ input: provider }).on('error', () => process.exit(1));
answers.on('line', line => {
  const { does, waitMs = 0 } = JSON.parse(line);
  switch (does) {
    case 'say':
      setTimeout(() => {
        print('works');
        ask();
      }, waitMs * slower);
      return;
    case 'spin':
      for (;;);
    case 'storm':
      storm = setInterval(
        () => process.stdout.write(`${'storm '.repeat(STORM_BYTES / 6)}\n`),
        STORM_EVERY_MS,
      );
      return;
    case 'leak':
      for (let at = 0; at < 200; at += 10) leaked.push(Buffer.alloc(10 * MB, 1));
      ask();
      return;
    case 'files':
      for (let at = 0; at < 400; at += 1) openSync('/dev/null', 'r');
      ask();
      return;
    case 'crawl':
      slower = 6;
      ask();
      return;
  }
});

process.on('SIGINT', () => {
  clearInterval(storm);
  print('interrupted');
  ask();
});

function ask() {
  tell('asks');
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
  tell('printed');
}

/** @param {string} what */
function tell(what) {
  provider.write(`${JSON.stringify({ name, pid: process.pid, what })}\n`);
}

async function withDependency() {
  if (dependency === '') return;
  const gone = () => {
    process.stdout.write('it is gone\n');
    process.exit(1);
  };
  if (dependency.startsWith('/')) {
    try {
      accessSync(dependency);
    } catch {
      gone();
    }
    watchFile(dependency, { interval: 50 }, ({ nlink }) => nlink === 0 && gone());
    return;
  }
  await new Promise(resolve => {
    connect(Number(dependency), '127.0.0.1', () => resolve(undefined))
      .on('close', gone)
      .on('error', () => {});
  });
}
