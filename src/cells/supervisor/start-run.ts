/** Starting an agent's next run: everything it needs is made ready, then its pane is made, then it is written down. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HmsError } from '../../model/errors.ts';
import type { PaneId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { gatingDrafts } from './drafts.ts';
import type { SupervisedAgent, SupervisorOptions } from './supervised.ts';

/**
 * Throws HmsError `cannot-start`, and what the options' ways into the world throw.
 * @param afresh not in the conversation it had
 */
export async function startRun(
  world: World,
  options: SupervisorOptions,
  configured: SupervisedAgent,
  before: AgentState,
  afresh: boolean,
): Promise<void> {
  // One that ended before it showed life while resuming would end the same way again.
  const conversation = afresh || before.resuming === before.conversation ? '' : before.conversation;
  const { argv, env: added } = options.plan(configured, conversation);
  const env = { ...configured.config.env, ...added };
  // Before a worktree is made for a program that is not there.
  const missing = options.missing(argv, configured.cwd, env);
  if (missing) throw new HmsError('cannot-start', missing.reason, missing.hint);
  const agent = { ...configured, cwd: await options.place(configured) };
  const plan = options.plan(agent, conversation);
  if (before.pid > 0) await options.reap(before.pid, before.born);
  for (const [path, content] of Object.entries(plan.files)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
  const { id } = agent;
  const incarnation = before.incarnation + 1;
  const pipe = options.tap(id, incarnation);
  const { pane, pid } = await options.tmux.startPane({
    agent: id,
    incarnation,
    argv: plan.argv,
    cwd: agent.cwd,
    env: { ...env, ...options.environment(id, incarnation) },
    ...(before.pane ? { replaces: before.pane as PaneId } : {}),
    ...(pipe === undefined ? {} : { pipe }),
  });
  const started = {
    agent: id,
    incarnation,
    pane,
    pid,
    born: options.birthOf(pid),
    argv: [...plan.argv],
    cwd: agent.cwd,
    resumed: plan.resumed,
  };
  world.emit(
    { kind: 'agent.started', actor: cellActor('supervisor'), subject: subject.agent(id), data: started },
    ...gatingDrafts(agent, before),
  );
}
