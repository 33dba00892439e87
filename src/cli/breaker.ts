/** `hms breaker`: what is not called because it failed, and opening, closing and isolating it by hand. */
import { Command } from 'commander';
import { BreakerName } from '../model/breaker.ts';
import { type BreakerView, breakerViews, failureRate } from '../model/breaker-view.ts';
import { breakerStateWords } from '../model/breaker-words.ts';
import { HmsError } from '../model/errors.ts';
import { Duration } from '../model/fleet.ts';
import { oneLine, plural, spanWords } from '../model/text.ts';
import { agentPlace } from './agent-link.ts';
import { modeOption } from './attach.ts';
import { EXIT } from './exits.ts';
import { askGate } from './gate-ask.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

interface ActOptions extends Options {
  readonly for?: string;
  readonly reason?: string;
}

type Verb = keyof typeof ACTS;

const ACTS = {
  open: 'refuse calls for a while; then one is let through as a trial',
  close: 'let calls through again, and forget what failed',
  isolate: 'refuse every call until somebody closes or opens it',
  reset: 'close it, and forget also what was usual of it',
} as const;
const DONE = {
  open: 'open',
  close: 'closed',
  isolate: 'isolated',
  reset: 'closed, and counts anew',
} as const;

const ofFleet = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function breakerCommand(): Command {
  const breaker = new Command('breaker').description(
    'what is not called for a while because it failed: starts, providers, tools, probes, strategies',
  );
  ofFleet(breaker.command('list', { isDefault: true }))
    .description('all that were used, those that refuse something first')
    .action((options: Options) =>
      withLink(options, async ({ client, welcome: { state, now } }) => {
        const { breakers } = await client.request('breaker.list', {});
        const views = breakerViews(state.breakers, breakers);
        if (options.json) printJson({ breakers: views });
        else print(views.length === 0 ? 'no breaker was used so far' : table(views.map(v => rowOf(v, now))));
      }),
    );
  ofFleet(breaker.command('show'))
    .argument('<breaker>', 'its name, such as provider:anthropic')
    .description('one of them: its state and why, what was counted, when a trial may pass')
    .action((name: string, options: Options) =>
      withLink(options, async ({ client, welcome: { state, now } }) => {
        const { breakers } = await client.request('breaker.list', {});
        const view = breakerViews(state.breakers, breakers).find(one => one.name === nameOf(name));
        if (!view) throw new HmsError('unknown-breaker', `${name} was not used so far`, 'hms breaker list');
        if (options.json) printJson(view);
        else print(showText(view, now));
      }),
    );
  for (const verb of ['open', 'close', 'isolate', 'reset'] as const) {
    const command = ofFleet(breaker.command(verb))
      .argument('<breaker>', 'its name, such as provider:anthropic')
      .description(ACTS[verb])
      .option('--reason <words>', 'why, for the record')
      .addOption(modeOption())
      .action((name: string, options: ActOptions) => act(verb, nameOf(name), options));
    if (verb === 'open')
      command.option('--for <time>', 'for how long, such as 10m (default: as it is set up)');
  }
  return breaker;
}

async function act(verb: Verb, breaker: BreakerName, options: ActOptions): Promise<void> {
  const { reason = '' } = options;
  const forMs = options.for === undefined ? undefined : durationOf(options.for);
  if (process.env.HMS_AGENT) return ask(verb, breaker, reason, forMs);
  await withLink(options, async ({ client }) => {
    const given = { breaker, reason };
    if (verb === 'open') await client.request('breaker.open', { ...given, ...(forMs && { forMs }) });
    else await client.request(`breaker.${verb}`, given);
    if (options.json) printJson({ breaker, is: verb === 'reset' ? 'closed' : DONE[verb] });
    else print(`${breaker} is ${DONE[verb]}`);
  });
}

/** An agent asks: a person decides, and then the engine does it. */
async function ask(
  verb: Verb,
  breaker: BreakerName,
  reason: string,
  forMs: number | undefined,
): Promise<void> {
  const time = forMs === undefined ? '' : ` for ${spanWords(forMs)}`;
  const about = `${verb} the breaker ${breaker}${time}${reason && `: ${reason}`}`;
  const input = { breaker, reason, about, ...(forMs && { forMs }) };
  const action = { tool: `breaker.${verb}`, input, cwd: process.cwd() };
  const { outcome, message } = await askGate(agentPlace(), action, { edit: false, say });
  const agreed = outcome === 'approved' || outcome === 'overridden';
  // Where the gate lets an agent do as it likes, that is no person's word.
  print(message || (outcome === 'permitted' ? 'nothing is done: only a person can say so' : outcome));
  if (!agreed) process.exitCode = EXIT.refused;
}

function nameOf(text: string): BreakerName {
  const name = BreakerName.safeParse(text);
  if (name.success) return name.data;
  const why = name.error.issues[0]?.message ?? '';
  throw new HmsError('bad-breaker', `${JSON.stringify(text)} is no breaker: ${why}`, 'hms breaker list');
}

function durationOf(text: string): number {
  const parsed = Duration.safeParse(text);
  if (parsed.success && parsed.data > 0) return parsed.data;
  throw new HmsError('bad-duration', `${JSON.stringify(text)} is no duration`, 'write 30s, 10m or 1h');
}

const MARK = { closed: '✔', open: '✖', 'half-open': '◐', isolated: '○' } as const;

function rowOf(view: BreakerView, now: number): string[] {
  const { is, name, since, until, why } = view;
  return [
    MARK[is],
    name,
    is === 'open' && until > now ? `open, a trial in ${spanWords(until - now)}` : is,
    countWords(view),
    since === 0 ? '' : `for ${spanWords(Math.max(0, now - since))}: ${oneLine(why, 120)}`,
  ];
}

function countWords(view: BreakerView): string {
  const rate = failureRate(view);
  return rate === undefined ? '' : `${view.failed} of ${view.calls} failed (${rate} %)`;
}

function showText(view: BreakerView, now: number): string {
  const { name, is, since, until, openings, slow, why, by, kind, adaptive } = view;
  const lines = [`${MARK[is]} ${name} is ${breakerStateWords(is, until)}`];
  if (since > 0)
    lines.push(
      `since: ${spanWords(Math.max(0, now - since))} ago${by && `, by ${by}`}: ${oneLine(why, 300)}`,
    );
  lines.push(`counted: ${countWords(view) || 'nothing'}${slow > 0 ? `, ${slow} slow` : ''}`);
  if (kind) lines.push(`counts: ${COUNTS[kind]}${adaptive ? '; its threshold follows what is usual' : ''}`);
  if (openings > 0) lines.push(`opened: ${plural(openings, 'time')} since it was last closed`);
  return lines.join('\n');
}

const COUNTS = {
  consecutive: 'failures in a row',
  count: 'a share of the last calls',
  time: 'a share of the calls of the last while',
} as const;
