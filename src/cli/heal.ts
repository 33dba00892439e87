/** `hms heal`: how agents are healed, what is tried about their trouble and why, and at which level. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { troubleWords } from '../model/cell.ts';
import { HealingLevel } from '../model/healing.ts';
import { tollOf, tollWords } from '../model/healing-toll.ts';
import { IncidentId } from '../model/ids.ts';
import type { IncidentState } from '../model/incident-state.ts';
import { progressWords } from '../model/incident-words.ts';
import type { AgentState, FleetState } from '../model/state.ts';
import { oneLine, plural } from '../model/text.ts';
import { agentId } from './agent-id.ts';
import { modeOption } from './attach.ts';
import { configCommand } from './heal-config.ts';
import { swapCommand, undoCommand } from './heal-remedies.ts';
import { replayCommand, simulateCommand } from './heal-simulate.ts';
import { strategiesCommand } from './heal-strategies.ts';
import { incidentIn, incidentsText, showText, whyJson, whyText } from './incident-text.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

const ofFleet = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function healCommand(): Command {
  const heal = new Command('heal').description(
    'how agents are healed: what is tried about their trouble, and why',
  );
  ofFleet(heal.command('status', { isDefault: true }))
    .description('the health of every agent, and what is being done')
    .action((options: Options) =>
      withLink(options, async ({ welcome: { state, now } }) => {
        if (options.json) printJson(statusJson(state));
        else print(statusText(state, now));
      }),
    );
  ofFleet(heal.command('incidents'))
    .description('those that are open, then the last ones that are over')
    .action((options: Options) =>
      withLink(options, async ({ welcome: { state, now } }) => {
        const open = Object.values(state.incidents);
        if (options.json) printJson({ open, closed: state.healed });
        else print(incidentsText(open, state.healed, now));
      }),
    );
  ofFleet(heal.command('show'))
    .argument('<incident>', 'its id')
    .description('one incident: what was seen, what was tried, what came of it')
    .action((id: string, options: Options) =>
      withLink(options, async ({ welcome: { state, now } }) => {
        const incident = incidentIn(state, id);
        if (options.json) printJson(incident);
        else print(showText(incident, state.healed, now));
      }),
    );
  ofFleet(heal.command('why'))
    .argument('<incident>', 'its id')
    .description('why each step of an incident was taken and not another one')
    .action((id: string, options: Options) =>
      withLink(options, async ({ welcome: { state } }) => {
        const incident = incidentIn(state, id);
        if (options.json) printJson(whyJson(incident));
        else print(whyText(incident));
      }),
    );
  ofFleet(heal.command('dismiss'))
    .argument('<incident>', 'its id')
    .addOption(modeOption())
    .description('say that nothing was wrong: nothing more is done about it for as long as it stays as it is')
    .action((id: string, options: Options) =>
      withLink(options, async ({ client, welcome: { state } }) => {
        const incident = IncidentId.parse(incidentIn(state, id).id);
        await client.request('heal.dismiss', { incident });
        if (options.json) printJson({ incident, result: 'false-alarm' });
        else print(`${incident} was no trouble`);
      }),
    );
  ofFleet(heal.command('set-level'))
    .argument('<agent>')
    .addArgument(new Argument('<level>').choices(HealingLevel.options).argParser(levelOf))
    .addOption(modeOption())
    .description('heal it at another level until the fleet file says otherwise; what is known of it is kept')
    .action((id: string, level: HealingLevel, options: Options) =>
      withLink(options, async ({ client }) => {
        const agent = agentId(id);
        await client.request('heal.set-level', { agent, level });
        if (options.json) printJson({ agent, level });
        else print(`${agent} is healed at the level ${level}`);
      }),
    );
  heal.addCommand(undoCommand());
  heal.addCommand(swapCommand());
  heal.addCommand(strategiesCommand());
  heal.addCommand(replayCommand());
  heal.addCommand(simulateCommand());
  heal.addCommand(configCommand());
  return heal;
}

function levelOf(text: string): HealingLevel {
  const level = HealingLevel.safeParse(text);
  if (level.success) return level.data;
  throw new InvalidArgumentError(`It is one of ${HealingLevel.options.join(', ')}.`);
}

function openOf(state: FleetState, agent: string): IncidentState | undefined {
  return Object.values(state.incidents).find(incident => incident.agent === agent);
}

/** What scripts read. Stable: fields are added, never changed. */
function statusJson(state: FleetState): unknown {
  const { incidents, detectMs, repairMs, by, wasted, lostMs } = tollOf(state.healed);
  return {
    agents: Object.values(state.agents).map(({ id, status, healing }) => ({
      id,
      status,
      level: healing?.level ?? null,
      configured: healing?.configured ?? null,
      down: healing?.down ?? {},
      failing: healing?.failing ?? {},
      swapped: healing?.swapped ?? null,
      incident: openOf(state, id)?.id ?? null,
    })),
    open: Object.keys(state.incidents).length,
    over: { incidents, ...by },
    mean_detect_ms: incidents > 0 ? detectMs : null,
    mean_repair_ms: incidents > 0 ? repairMs : null,
    wasted_starts: wasted,
    lost_work_ms: lostMs,
    cells: Object.values(state.cells),
  };
}

function statusText(state: FleetState, now: number): string {
  const rows = Object.values(state.agents).map(agent => {
    const open = openOf(state, agent.id);
    return [
      agent.id,
      agent.healing?.level ?? 'ends only',
      healthOf(agent),
      open ? `${open.id} ${progressWords(open, now)}` : '',
    ];
  });
  const cells = Object.values(state.cells).map(one => `the engine's cell ${oneLine(troubleWords(one), 200)}`);
  return [table(rows), ...cells, tollWords(tollOf(state.healed))].filter(Boolean).join('\n');
}

function healthOf({ alive, status, healing }: AgentState): string {
  const down = Object.keys(healing?.down ?? {});
  const failing = Object.keys(healing?.failing ?? {});
  const parts = [
    ...(healing?.swapped ? [`with ${healing.swapped.to}`] : []),
    ...(alive ? [] : [status]),
    ...(down.length > 0 ? [`${down.join(', ')} down`] : []),
    ...(failing.length > 0 ? [`${plural(failing.length, 'probe')} failing: ${failing.join(', ')}`] : []),
  ];
  return parts.length > 0 ? oneLine(parts.join('; '), 120) : 'well';
}
