/** `hms agent logs`: what is on and above an agent's screen, once or as it comes. */
import { Command, InvalidArgumentError } from 'commander';
import { HmsError } from '../model/errors.ts';
import type { PaneId } from '../model/ids.ts';
import type { AgentState } from '../model/state.ts';
import { neutralise } from '../model/text.ts';
import type { History } from '../tmux/history.ts';
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
      'what is on and above an agent’s screen; also of one that has ended, while its pane is there',
    )
    .argument('<agent>')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C or the agent’s end')
    .option('-n, --lines <count>', 'how many lines at most', count, 100)
    .option(
      '--raw',
      'with colours and attributes, as escape sequences: only for a terminal you trust it with',
    )
    .option('--json', 'print {agent, incarnation, alive, lines}; with --follow one {line} each')
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .action((id: string, options: Options) => withLink(options, link => show(link, id, options)));
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
  const safe = options.raw ? (text: string) => text : neutralise;
  const first = await read();
  const lines = first.lines.slice(options.follow ? 0 : -options.lines);
  if (!options.follow) {
    if (options.json) {
      const { incarnation, alive } = agent;
      printJson({ agent: id, incarnation, alive, lines: lines.map(safe) });
    } else if (lines.length > 0) print(`${lines.map(safe).join('\n')}${options.raw ? '\u001b[0m' : ''}`);
    return;
  }
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
    const next = await read().catch((error: unknown) => {
      if (error instanceof HmsError && error.code === 'tmux-failed') return undefined;
      throw error;
    });
    if (!next) return;
    const now = next.lines.slice(0, next.done);
    for (const line of newLines(shown, now)) put(line);
    shown = now;
  }
}

/** Throws HmsError `no-screen` for an agent that has none. */
async function reader(
  { welcome, paths }: OperatorLink,
  agent: AgentState,
  raw: boolean,
): Promise<() => Promise<History>> {
  const [{ readHistory }, { cleanEnvironment, findTmux }] = await Promise.all([
    import('../tmux/history.ts'),
    import('../tmux/program.ts'),
  ]);
  const place = {
    program: findTmux(process.env),
    socket: welcome.tmux.socket,
    env: cleanEnvironment(process.env),
  };
  if (agent.pane === '')
    throw new HmsError(
      'no-screen',
      `${agent.id} has no screen: ${agent.evidence.detail}`,
      `hms agent start ${agent.id}`,
    );
  const read = () => readHistory(place, agent.pane as PaneId, MOST, raw);
  await read().catch((error: unknown) => {
    throw new HmsError(
      'no-screen',
      `the screen of ${agent.id} is gone${agent.lastExit ? ` (${agent.lastExit})` : ''}`,
      `what became of it: hms audit search --agent ${agent.id}; the engine's log is ${paths.log}`,
      { cause: error },
    );
  });
  return read;
}
