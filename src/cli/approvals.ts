/** `hms approvals`: the queue for scripts and for people without a console. */
import { Command } from 'commander';
import { age } from '../console/words.ts';
import { HmsError } from '../model/errors.ts';
import { RequestId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import { ranked } from '../model/queue.ts';
import type { FleetState, RequestState } from '../model/state.ts';
import { neutralise, oneLine } from '../model/text.ts';
import type { OperatorInput } from '../protocol/messages.ts';
import { type OperatorLink, withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Common {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

const common = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('the approval queue');
  common(approvals.command('list', { isDefault: true }))
    .description('what waits for an answer, riskiest first')
    .option('--all', 'also the last ones that ended')
    .action(list);
  common(approvals.command('show')).argument('<request>').description('one request in full').action(show);
  common(approvals.command('approve'))
    .argument('<requests...>', 'ids, as approvals list shows them')
    .description('let it run, exactly as shown')
    .option('--note <text>', 'words for the record')
    .option('--edit <json>', 'run this input instead (where the asker can take an edit)')
    .option('--digest <sha256>', 'refuse unless the request is still exactly this one')
    .action((ids: string[], options: DecideOptions) => decide(ids, 'approve', options));
  common(approvals.command('deny'))
    .argument('<requests...>')
    .description('do not let it run')
    .option('--note <text>', 'words for the agent')
    .option('--digest <sha256>', 'refuse unless the request is still exactly this one')
    .action((ids: string[], options: DecideOptions) => decide(ids, 'deny', options));
  common(approvals.command('override'))
    .argument('<request>')
    .description('lead only: let a forbidden or held action run once')
    .requiredOption('--reason <text>', 'why; it goes on the record')
    .action((id: string, options: DecideOptions & { reason: string }) =>
      decide([id], 'override', { ...options, note: options.reason }),
    );
  common(approvals.command('later'))
    .argument('<request>')
    .description('not now: to the end of the queue (not a deny)')
    .option('--minutes <n>', 'for how long', Number, 5)
    .action(later);
  return approvals;
}

interface DecideOptions extends Common {
  readonly note?: string;
  readonly edit?: string;
  readonly digest?: string;
}

async function list(options: Common & { all?: boolean }): Promise<void> {
  await withLink(options, async ({ welcome: { state, now } }) => {
    const pending = ranked(Object.values(state.pending), r => r.deferredUntil > now);
    if (options.json) return printJson([...pending, ...(options.all ? state.settled : [])].map(asJson));
    if (pending.length === 0) say('Nothing waits for an answer.');
    else print(table(pending.map(r => row(r, now))));
    if (options.all && state.settled.length > 0)
      print(`\nended:\n${table(state.settled.map(r => row(r, now)))}`);
  });
}

function row(r: RequestState, now: number): readonly string[] {
  const what = r.outcome ?? `needs ${r.needs - r.approvals.length}`;
  return [
    r.id,
    r.facts.level.toUpperCase(),
    r.agent || 'fleet',
    age(now - r.at),
    what,
    oneLine(r.facts.title, 100),
  ];
}

async function show(id: string, options: Common): Promise<void> {
  await withLink(options, async ({ welcome: { state, now } }) => {
    const request = find(state, id);
    if (options.json) return printJson(asJson(request));
    const lines = [
      [`${request.id}`, request.facts.title],
      ['agent', request.agent || 'the fleet itself'],
      ['risk', `${request.facts.level} (${request.facts.risk}), ${request.facts.effect}`],
      ['classes', request.facts.classes.join(', ') || 'none'],
      ['why', `${request.why} [${request.rules.join(', ')}]`],
      ['waits', age(now - request.at)],
      ['ends', request.expires === 0 ? 'never by itself' : `as expired in ${age(request.expires - now)}`],
      ['needs', `${request.needs} ${request.from || 'operator'}(s), has ${request.approvals.length}`],
      ['folder', request.action.cwd],
      ['digest', request.digest],
      ['outcome', request.outcome ? `${request.outcome}: ${request.reason}` : 'pending'],
    ];
    print(table(lines.map(([name = '', value = '']) => [name, oneLine(value, 4000)])));
    print(`\n${neutralise(JSON.stringify(request.action.input, undefined, 2))}`);
  });
}

async function decide(
  ids: readonly string[],
  decision: 'approve' | 'deny' | 'override',
  options: DecideOptions,
): Promise<void> {
  const edit = options.edit === undefined ? undefined : parseEdit(options.edit);
  await withLink(options, async link => {
    const results = [];
    for (const id of ids) results.push(await decideOne(link, id, decision, options, edit));
    if (options.json) printJson(results.length === 1 ? results[0] : results);
  });
}

async function decideOne(
  { client, welcome }: OperatorLink,
  id: string,
  decision: 'approve' | 'deny' | 'override',
  options: DecideOptions,
  edit: JsonObject | undefined,
): Promise<unknown> {
  const request = find(welcome.state, id);
  const given = {
    request: request.id,
    decision,
    digest: options.digest ?? request.digest,
    note: options.note ?? '',
    evidence: { keys: [`approvals ${decision}`], shown: request.digest },
    ...(edit ? { edit } : {}),
  } as OperatorInput<'approval.decide'>;
  await client.request('approval.decide', given);
  if (!options.json)
    say(
      `${request.id}: ${decision === 'approve' ? 'approved' : decision === 'deny' ? 'denied' : 'overridden'}: ${oneLine(request.facts.title, 100)}`,
    );
  return { request: request.id, agent: request.agent, decision, digest: request.digest };
}

async function later(id: string, options: Common & { minutes: number }): Promise<void> {
  await withLink(options, async ({ client, welcome }) => {
    const request = RequestId.parse(find(welcome.state, id).id);
    await client.request('approval.defer', { request, minutes: options.minutes });
    if (options.json) printJson({ request, minutes: options.minutes });
    else say(`${request}: later.`);
  });
}

/** By id, or by an unambiguous beginning of it. */
function find(state: FleetState, id: string): RequestState {
  const all = [...Object.values(state.pending), ...state.settled];
  const exact = all.find(r => r.id === id);
  const begun = all.filter(r => r.id.startsWith(id) || r.id.startsWith(`r-${id}`));
  const found = exact ?? (begun.length === 1 ? begun[0] : undefined);
  if (found) return found;
  if (begun.length > 1)
    throw new HmsError('ambiguous', `${id} could be ${begun.map(r => r.id).join(', ')}`, 'give more of it');
  throw new HmsError(
    'unknown-request',
    `there is no request ${id}`,
    'hms approvals list --all shows what there is',
  );
}

function asJson(r: RequestState): unknown {
  const { facts, ...rest } = r;
  return { ...rest, title: facts.title, risk: facts.risk, level: facts.level, facts };
}

function parseEdit(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Falls through: both cases read the same to a person.
  }
  throw new HmsError(
    'bad-edit',
    '--edit takes a JSON object, the whole input to run instead',
    'hms approvals show ID --json prints the input as it is',
  );
}
