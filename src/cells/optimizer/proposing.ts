/** A tuning as people are asked about it, and what an answer means. Pure. */
import { Genome } from '../../healing/evolve/genome.ts';
import type { Interval } from '../../healing/evolve/paired.ts';
import { faultWords, objections, type Proposal } from '../../healing/evolve/proposal.ts';
import type { Action } from '../../model/action.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { FleetState, RequestState } from '../../model/state.ts';
import { plural } from '../../model/text.ts';

export const TUNE_TOOL = 'heal.tune';

interface About {
  readonly incumbent: Genome;
  /** Incidents of the fleet that the world it won in was fitted to. */
  readonly incidents: number;
  /** Who will try it first, in words. */
  readonly first: string;
  /** The person who wants it, or nobody. */
  readonly by: string;
  readonly cwd: string;
}

export function tuneAction(proposal: Proposal, { incumbent, incidents, first, by, cwd }: About): Action {
  const { genome, changes, gain, afterShift, evidence } = proposal;
  const against = objections(proposal);
  const [before, after] = evidence.falseActs;
  const input: Record<string, Json> = {
    about: `heal by ${plural(changes.length, 'changed number or ladder', 'changed numbers and ladders')}, ${gainWords(gain)}`,
    ...(against.length > 0 && { against: [...against] }),
    changes: changes.map(({ what, from, to }) => `${what}: ${from} → ${to}`),
    evidence: [
      `${plural(evidence.seeds, 'simulated afternoon')} that it was not bred on, the same for both`,
      incidents === 0
        ? 'no incident of this fleet was there to learn from'
        : `faults as frequent and as curable as ${plural(incidents, 'incident')} of this fleet say`,
      `acts on well agents: ${before.toFixed(1)} → ${after.toFixed(1)} an agent and day`,
      ...Object.entries(evidence.byFault).map(([fault, pct]) => `${faultWords(fault)}: ${signed(pct)} %`),
    ],
    expected: {
      change_pct: rounded(gain),
      after_shift_pct: rounded(afterShift),
    },
    first,
    ...(by === '' ? {} : { by }),
    genome: asJson(genome),
    incumbent: asJson(incumbent),
  };
  return { tool: TUNE_TOOL, input, cwd };
}

/** `2.3 % [1.4, 3.2] cheaper`. */
function gainWords({ mean, low, high }: Interval): string {
  const pct = (value: number): string => Math.abs(value).toFixed(1);
  if (high < 0) return `${pct(mean)} % cheaper [${pct(high)}, ${pct(low)}]`;
  return `${signed(mean)} % of cost [${signed(low)}, ${signed(high)}]`;
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
const round = (value: number): number => Math.round(value * 100) / 100;
const rounded = ({ mean, low, high }: Interval): JsonObject => ({
  mean: round(mean),
  low: round(low),
  high: round(high),
});

export function asJson(genome: Genome): JsonObject {
  return { numbers: { ...genome.numbers } as JsonObject, playbook: { ...genome.playbook } as JsonObject };
}

const isTune = ({ via, action }: RequestState): boolean => via === 'cell' && action.tool === TUNE_TOOL;

export function openProposal({ pending }: FleetState): RequestState | undefined {
  return Object.values(pending).find(isTune);
}

/** A proposal that was answered just now or by the time an engine died, by a yes that nothing was done about. */
export function agreedTo(request: RequestState): boolean {
  const yes = ['approved', 'overridden', 'permitted'].includes(request.outcome ?? '');
  return isTune(request) && yes && request.exit === null;
}

/** Genomes that people have said no to, of those requests that are kept. */
export function deniedGenomes({ settled }: FleetState): readonly Json[] {
  return settled.flatMap(request =>
    isTune(request) && request.outcome === 'denied' ? [request.action.input['genome'] ?? null] : [],
  );
}

/** What was agreed to, and what it was to take the place of. Throws ZodError where that is no genome within its bounds. */
export function genomesOf({ action: { input } }: RequestState): {
  readonly genome: Genome;
  readonly incumbent: Genome;
} {
  return { genome: Genome.parse(input['genome']), incumbent: Genome.parse(input['incumbent']) };
}

/** undefined where another version has written it. */
export function incumbentOf({ action: { input } }: RequestState): Genome | undefined {
  return Genome.safeParse(input['incumbent']).data;
}
