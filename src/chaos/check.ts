/** What an experiment's schema cannot say: names that must exist, times that must fit, rollbacks that are ours to make. */
import { CELLS_THAT_HANG } from '../model/chaos-state.ts';
import { spanWords } from '../model/text.ts';
import type { Action, Experiment, Provider, Tolerance } from './schema.ts';
import { TARGET_FORMS, targetProblem } from './targets.ts';

/** What is wrong with the value at `path` of the file, and what to do. */
export interface ExperimentFinding {
  readonly path: readonly (string | number)[];
  readonly atKey?: boolean;
  readonly reason: string;
  readonly hint: string;
}

const HYPOTHESIS = 'steady-state-hypothesis';

export function experimentFindings(file: Experiment): readonly ExperimentFinding[] {
  const found: ExperimentFinding[] = [];
  const complain = (path: ExperimentFinding['path'], reason: string, hint = '', atKey = false): void =>
    void found.push({ path, reason, hint, ...(atKey ? { atKey } : {}) });

  if (file.rollbacks && file.rollbacks.length > 0)
    complain(
      ['rollbacks'],
      'rollbacks are made by hms-tui: every fault takes itself back, whoever dies',
      'remove them; hms chaos plan shows what is done',
      true,
    );

  const names = new Set<string>();
  const probes = file[HYPOTHESIS]?.probes ?? [];
  for (const [at, { name, provider, tolerance }] of probes.entries()) {
    const path = [HYPOTHESIS, 'probes', at];
    if (names.has(name))
      complain([...path, 'name'], `two probes are called ${name}`, 'their names tell them apart');
    names.add(name);
    if (provider.type === 'metric' && tolerance === undefined)
      complain(path, 'a metric has no usual value', 'give it a tolerance: { max: 80 }');
    checkPattern(tolerance, [...path, 'tolerance'], complain);
    checkProvider(provider, [...path, 'provider'], complain);
  }
  for (const [at, { probe, unless }] of file['abort-if'].entries()) {
    checkPattern(unless, ['abort-if', at, 'unless'], complain);
    if (!names.has(probe))
      complain(
        ['abort-if', at, 'probe'],
        `there is no probe ${probe}`,
        names.size > 0 ? `the probes are ${[...names].join(', ')}` : `list it under ${HYPOTHESIS}`,
      );
  }

  for (const [at, step] of file.method.entries()) {
    if (step.type === 'probe') {
      checkProvider(step.provider, ['method', at, 'provider'], complain);
      continue;
    }
    checkAction(step, file, ['method', at], complain);
  }
  if (!file.method.some(({ type }) => type === 'action'))
    complain(
      ['method'],
      'nothing is broken in it',
      'add an action: { type: action, fault: kill, target: random }',
    );
  for (const [name, { listen }] of Object.entries(file.proxies))
    if (!/^(?:127\.0\.0\.1|localhost|\[::1\]|unix):/.test(listen))
      complain(['proxies', name, 'listen'], 'a proxy listens on this machine alone', 'listen: 127.0.0.1:0');
  return found;
}

type Complain = (path: ExperimentFinding['path'], reason: string, hint?: string, atKey?: boolean) => void;

function checkAction(
  action: Action,
  file: Experiment,
  path: ExperimentFinding['path'],
  complain: Complain,
): void {
  const targets = targetsOf(action);
  const given = 'target' in action && Array.isArray(action.target);
  for (const [at, target] of targets.entries()) {
    const problem = targetProblem(target);
    if (problem)
      complain(given ? [...path, 'target', at] : [...path, 'target'], problem, `a target is ${TARGET_FORMS}`);
    const isCell = target.startsWith('cell:');
    const deaf: readonly string[] = CELLS_THAT_HANG;
    if (!problem && isCell && action.fault === 'cell_hang' && !deaf.includes(target.slice(5)))
      complain(
        [...path, 'target'],
        `${target.slice(5)} lives by what it is asked, not by what it hears`,
        'cell_kill is possible',
      );
    if (!problem && isCell !== (action.fault === 'cell_hang' || action.fault === 'cell_kill'))
      complain(
        [...path, 'target'],
        isCell
          ? `${action.fault} is not done to a cell`
          : 'only a cell of the engine can be broken like this',
        isCell ? 'cell_hang and cell_kill are' : 'pause stops any process, kill ends it',
      );
  }
  if ('proxy' in action && !endpointAgent(action.proxy) && !Object.hasOwn(file.proxies, action.proxy))
    complain(
      [...path, 'proxy'],
      `there is no proxy ${action.proxy}`,
      'name an endpoint of an agent, as AGENT/NAME, or one of your own under proxies: { api: { listen: 127.0.0.1:9000, upstream: 127.0.0.1:8080 } }',
    );
  if (action.for > file.blast.longest)
    complain(
      [...path, 'for'],
      `it is longer than blast.longest, ${spanWords(file.blast.longest)}`,
      'raise that one, up to 300s',
    );
  if (action.for === 0) complain([...path, 'for'], 'it has to last', 'for: 10s');
}

/** The agent whose endpoint it is, of `AGENT/NAME`; '' for a proxy of the experiment's own. */
function endpointAgent(proxy: string): string {
  const slash = proxy.indexOf('/');
  return slash > 0 ? proxy.slice(0, slash) : '';
}

/** The targets as written; harm to an agent's endpoint is done to that agent. */
export function targetsOf(action: Action): readonly string[] {
  if ('proxy' in action) return [endpointAgent(action.proxy)].filter(agent => agent !== '');
  if (!('target' in action) || action.target === undefined) return [];
  return Array.isArray(action.target) ? action.target : [action.target];
}

function checkProvider(provider: Provider, path: ExperimentFinding['path'], complain: Complain): void {
  if (provider.type !== 'agent-state') return;
  for (const agents of [provider.agents].flat()) {
    if (/^[a-z0-9*?-]{1,64}$/.test(agents) || /^driver:/.test(agents)) continue;
    complain(
      [...path, 'agents'],
      `${JSON.stringify(agents)} names no agent`,
      'a name, a pattern such as build*, driver:claude',
    );
  }
}

function checkPattern(
  tolerance: Tolerance | undefined,
  path: ExperimentFinding['path'],
  complain: Complain,
): void {
  if (typeof tolerance !== 'object' || !('pattern' in tolerance)) return;
  try {
    new RegExp(tolerance.pattern, 'u');
  } catch {
    complain([...path, 'pattern'], 'this is not a regular expression');
  }
}
