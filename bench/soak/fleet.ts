/** The fleet of the soak: patients of the bench `heal-real`, and a few that wait, build and ask. */
import { execPath } from 'node:process';
import { HEALTHY } from '../heal-real/healthy.ts';

/** Asks a person again and again, and does what it is let. */
const ASKER = JSON.stringify([
  'sh',
  '-c',
  'while :; do "$HMS_BIN" gate run -- rm -rf build && echo done; sleep 5; done',
]);
const LIMITS = 'limits: { memory: 150, output: 2 }';
/** Patience is short here: half an hour is to hold many recoveries. */
const LEVELS = ['level: hybrid', 'level: hybrid', 'level: hybrid', 'level: basic, silence: 15s'] as const;

export interface SoakFleet {
  readonly yaml: string;
  /** Agents that print line after line and can be ruined. */
  readonly patients: readonly string[];
  /** Those of them that cannot do without the service. */
  readonly dependants: readonly string[];
}

/** @param agents 4 at least */
export function soakFleet(
  agents: number,
  patient: string,
  port: number,
  service: { readonly means: string; readonly place: string },
): SoakFleet {
  const patients = Array.from({ length: agents - 3 }, (_, at) => `p${at}`);
  const dependants = patients.filter((_, at) => at % 4 === 1);
  const lines = patients.map((name, at) => {
    const needs = dependants.includes(name);
    const command = [execPath, patient, name, `${port}`, ...(needs ? [service.place] : [])];
    const depends = needs ? `, depends: { it: { ${service.means} } }` : '';
    const healing = `${LEVELS[at % LEVELS.length]}, ${LIMITS}${depends}`;
    return `  ${name}: { command: ${JSON.stringify(command)}, healing: { ${healing} } }`;
  });
  const others = { prompt: HEALTHY['prompt'], build: HEALTHY['build'], asker: ASKER };
  const more = Object.entries(others).map(
    ([name, command]) => `  ${name}: { command: ${command}, restart: always, healing: hybrid }`,
  );
  return { yaml: ['fleet: soak', 'agents:', ...lines, ...more, ''].join('\n'), patients, dependants };
}
