/** `hms top`: what every agent uses, once or every second. */
import { Command } from 'commander';
import { freezeWords } from '../model/freeze.ts';
import { reduce } from '../model/reduce.ts';
import { ALERT_MARK, bytesWords, type Deeper, type DeeperReading, type Reading } from '../model/resources.ts';
import type { AgentState, FleetState } from '../model/state.ts';
import { STATUS_GLYPH } from '../model/status.ts';
import { costWords, countWords } from '../model/usage.ts';
import { openLink } from './operator-link.ts';
import { print, printJson, table } from './output.ts';

export function topCommand(): Command {
  return new Command('top')
    .description('what every agent uses: CPU, memory, threads, output, tokens, cost')
    .argument('[fleet]', 'name or folder')
    .option('--json', 'print as JSON')
    .option('-w, --watch', 'print again every second')
    .action((fleet: string | undefined, options: { json?: boolean; watch?: boolean }) => top(fleet, options));
}

async function top(
  fleet: string | undefined,
  { json, watch }: { json?: boolean; watch?: boolean },
): Promise<void> {
  const link = await openLink({ fleet, follow: true });
  let state = link.welcome.state;
  const done = new Promise<void>(resolve => {
    link.client.onClose(() => resolve());
    link.client.onPush(push => {
      if (push.push === 'event') state = reduce(state, push.event);
      if (push.push !== 'resources') return;
      if (json) printJson(topJson(state, push.reading));
      else print(`${topText(state, push.reading)}${watch ? '\n' : ''}`);
      if (!watch) resolve();
    });
  });
  await done;
  link.client.close();
}

/** What scripts read. Stable: fields are added, never changed. What is not known is null. */
function topJson(state: FleetState, { at, cores, samples, alerts, bottleneck, deeper }: Reading): unknown {
  return {
    at,
    cores,
    bottleneck: bottleneck || null,
    stalled_pct: deeper?.stalled ?? null,
    agents: Object.values(state.agents).map(({ id, status, usage }) => {
      const sample = samples[id];
      return {
        id,
        status,
        cpu_pct: sample ? Math.round(sample.cpu * 10) / 10 : null,
        rss_bytes: sample?.rss ?? null,
        threads: sample?.threads ?? null,
        processes: sample?.processes ?? 0,
        output_bytes_per_s: sample?.output ?? null,
        open_files: deeper?.agents[id]?.fds ?? null,
        read_bytes_per_s: deeper?.agents[id]?.read ?? null,
        written_bytes_per_s: deeper?.agents[id]?.written ?? null,
        tokens: usage && {
          input: usage.input,
          output: usage.output,
          cache_read: usage.cacheRead,
          cache_write: usage.cacheWrite,
        },
        cost_usd: usage?.cost ?? null,
        alerts: alerts
          .filter(alert => alert.agent === id)
          .map(({ kind, since, words }) => ({ kind, since, words })),
      };
    }),
  };
}

function topText(state: FleetState, reading: Reading): string {
  const more = reading.deeper ? ['FILES', 'READ/S', 'WRITTEN/S'] : [];
  const head = [
    ...['AGENT', 'STATUS', 'CPU', 'MEMORY', 'THREADS', 'PROCS'],
    ...more,
    ...['OUTPUT/S', 'TOKENS', 'COST', ''],
  ];
  const agents = Object.values(state.agents).toSorted(
    (a, b) => (reading.samples[b.id]?.cpu ?? -1) - (reading.samples[a.id]?.cpu ?? -1),
  );
  const rows = table([head, ...agents.map(agent => row(agent, reading))]);
  return reading.deeper ? `${rows}\n${stalledWords(reading.deeper)}` : rows;
}

/** The native helper's, of the machine as a whole. */
function stalledWords({ stalled }: DeeperReading): string {
  const share = (value: number | null): string => (value === null ? 'unknown' : `${Math.round(value)} %`);
  const [cpu, memory, io] = [share(stalled.cpu), share(stalled.memory), share(stalled.io)];
  return `stood still in the last 10 s for lack of: CPU ${cpu}, memory ${memory}, storage ${io}`;
}

function deeperCells(deeper: Deeper | undefined): readonly string[] {
  if (!deeper) return ['–', '–', '–'];
  const { fds, read, written } = deeper;
  const rate = (value: number | null): string => (value === null ? 'unknown' : bytesWords(value));
  return [fds === null ? 'unknown' : `${fds}`, rate(read), rate(written)];
}

function row(agent: AgentState, { samples, alerts, bottleneck, deeper }: Reading): readonly string[] {
  const sample = samples[agent.id];
  const { usage, freeze } = agent;
  const marks = alerts
    .filter(alert => alert.agent === agent.id)
    .map(alert => `${ALERT_MARK[alert.kind]}: ${alert.words}`);
  return [
    agent.id,
    freeze ? `❄ ${freezeWords(freeze)}` : `${STATUS_GLYPH[agent.status]} ${agent.status}`,
    sample ? `${sample.cpu.toFixed(1)} %` : '–',
    sample ? bytesWords(sample.rss) : '–',
    sample ? `${sample.threads ?? 'unknown'}` : '–',
    sample ? `${sample.processes}` : '–',
    ...(deeper ? deeperCells(sample && deeper.agents[agent.id]) : []),
    sample ? (sample.output === null ? 'unknown' : bytesWords(sample.output)) : '–',
    usage ? countWords(usage.input + usage.output) : 'unknown',
    usage?.cost == null ? 'unknown' : costWords(usage.cost),
    [...marks, ...(bottleneck === agent.id ? ['◆ bottleneck'] : [])].join('; '),
  ];
}
