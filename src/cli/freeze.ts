/** `hms freeze` and `hms thaw`: the brake, from any terminal, through the engine or without it. */
import { Command } from 'commander';
import { findFleet } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { resistingWords } from '../model/freeze.ts';
import type { AgentId } from '../model/ids.ts';
import { plural } from '../model/text.ts';
import type { FreezeAnswer } from '../protocol/messages.ts';
import { agentId } from './agent-id.ts';
import { type OperatorLink, openLink, refuseAgents } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

/** An engine that has not answered by then is passed over: a brake that waits is none. ms */
const GREET_MS = 700;
const ANSWER_MS = 4000;

/** What a connection fails with when there is no engine to speak of. */
const AWAY = ['not-running', 'no-answer', 'gone', 'unreachable'];

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

type Verb = 'freeze' | 'thaw';

const ABOUT = {
  freeze: 'stop every process of these agents, or of all, at once; nothing is let through the gate meanwhile',
  thaw: 'let frozen agents go on',
} as const;

export function brakeCommand(verb: Verb): Command {
  return new Command(verb)
    .description(ABOUT[verb])
    .argument('[agents...]', 'agents (default: the whole fleet)')
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print the result as JSON')
    .action(async (names: string[], options: Options) => {
      refuseAgents();
      const agents = names.map(agentId);
      const { answer, by } = await use(verb, agents, options);
      const chosen = agents.length === 0 ? answer.agents : answer.agents.filter(a => names.includes(a.agent));
      const whole = chosen.every(({ state }) =>
        verb === 'freeze'
          ? state !== 'partly frozen' && state !== 'running'
          : state !== 'frozen' && state !== 'partly frozen',
      );
      if (!whole) process.exitCode = 1;
      if (options.json) return printJson({ by, recorded: answer.recorded, agents: chosen });
      if (by === 'cli') say(`The engine does not answer: done without it, by the agents' own processes.`);
      if (!answer.recorded) say('Nothing can be written down just now; it is as soon as that works again.');
      print(table(chosen.map(row)));
    });
}

async function use(
  verb: Verb,
  agents: readonly AgentId[],
  { fleet, as }: Options,
): Promise<{ readonly answer: FreezeAnswer; readonly by: 'engine' | 'cli' }> {
  let link: OperatorLink | undefined;
  try {
    link = await openLink({ fleet, as, deadlineMs: GREET_MS });
    const answer = await link.client.request(
      `fleet.${verb}`,
      { agents: [...agents] },
      { deadlineMs: ANSWER_MS },
    );
    return { answer, by: 'engine' };
  } catch (error) {
    if (!(error instanceof HmsError) || !AWAY.includes(error.code)) throw error;
    const { brakeDirectly } = await import('./freeze-directly.ts');
    return {
      answer: await brakeDirectly(verb, agents, await findFleet(fleet, process.cwd()), as),
      by: 'cli',
    };
  } finally {
    link?.client.close();
  }
}

function row({
  agent,
  state,
  stopped,
  running,
  resisting,
}: FreezeAnswer['agents'][number]): readonly string[] {
  const count =
    state === 'partly frozen'
      ? `${stopped} of ${stopped + running} stand still`
      : stopped > 0
        ? plural(stopped, 'process', 'processes')
        : '';
  return [`${state.endsWith('frozen') ? '❄' : ' '} ${agent}`, state, count, resistingWords(resisting)];
}
