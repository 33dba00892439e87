/** `hms audit`: read, search, verify, export and sign the journal of a fleet, whether its engine runs or not. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import type { Filter } from '../journal/types.ts';
import { HmsError } from '../model/errors.ts';
import { KINDS, type Kind } from '../model/event.ts';
import { parseWhen } from '../model/when.ts';
import { eventLine, eventText, reportText, safeJson } from './audit-text.ts';
import { explain, print, say } from './output.ts';

/** Between two looks for new events with --follow, ms. */
const FOLLOW_MS = 200;

interface AuditPlace {
  /** File of the journal. */
  readonly journal: string;
  /** File of the key that signs it; need not be there to read. */
  readonly key: string;
  /** The log's name in its checkpoints. */
  readonly origin: string;
}

const SignedHead = z.object({ size: z.int().min(0), root: z.string(), note: z.string() });
type SignedHead = z.infer<typeof SignedHead>;

export interface AuditDeps {
  /** Where the journal of a fleet is; of the fleet here when none is named. */
  readonly locate: (fleet?: string) => Promise<AuditPlace>;
  /** Has the running engine sign: its answer {size, root, note}; undefined when none runs. */
  readonly checkpointViaEngine?: (fleet?: string) => Promise<unknown>;
}

interface Common {
  readonly fleet?: string;
  readonly journal?: string;
  readonly json?: boolean;
}

function number(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 0) throw new InvalidArgumentError('a whole number, please.');
  return n;
}

function kinds(text: string): readonly Kind[] {
  const wanted = text.split(',');
  // `gate` stands for every kind of that noun.
  const found = KINDS.filter(kind => wanted.some(word => kind === word || kind.startsWith(`${word}.`)));
  if (found.length === 0) throw new InvalidArgumentError(`known are ${KINDS.join(', ')}.`);
  return found;
}

const time = (text: string): number => parseWhen(text, Date.now());

export function auditCommand(deps: AuditDeps): Command {
  const audit = new Command('audit').description('the journal: everything that happened, provably');
  const add = (name: string, about: string) =>
    audit
      .command(name)
      .description(about)
      .option('--fleet <fleet>', 'name or folder of a fleet (default: the one here)')
      .option('--journal <file>', 'a journal file, such as a copy somebody gave you');
  const at = async ({ fleet, journal }: Common): Promise<AuditPlace> =>
    journal === undefined ? deps.locate(fleet) : { journal, key: '', origin: '' };

  add('tail', 'the newest events, oldest of them first')
    .option('-n, --lines <n>', 'how many', number, 20)
    .option('-f, --follow', 'go on with new ones as they come')
    .option('--json', 'one JSON object a line')
    .action(async (o: TailOptions) => tail((await at(o)).journal, o));
  add('show', 'one event in full, with its hash and the proof that it is in the log')
    .argument('<seq>', 'its number', number)
    .option('--json', 'as JSON')
    .action(async (seq: number, o: Common) => show((await at(o)).journal, seq, o));
  add('search', 'events that hold all the words; kube* is any word that begins so')
    .argument('[words...]')
    .option('--agent <name>', 'that concern this agent')
    .option('--kind <kinds>', 'of these kinds: gate.requested, or gate for all of gate.…', kinds)
    .option('--actor <who>', 'of this actor: alice, or operator:alice')
    .option('--since <when>', '10m, 2h, 3d, 14:30, 2026-08-03, 2026-08-03T14:30', time)
    .option('--until <when>', 'as --since', time)
    .option('-n, --lines <n>', 'the newest so many', number)
    .option('--scan', 'read every event instead of trusting the search index')
    .option('--json', 'one JSON object a line')
    .action(async (words: string[], o: SearchOptions) => search((await at(o)).journal, words, o));
  add('verify', 'recompute everything from the stored bytes; exits 0, 1 (changed) or 2 (cannot read)')
    .option('--vkey <vkey>', 'the key it must be signed with')
    .option('--against <file>', 'a checkpoint you kept, which it must extend')
    .option('--deep', 'check the data of every event against its schema too')
    .option('--json', 'as JSON')
    .action(async (o: VerifyOptions) => verify(() => at(o), o));
  add('export', 'the journal for others: JSON lines, or signed tiles with a verifier that needs only Node')
    .option('--format <format>', 'jsonl or tiles', format, 'jsonl')
    .option('--out <path>', 'file for jsonl (default: standard output), folder for tiles')
    .option('--json', 'what was written, as JSON')
    .action(async (o: ExportOptions) => exportTo(await at(o), deps, o));
  add(
    'checkpoint',
    'sign the journal as it is now, and print what was signed: keep it where nobody can change it',
  )
    .option('--json', 'as JSON')
    .action(async (o: Common) => checkpoint(await at(o), deps, o));
  return audit;
}

function format(text: string): 'jsonl' | 'tiles' {
  if (text === 'jsonl' || text === 'tiles') return text;
  throw new InvalidArgumentError('jsonl or tiles.');
}

interface TailOptions extends Common {
  readonly lines: number;
  readonly follow?: boolean;
}

async function tail(journal: string, options: TailOptions): Promise<void> {
  const { openReader } = await import('../journal/reader.ts');
  const reader = openReader(journal);
  const line = options.json ? safeJson : eventLine;
  try {
    let last = reader.head().seq;
    const newest = [...reader.read({ to: last, reverse: true, limit: options.lines })].reverse();
    for (const event of newest) print(line(event));
    while (options.follow && process.stdout.writable) {
      for (const event of reader.read({ from: last + 1 })) {
        print(line(event));
        last = event.seq;
      }
      await setTimeout(FOLLOW_MS);
    }
  } finally {
    reader.close();
  }
}

