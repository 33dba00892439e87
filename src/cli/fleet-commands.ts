/** Commands about whole fleets: up, down, attach, ls, status. */
import { Command, Option } from 'commander';
import { findFleetFile } from '../fleet/load.ts';
import { fleetPaths } from '../fleet/paths.ts';
import { findFleet, listFleets } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { Mode } from '../model/mode.ts';
import type { FleetState } from '../model/state.ts';
import { STATUS_GLYPH } from '../model/status.ts';
import { oneLine } from '../model/text.ts';
import { openLink, withLink } from './operator-link.ts';
import { age, print, printJson, say, table } from './output.ts';
import { answers, up } from './up.ts';

export const modeOption = (): Option => new Option('--mode <mode>', 'mode to start in').choices(Mode.options);

/** The fleet file meant by an argument or the current folder. Throws HmsError `no-fleet-file`. */
export async function fleetFileOf(given: string | undefined): Promise<string> {
  const file = given ?? (await findFleetFile(process.cwd()));
  if (!file) {
    throw new HmsError(
      'no-fleet-file',
      'there is no hms.yaml here',
      'write one (see examples/), or try the demo: hms-tui demo',
    );
  }
  return file;
}

export function upCommand(hms: string): Command {
  return new Command('up')
    .description('start the fleet without opening a console')
    .argument('[file]', 'fleet file (default: hms.yaml here or above)')
    .option('--json', 'print the result as JSON')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const { fleet, paths, already } = await up(await fleetFileOf(given), hms);
      const name = fleet.config.fleet;
      if (options.json)
        return printJson({
          fleet: name,
          dir: paths.dir,
          already,
          socket: paths.operatorSocket,
          tmux: paths.tmuxSocket,
        });
      say(already ? `${name} is running already.` : `${name} is up: ${fleet.agents.length} agents.`);
      say('hms-tui attach opens a console, hms-tui down ends it.');
    });
}

export function downCommand(): Command {
  return new Command('down')
    .description('end the fleet: its agents, its tmux server, its engine (the journal stays)')
    .argument('[fleet]', 'name or folder')
    .option('--as <name>', 'operator')
    .action(async (fleet: string | undefined, options: { as?: string }) => {
      const { paths, welcome } = await withLink({ fleet, as: options.as }, async link => {
        const closed = new Promise<void>(resolve => link.client.onClose(() => resolve()));
        await link.client.request('fleet.down', {}, { deadlineMs: 20_000 });
        await closed;
        return link;
      });
      await untilGone(paths.operatorSocket);
      say(`${welcome.state.fleet} is down.`);
    });
}

async function untilGone(socket: string): Promise<void> {
  const end = Date.now() + 10_000;
  while ((await answers(socket)) && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 20));
}

export function attachCommand(): Command {
  return new Command('attach')
    .description('open a console on a running fleet')
    .argument('[fleet]', 'name or folder (default: the fleet of this folder, or the only one running)')
    .option('--as <name>', 'operator')
    .addOption(modeOption())
    .action(async (given: string | undefined, options: { as?: string; mode?: Mode }) => {
      const paths = await findFleet(given, process.cwd());
      if (!(await answers(paths.operatorSocket))) {
        throw new HmsError('not-running', `the fleet ${paths.key} is not running`, 'start it: hms-tui up');
      }
      await openConsole(paths.operatorSocket, options);
    });
}

/** Opens the console on a fleet that answers; resolves when the person has left it. */
export async function openConsole(
  socket: string,
  options: { as?: string; mode?: Mode; farewell?: string },
): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new HmsError(
      'no-terminal',
      'a console needs a terminal',
      'without one: hms-tui up, hms status --json, hms approvals list',
    );
  }
  const [{ runConsole }, { openScreens }] = await Promise.all([
    import('../console/run.ts'),
    import('./screens.ts'),
  ]);
  await runConsole({ socket, as: options.as, mode: options.mode, farewell: options.farewell, openScreens });
}

export function lsCommand(): Command {
  return new Command('ls')
    .description('list the fleets of this account')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const fleets = await Promise.all(
        (await listFleets()).map(async card => {
          const paths = fleetPaths(card.fleet, card.dir);
          return {
            fleet: card.fleet,
            dir: card.dir,
            running: await answers(paths.operatorSocket),
            ...(await agentsOf(card.dir, paths.operatorSocket)),
          };
        }),
      );
      if (options.json) return printJson(fleets);
      if (fleets.length === 0)
        return say('No fleets yet. hms-tui demo shows one; hms-tui up starts the one in ./hms.yaml.');
      print(
        table(
          fleets.map(f => [
            f.fleet,
            f.running ? '● running' : '○ down',
            f.running ? `${f.agents} agents, ${f.asking} asking` : '',
            f.dir,
          ]),
        ),
      );
    });
}

