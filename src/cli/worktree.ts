/** `hms worktree`: what agents have done in their own working trees; merging and dropping it, by the gate. */
import { Command } from 'commander';
import { HmsError } from '../model/errors.ts';
import type { Data } from '../model/event.ts';
import type { AgentId } from '../model/ids.ts';
import type { WorktreeState } from '../model/state.ts';
import { neutralise, oneLine, plural } from '../model/text.ts';
import type { WorktreeProposed } from '../protocol/messages.ts';
import type { Work } from '../worktrees/work.ts';
import { agentId } from './agent-id.ts';
import { asked } from './ask.ts';
import { type OperatorLink, openLink, withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';
import { restoreCommand, snapshotCommand, snapshotsCommand } from './worktree-snapshots.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

interface Listed extends WorktreeState {
  readonly agent: string;
  readonly work: Work | null;
  readonly problem: string;
}

/** git may take its time in a big repository. */
const PATIENT = { deadlineMs: 120_000 };

const common = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function worktreeCommand(): Command {
  const worktree = new Command('worktree').description('agents’ own working trees and branches');
  common(worktree.command('list', { isDefault: true }))
    .description('agents that have one, and what they have done in it')
    .action((options: Options) => withLink(options, link => list(link, options)));
  common(worktree.command('diff'))
    .argument('<agent>')
    .description('what it has changed since it left the branch it is merged into, committed or not')
    .action((id: string, options: Options) => withLink(options, link => diff(link, agentId(id), options)));
  for (const [verb, about] of VERBS) {
    common(worktree.command(verb))
      .argument('<agent>')
      .description(about)
      .option('-y, --yes', 'agree without being asked')
      .action((id: string, options: Options) => propose(verb, agentId(id), options));
  }
  worktree.addCommand(snapshotsCommand());
  worktree.addCommand(snapshotCommand());
  worktree.addCommand(restoreCommand());
  return worktree;
}

const VERBS = [
  ['merge', 'merge its branch; refused, with everything left as it was, where that is not clean'],
  ['drop', 'remove its tree and branch; all of it stays under refs/hms/dropped'],
] as const;

async function list({ client }: OperatorLink, { json }: Options): Promise<void> {
  const { worktrees } = (await client.request('worktree.list', {}, PATIENT)) as {
    worktrees: readonly Listed[];
  };
  if (json) printJson({ worktrees });
  else if (worktrees.length === 0) print('no agent has a worktree of its own');
  else
    print(
      table(
        worktrees.map(({ agent, branch, target, work, problem }) => [
          agent,
          oneLine(`${branch} → ${target}`, 80),
          work ? counts(work) : oneLine(problem, 200),
        ]),
      ),
    );
}

function counts({ commits, files, insertions, deletions, uncommitted, conflicts }: Work): string {
  const parts = [plural(commits, 'commit'), plural(files, 'file'), `+${insertions} −${deletions}`];
  if (uncommitted > 0) parts.push(`${uncommitted} not committed`);
  if (conflicts.length > 0) parts.push(`conflicts: ${oneLine(conflicts.join(', '), 100)}`);
  return parts.join(', ');
}

async function diff({ client }: OperatorLink, agent: AgentId, { json }: Options): Promise<void> {
  const answer = (await client.request('worktree.diff', { agent }, PATIENT)) as {
    text: string;
    cut: boolean;
    command: string;
    work: Work;
  };
  if (json) {
    printJson({ agent, ...answer });
    return;
  }
  if (answer.text !== '') print(neutralise(answer.text).trimEnd());
  if (answer.cut) say(`It is longer than this; all of it: ${answer.command}`);
  say(counts(answer.work));
}

/** The request it makes is an ordinary one: where more people must agree it stays in the queue for them. */
async function propose(what: 'merge' | 'drop', agent: AgentId, options: Options): Promise<void> {
  const link = await openLink({ ...options, follow: true });
  const { client } = link;
  try {
    const effects = effectsOf(link);
    const { worktrees } = (await client.request('worktree.list', {}, PATIENT)) as {
      worktrees: readonly Listed[];
    };
    const tree = worktrees.find(t => t.agent === agent);
    if (tree?.work) say(oneLine(`${tree.branch} → ${tree.target}: ${counts(tree.work)}`, 300));
    if (!options.yes && !(await asked(what === 'merge' ? 'Merge it? [y/N] ' : 'Drop it? [y/N] ', false))) {
      process.exitCode = 1;
      return say(`Nothing has changed. hms worktree ${what} ${agent} --yes does it.`);
    }
    const asks = (await client.request('worktree.propose', { agent, do: what }, PATIENT)) as WorktreeProposed;
    const { request, digest, needs } = asks;
    if (asks.outcome === 'forbidden') throw new HmsError('forbidden', `the policy forbids it: ${asks.why}`);
    if (asks.outcome === null) {
      const evidence = { keys: [`worktree ${what}`], shown: digest };
      await client.request('approval.decide', { request, decision: 'approve', digest, evidence });
    }
    if (needs > 1) {
      if (options.json) printJson({ agent, request, is: 'held', needs: needs - 1 });
      return say(
        `${request} waits for ${plural(needs - 1, 'more person', 'more people')}: hms approvals list`,
      );
    }
    const { exit, detail } = await effects(request);
    if (exit !== 0) throw new HmsError('not-done', detail);
    if (options.json) printJson({ agent, request, is: 'done', detail });
    else print(neutralise(detail));
  } finally {
    client.close();
  }
}

/** What became of a request, whenever it is told. Rejects when the engine goes away before. */
function effectsOf(link: OperatorLink): (request: string) => Promise<Data<'gate.effected'>> {
  const told = new Map<string, Data<'gate.effected'>>();
  let look = (): void => {};
  link.onEvent(event => {
    if (event.kind !== 'gate.effected') return;
    told.set(event.data.request, event.data);
    look();
  });
  return request =>
    new Promise((resolve, reject) => {
      look = () => {
        const data = told.get(request);
        if (data) resolve(data);
      };
      link.client.onClose(() => reject(new HmsError('gone', 'the engine has gone', 'hms worktree list')));
      look();
    });
}
