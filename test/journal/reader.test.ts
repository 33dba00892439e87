import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { searchPath } from '../../src/journal/search.ts';
import type { Filter, Journal, JournalReader } from '../../src/journal/types.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { journalIn, noted, openIn, START, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'Épée', 'api.ts'];
const AGENTS = ['builder', 'crawler', 'docs'];
const COUNT = 900;

/** Something of everything, the same every time. */
function mixed(n: number): Draft {
  if (n % 11 === 0) return { ...noted('guest'), actor: { type: 'agent', id: 'guest', via: 'hook' } };
  if (n % 5 === 0) return noted(`${WORDS[n % 6]} ${WORDS[(n * 7) % 5]}`);
  return working(n, AgentId.parse(AGENTS[n % 3]));
}

/** What a filter means, told slowly. */
function meant(events: readonly Event[], f: Filter): Event[] {
  const has = (e: Event, word: string) => JSON.stringify([e.subject, e.data]).toLowerCase().includes(word);
  const found = events.filter(
    e =>
      e.seq >= (f.from ?? 0) &&
      e.seq <= (f.to ?? Number.POSITIVE_INFINITY) &&
      e.time >= (f.since ?? 0) &&
      e.time <= (f.until ?? Number.POSITIVE_INFINITY) &&
      (f.kinds === undefined || f.kinds.includes(e.kind)) &&
      (f.subject === undefined || e.subject === f.subject) &&
      (f.actor === undefined || [e.actor.id, `${e.actor.type}:${e.actor.id}`].includes(f.actor)) &&
      (f.agent === undefined ||
        e.subject === `agent:${f.agent}` ||
        (e.actor.type === 'agent' && e.actor.id === f.agent) ||
        JSON.stringify(e.data).includes(`"agent":"${f.agent}"`)) &&
      (f.text ?? '').split(' ').every(word => word === '' || has(e, word.toLowerCase())),
  );
  if (f.reverse) found.reverse();
  return f.limit === undefined ? found : found.slice(0, f.limit);
}

const seq = fc.integer({ min: -2, max: COUNT + 50 });
const time = seq.map(s => START + 1000 * s + (s % 3) - 1);
const filter: fc.Arbitrary<Filter> = fc.record(
  {
    from: seq,
    to: seq,
    since: time,
    until: time,
    kinds: fc.subarray(['engine.noted', 'status.changed', 'agent.exited'] as const),
    subject: fc.constantFrom('agent:builder', 'agent:docs', 'engine', 'agent:nobody'),
    actor: fc.constantFrom('monitor', 'cell:monitor', 'system:engine', 'agent:monitor', 'nobody'),
    agent: fc.constantFrom('builder', 'crawler', 'guest', 'nobody'),
    text: fc.subarray(['alpha', 'BETA', 'gamma', 'épée', 'api.ts', 'npm']).map(words => words.join(' ')),
    reverse: fc.boolean(),
    limit: fc.nat({ max: 40 }),
  },
  { requiredKeys: [] },
);

