/** `hms agent logs`: what is on and above an agent's screen, once or as it comes; of one that is gone, what was recorded. */
import { Command, InvalidArgumentError } from 'commander';
import type { FleetPaths } from '../fleet/paths.ts';
import { HmsError } from '../model/errors.ts';
import type { PaneId } from '../model/ids.ts';
import type { AgentState } from '../model/state.ts';
import { neutralise } from '../model/text.ts';
import type { History } from '../tmux/history.ts';
import { agentId } from './agent-id.ts';
import { newLines } from './new-lines.ts';
import { type OperatorLink, withLink } from './operator-link.ts';
import { print, printJson, say } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly follow?: boolean;
  readonly lines: number;
  readonly raw?: boolean;
  readonly json?: boolean;
}

/** How often the screen is looked at, ms. */
const LOOK_MS = 500;
/** What tmux keeps of an agent. */
const MOST = 10_000;

export function logsCommand(): Command {
  return new Command('logs')
    .description(
      'what is on and above an agent’s screen; of one whose screen is gone, what was recorded of it',
    )
    .argument('<agent>')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C or the agent’s end')
    .option('-n, --lines <count>', 'how many lines at most', count, 100)
    .option(
      '--raw',
      'with colours and attributes, as escape sequences: only for a terminal you trust it with',
    )
    .option('--json', 'print {agent, incarnation, alive, from, lines}; with --follow one {line} each')
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .action(async (text: string, options: Options) => {
      const id = agentId(text);
      try {
        await withLink(options, link => show(link, id, options));
      } catch (error) {
        if (!(error instanceof HmsError) || error.code !== 'not-running' || options.follow) throw error;
        const { findFleet } = await import('../fleet/registry.ts');
        const paths = await findFleet(options.fleet, process.cwd());
        tell(id, { alive: false, incarnation: 0 }, await recorded(paths, id, options, error), options);
      }
    });
}

function count(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= MOST) return lines;
  throw new InvalidArgumentError(`a number from 1 to ${MOST}`);
}

async function show(link: OperatorLink, id: string, options: Options): Promise<void> {
  const { order, agents } = link.welcome.state;
  const agent = Object.hasOwn(agents, id) ? agents[id] : undefined;
  if (!agent)
    throw new HmsError(
      'unknown-agent',
      `there is no agent called ${neutralise(id)}`,
      `the agents are ${order.join(', ')}`,
    );
  const read = await reader(link, agent, options.raw ?? false);
  const first = await read().catch(goneAsNothing);
  if (first?.agent !== id) {
    const words = agent.lastExit || agent.evidence.detail;
    const gone = new HmsError('no-screen', `${id} has no screen: ${words}`, `hms agent start ${id}`);
    if (options.follow) throw gone;
    return tell(id, agent, await recorded(link.paths, id, options, gone), options);
  }
  if (!options.follow) return tell(id, agent, { from: 'screen', lines: first.lines }, options);
  const safe = options.raw ? (text: string) => text : neutralise;
  const put = (line: string): void => (options.json ? printJson({ line: safe(line) }) : print(safe(line)));
  if (first.fullScreen)
    say(`${id} draws on the whole screen: what scrolls out of it is all there is to follow.`);
  await follow(first, read, options.lines, put);
}

/** Ends when the pane is gone; its last words are printed first. */
async function follow(
  first: History,
  read: () => Promise<History>,
  lines: number,
  put: (line: string) => void,
): Promise<void> {
  let shown = first.lines.slice(0, first.done);
  for (const line of shown.slice(-lines)) put(line);
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    const next = await read().catch(goneAsNothing);
    if (!next) return;
    const now = next.lines.slice(0, next.done);
    for (const line of newLines(shown, now)) put(line);
    shown = now;
  }
}

interface Told {
  readonly from: 'screen' | 'recording';
  readonly lines: readonly string[];
}

function tell(
  id: string,
  agent: Pick<AgentState, 'alive' | 'incarnation'>,
  told: Told,
  options: Options,
): void {
  const safe = options.raw ? (text: string) => text : neutralise;
  const lines = told.lines.slice(-options.lines).map(safe);
  if (options.json)
    printJson({ agent: id, incarnation: agent.incarnation, alive: agent.alive, from: told.from, lines });
  else if (lines.length > 0) print(`${lines.join('\n')}${options.raw ? '\u001b[0m' : ''}`);
}

/** What was recorded of an agent whose screen is gone. Throws `otherwise` where nothing was. */
async function recorded(
  paths: FleetPaths,
  name: string,
  { raw }: Options,
  otherwise: HmsError,
): Promise<Told> {
  const [{ openRecording }, { exported }] = await Promise.all([
    import('../recording/read.ts'),
    import('../recording/export.ts'),
  ]);
  try {
    const recording = openRecording(paths.recordings, name);
    const pieces = raw
      ? [...recording.events()].flatMap(({ code, data }) => (code === 'o' ? [data] : []))
      : [...exported(recording, 'txt')];
    return { from: 'recording', lines: pieces.join('').replace(/\n+$/, '').split('\n') };
  } catch (error) {
    if (error instanceof HmsError && error.code === 'no-recording') throw otherwise;
    throw error;
  }
}

function goneAsNothing(error: unknown): undefined {
  if (error instanceof HmsError && error.code === 'tmux-failed') return undefined;
  throw error;
}

async function reader(
  { welcome }: OperatorLink,
  agent: AgentState,
  raw: boolean,
): Promise<() => Promise<History>> {
  const [{ readHistory }, { cleanEnvironment, findTmux }] = await Promise.all([
    import('../tmux/history.ts'),
    import('../tmux/program.ts'),
  ]);
  const env = cleanEnvironment(process.env);
  const place = { program: findTmux(process.env), socket: welcome.tmux.socket, env };
  // Without a pane of its own tmux would show the one that is current.
  const pane = (agent.pane || '%-1') as PaneId;
  return () => readHistory(place, pane, MOST, raw);
}