async function show(journal: string, seq: number, options: Common): Promise<void> {
  const { proveEvent } = await import('../journal/proof.ts');
  const proven = proveEvent(journal, seq);
  print(options.json ? safeJson(proven) : eventText(proven));
}

interface SearchOptions extends Common {
  readonly agent?: string;
  readonly kind?: readonly Kind[];
  readonly actor?: string;
  readonly since?: number;
  readonly until?: number;
  readonly lines?: number;
  readonly scan?: boolean;
}

async function search(journal: string, words: readonly string[], options: SearchOptions): Promise<void> {
  const { openReader } = await import('../journal/reader.ts');
  const { agent, kind, actor, since, until, lines } = options;
  const filter: Filter = {
    ...(words.length > 0 && { text: words.join(' ') }),
    ...(agent !== undefined && { agent }),
    ...(kind !== undefined && { kinds: kind }),
    ...(actor !== undefined && { actor }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const reader = openReader(journal, { index: options.scan !== true });
  const line = options.json ? safeJson : eventLine;
  let found = 0;
  try {
    const events =
      lines === undefined
        ? reader.read(filter)
        : [...reader.read({ ...filter, reverse: true, limit: lines })].reverse();
    for (const event of events) {
      print(line(event));
      found += 1;
    }
  } finally {
    reader.close();
  }
  // As grep: nothing found is no success.
  if (found === 0) {
    if (!options.json) say('Nothing found.');
    process.exitCode = 1;
  }
}

interface VerifyOptions extends Common {
  readonly vkey?: string;
  readonly against?: string;
  readonly deep?: boolean;
}

async function verify(locate: () => Promise<AuditPlace>, options: VerifyOptions): Promise<void> {
  try {
    const place = await locate();
    const { verifyJournal } = await import('../journal/verify.ts');
    const vkey = options.vkey ?? (await vkeyAt(place));
    const report = verifyJournal(place.journal, {
      ...(vkey !== undefined && { vkey }),
      ...(options.against !== undefined && { kept: readFileSync(options.against, 'utf8') }),
      ...(options.deep && { deep: true }),
    });
    print(
      options.json ? safeJson({ ...report, firstBad: report.faults[0]?.seq ?? null }) : reportText(report),
    );
    process.exitCode = report.ok ? 0 : 1;
  } catch (error) {
    // Not a verdict: nothing could be said about it.
    if (options.json) print(safeJson({ ok: false, error: errorJson(error) }));
    say(explain(error, false));
    process.exitCode = 2;
  }
}

function errorJson(error: unknown): object {
  if (error instanceof HmsError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: 'unexpected', message: String(error), hint: '' };
}

/** The public half of the key file that lies with the journal; undefined where there is none. */
async function vkeyAt({ key, origin }: AuditPlace): Promise<string | undefined> {
  if (key === '') return undefined;
  const [{ readKey }, { signer, vkeyOf }] = await Promise.all([
    import('../journal/key.ts'),
    import('../journal/note.ts'),
  ]);
  const secret = readKey(key);
  return secret && vkeyOf(signer(origin, secret));
}

interface ExportOptions extends Common {
  readonly format: 'jsonl' | 'tiles';
  readonly out?: string;
}

async function exportTo(place: AuditPlace, deps: AuditDeps, options: ExportOptions): Promise<void> {
  const { exportBundle, exportLines } = await import('../journal/export.ts');
  const done = (what: object, words: string) => (options.json ? print(safeJson(what)) : say(words));
  if (options.format === 'tiles') {
    // What is exported is what is signed: so that it is everything there is.
    if (place.key !== '') await signHead(place, deps, options.fleet);
    const dir = options.out ?? 'hms-audit';
    const bundle = exportBundle(place.journal, dir);
    return done({ ...bundle, dir }, `${bundle.size} events in ${dir}; check them: node ${dir}/verify.mjs`);
  }
  if (options.out === undefined) {
    exportLines(place.journal, lines => process.stdout.write(lines));
    return;
  }
  writeFileSync(options.out, '', { mode: 0o600 });
  const { out } = options;
  const events = exportLines(place.journal, lines => writeFileSync(out, lines, { flag: 'a' }));
  done({ events, file: out }, `${events} events in ${out}.`);
}

async function checkpoint(place: AuditPlace, deps: AuditDeps, options: Common): Promise<void> {
  if (place.key === '') {
    throw new HmsError(
      'bad-option',
      'a copy of a journal cannot be signed',
      'name the fleet with --fleet instead',
    );
  }
  const signed = await signHead(place, deps, options.fleet);
  if (options.json) print(safeJson(signed));
  else process.stdout.write(signed.note);
}

/** By the engine while one runs, else here and now. */
async function signHead(place: AuditPlace, deps: AuditDeps, fleet?: string): Promise<SignedHead> {
  const byEngine = await deps.checkpointViaEngine?.(fleet);
  if (byEngine !== undefined) return SignedHead.parse(byEngine);
  // Opening would make an empty journal, and signing that says nothing.
  if (!existsSync(place.journal)) {
    throw new HmsError('no-journal', `there is no journal ${place.journal}`, 'start the fleet first');
  }
  const { openJournal } = await import('../journal/journal.ts');
  const journal = openJournal(place.journal, { key: place.key, origin: place.origin });
  try {
    return await journal.checkpoint();
  } finally {
    journal.close();
  }
}