async function agentsOf(dir: string, socket: string): Promise<{ agents: number; asking: number }> {
  if (!(await answers(socket))) return { agents: 0, asking: 0 };
  try {
    return await withLink({ fleet: dir }, async ({ welcome }) => ({
      agents: welcome.state.order.length,
      asking: Object.keys(welcome.state.pending).length,
    }));
  } catch (error) {
    if (error instanceof HmsError) return { agents: 0, asking: 0 };
    throw error;
  }
}

export function statusCommand(): Command {
  return new Command('status')
    .description('what every agent is doing, and what waits for you')
    .argument('[fleet]', 'name or folder')
    .option('--json', 'print the whole state as JSON')
    .option('-w, --watch', 'print again whenever it changes')
    .action(async (fleet: string | undefined, options: { json?: boolean; watch?: boolean }) => {
      if (options.watch) return watch(fleet, options.json ?? false);
      await withLink({ fleet }, async ({ welcome, paths }) => {
        if (options.json) return printJson(statusJson(welcome.state, welcome.now, paths.log));
        print(statusText(welcome.state, welcome.now));
        print(`log ${paths.log}`);
      });
    });
}

async function watch(fleet: string | undefined, json: boolean): Promise<void> {
  const { reduce } = await import('../model/reduce.ts');
  const link = await openLink({ fleet, follow: true });
  let state = link.welcome.state;
  const show = (): void =>
    json
      ? printJson(statusJson(state, Date.now(), link.paths.log))
      : print(`${statusText(state, Date.now())}\n`);
  show();
  link.client.onPush(push => {
    if (push.push !== 'event') return;
    state = reduce(state, push.event);
    if (
      push.event.kind === 'status.changed' ||
      push.event.kind.startsWith('gate.') ||
      push.event.kind.startsWith('agent.')
    )
      show();
  });
  await new Promise<void>(resolve => link.client.onClose(() => resolve()));
}

/** What scripts read. Stable: fields are added, never changed. */
export function statusJson(state: FleetState, now: number, log: string): unknown {
  return {
    fleet: state.fleet,
    dir: state.dir,
    engine: state.engine,
    seq: state.seq,
    agents: Object.values(state.agents).map(agent => ({
      id: agent.id,
      driver: agent.driver,
      status: agent.status,
      evidence: agent.evidence,
      seconds: Math.floor((now - agent.since) / 1000),
      gating: agent.gating,
      pid: agent.alive ? agent.pid : null,
      pane: agent.alive ? agent.pane : null,
      incarnation: agent.incarnation,
      restarts: agent.restartCount,
      last_exit: agent.lastExit,
    })),
    approvals: Object.values(state.pending).map(r => ({
      id: r.id,
      agent: r.agent,
      title: r.facts.title,
      risk: r.facts.level,
      seconds: Math.floor((now - r.at) / 1000),
    })),
    incidents: Object.values(state.incidents),
    sessions: Object.values(state.sessions),
    totals: state.totals,
    checkpoint: state.checkpoint,
    log,
  };
}

export function statusText(state: FleetState, now: number): string {
  const agents = Object.values(state.agents).map(a => [
    `${STATUS_GLYPH[a.status]} ${a.id}`,
    a.status,
    age(now - a.since),
    a.gate === 'ask' ? a.gating : `gate ${a.gate}`,
    oneLine(`${a.evidence.detail} (${a.evidence.source})`, 90),
  ]);
  const waiting = Object.values(state.pending).map(r => [
    `▲ ${r.id}`,
    r.facts.level.toUpperCase(),
    r.agent || 'fleet',
    oneLine(r.facts.title, 90),
  ]);
  const parts = [
    `${state.fleet}  engine ${state.engine.pid}, ${state.totals.restarts} restarts, ${Object.keys(state.incidents).length} open incidents`,
    table(agents),
  ];
  if (waiting.length > 0)
    parts.push(`\n${waiting.length} waiting for an answer (hms approvals list):`, table(waiting));
  return parts.join('\n');
}
