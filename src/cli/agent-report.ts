/** `hms agent report` and `hms agent message`: what an agent may say of itself and to others, from inside. */
import { Argument, Command } from 'commander';
import { agentPlace, openLink } from './agent-link.ts';

const STATUSES = ['working', 'idle', 'waiting'] as const;

/** The `agent` command; the commands for people are added to it elsewhere. */
export function agentCommand(): Command {
  const agent = new Command('agent').description('agents: for people, and for agents to speak of themselves');
  agent
    .command('report')
    .description('inside an agent: say what it is doing, better than its screen can tell')
    .addArgument(new Argument('<status>').choices(STATUSES))
    .argument('[detail...]', 'a few words')
    .action(async (status: (typeof STATUSES)[number], words: string[]) => {
      const link = await openLink(agentPlace());
      try {
        await link.request('report', { status, detail: words.join(' ').slice(0, 400) });
      } finally {
        link.close();
      }
    });
  agent
    .command('beat')
    .description('inside an agent: say that it lives and gets on, for healing.heartbeat')
    .action(async () => {
      const link = await openLink(agentPlace());
      try {
        await link.request('beat', {});
      } finally {
        link.close();
      }
    });
  agent
    .command('message')
    .description('inside an agent: send a message to another agent, an operator or all')
    .argument('<to>', 'an agent, operator:NAME, or all')
    .argument('<text...>')
    .action(async (to: string, words: string[]) => {
      const link = await openLink(agentPlace());
      try {
        await link.request('message', { to, text: words.join(' ') });
      } finally {
        link.close();
      }
    });
  return agent;
}
