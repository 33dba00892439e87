/** `hms agent …` for people: start, stop, restart, send, logs. What agents themselves may say is in agent-report.ts. */
import { Command } from 'commander';
import { agentId } from './agent-id.ts';
import { logsCommand } from './agent-logs.ts';
import { withLink } from './operator-link.ts';
import { say } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
}

const OPERATE = [
  ['start', 'start an agent, forgiving its restarts so far'],
  ['stop', 'stop an agent; it stays so until somebody starts it'],
  ['restart', 'stop and start an agent'],
] as const;

const DONE = { start: 'started', stop: 'stopped', restart: 'restarted' } as const;

/** Adds the commands of people to `agent`. */
export function addAgentCommands(agent: Command): Command {
  for (const [verb, about] of OPERATE) {
    agent.addCommand(
      person(new Command(verb).description(about).argument('<agents...>')).action(
        (ids: string[], options: Options) =>
          withLink(options, async ({ client }) => {
            for (const id of ids) {
              await client.request(`agent.${verb}`, { agent: agentId(id) });
              say(`${id}: ${DONE[verb]}.`);
            }
          }),
      ),
    );
  }
  agent.addCommand(
    person(
      new Command('send')
        .description("type a message into an agent's pane")
        .argument('<agent>')
        .argument('<text...>'),
    )
      .option('--no-enter', 'do not press Enter after it')
      .action((id: string, words: string[], options: Options & { enter: boolean }) =>
        withLink({ ...options, mode: 'collaborate' }, async ({ client }) => {
          await client.request('agent.send', {
            agent: agentId(id),
            text: words.join(' '),
            enter: options.enter,
          });
          say(`${id}: sent.`);
        }),
      ),
  );
  agent.addCommand(logsCommand());
  return agent;
}

function person(command: Command): Command {
  return command.option('--fleet <fleet>', 'name or folder').option('--as <name>', 'operator');
}
