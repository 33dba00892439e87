/** The report of a soak, as Markdown. */
import type { Soaked } from './soak.ts';

export function reportOf({ verdict, done, ...soaked }: Soaked): string {
  const { lost, leaked, stuck, heapMbAMinute, engineMbAMinute, engineFdsAMinute } = verdict;
  const counts = new Map<string, number>();
  for (const { what } of done) counts.set(what, (counts.get(what) ?? 0) + 1);
  const rows = [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `| ${what} | ${count} |`);
  const closed = Object.entries(soaked.incidents).map(([how, count]) => `${count} ${how}`);
  return [
    `# Soak: ${soaked.minutes} minutes, ${soaked.agents} agents, seed ${soaked.seed}`,
    '',
    ...part('Lost', lost),
    ...part('Leaked', leaked),
    ...part('Stuck', stuck),
    '| what happened | times |',
    '|---|---|',
    ...rows,
    '',
    `${soaked.events} events. Incidents closed: ${closed.join(', ')}. An engine answered at`,
    `${soaked.engineAnsweredPct.toFixed(1)} % of looks, one a second. All were well ${soaked.settledS.toFixed(0)} s after the last of it.`,
    `The engine's heap without garbage grew by ${heapMbAMinute?.toFixed(2) ?? 'an unknown number of'} MB a minute in the second half,`,
    `with garbage ${engineMbAMinute.toFixed(2)} MB, and its open files by ${engineFdsAMinute.toFixed(2)} (0 where no engine lived for seven`,
    'minutes).',
    '',
  ].join('\n');
}

const part = (title: string, found: readonly string[]): readonly string[] =>
  found.length === 0
    ? [`${title}: nothing.`, '']
    : [`## ${title}`, '', ...found.map(line => `- ${line}`), ''];