describe('reading', () => {
  let journal: Journal;
  let all: Event[];
  const readers: Record<string, JournalReader> = {};
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hms-t-'));
    journal = openIn(dir);
    const { path } = journalIn(dir);
    const indexed = COUNT - 100;
    await journal.append(...Array.from({ length: indexed }, (_none, n) => mixed(n))).durable;
    await waitFor(() => indexedUpTo(path) === indexed, { what: 'the index to have caught up' });
    // These come after it and stay unindexed for a while.
    for (let n = indexed; n < COUNT; n++) await journal.append(mixed(n)).durable;
    all = [...journal.read()];
    readers['the engine itself'] = journal;
    readers['another process'] = openReader(path);
    readers['without the index'] = openReader(path, { index: false });
  });

  afterAll(async () => {
    for (const reader of Object.values(readers)) reader.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(['the engine itself', 'another process', 'without the index'])(
    'finds what a filter means: %s',
    who => {
      fc.assert(
        fc.property(filter, f => {
          const found = [...(readers[who]?.read(f) ?? [])];
          expect(found.map(e => e.seq)).toEqual(meant(all, f).map(e => e.seq));
        }),
        { numRuns: 300 },
      );
    },
  );

  it('finds words by their beginning, whatever their case and accents, and several words together', () => {
    for (const reader of Object.values(readers)) {
      const count = (text: string) => [...reader.read({ text })].length;
      expect(count('alph*')).toBe(meant(all, { text: 'alpha' }).length);
      expect(count('EPEE')).toBe(meant(all, { text: 'épée' }).length);
      expect(count('alph')).toBe(0);
      expect(count('npm builder')).toBeGreaterThan(0);
      // What would be query syntax is text.
      for (const odd of ['"', 'a"b', '(', 'NEAR(', 'AND', '-x', 'facets : f', '*', '^alpha', "'", 'a* b"*']) {
        expect(count(odd)).toBeGreaterThanOrEqual(0);
      }
      expect(count('-- ""')).toBe(all.length);
    }
  });

  it('reads no further than it is asked to', () => {
    let taken = 0;
    for (const event of readers['another process']?.read({ text: 'npm' }) ?? []) {
      taken += 1;
      if (event.seq > 10) break;
    }
    expect(taken).toBeLessThan(12);
  });
});

/** The last event the search index has; 0 while there is none. */
function indexedUpTo(journal: string): number {
  const db = new DatabaseSync(searchPath(journal), { readOnly: true, timeout: 1000 });
  try {
    return Number(db.prepare('SELECT seq FROM upto').get()?.seq ?? 0);
  } finally {
    db.close();
  }
}

describe('a reader', () => {
  it('says in words that there is nothing to read', async () => {
    await withFolder(async dir => {
      expect(() => openReader(join(dir, 'journal.db'))).toThrow(
        expect.objectContaining({ code: 'no-journal' }),
      );
    });
  });

  it('trusts no index of another journal, and none that is damaged', async () => {
    await withFolder(async dir => {
      const other = join(dir, 'other');
      await mkdir(other);
      const theirs = openIn(other);
      await theirs.append(...Array.from({ length: 400 }, () => noted('secret'))).durable;
      await waitFor(() => indexedUpTo(journalIn(other).path) === 400, { what: 'their index' });
      theirs.close();
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 500 }, () => noted('plain'))).durable;
      journal.close();
      await copyFile(searchPath(journalIn(other).path), searchPath(journalIn(dir).path));
      const { path } = journalIn(dir);
      const count = (text: string) => [...openReader(path).read({ text })].length;
      expect([count('secret'), count('plain')]).toEqual([0, 500]);
      const again = openIn(dir);
      expect([...again.read({ text: 'plain' })]).toHaveLength(500);
      expect([...again.read({ text: 'secret' })]).toHaveLength(0);
      again.close();
    });
  });

  it('reads a copy in a folder where nothing may be written', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(working(1), working(2)).durable;
      journal.close();
      const sealed = join(dir, 'sealed');
      await mkdir(sealed);
      await copyFile(journalIn(dir).path, join(sealed, 'journal.db'));
      await chmod(join(sealed, 'journal.db'), 0o444);
      await chmod(sealed, 0o555);
      await chmod(dir, 0o755);
      const reader = new URL('../../src/journal/reader.ts', import.meta.url).href;
      const script = `import { openReader } from '${reader}'; console.log([...openReader(process.argv[1]).read()].length)`;
      // Folders' modes mean nothing to root: then somebody else reads.
      const somebody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', script, join(sealed, 'journal.db')],
        {
          encoding: 'utf8',
          // Without what the tests' own environment asks of Node: somebody else may not write coverage.
          env: { PATH: process.env.PATH },
          ...somebody,
        },
      );
      await chmod(sealed, 0o755);
      expect(stdout.trim(), stderr).toBe('2');
    });
  });
});
