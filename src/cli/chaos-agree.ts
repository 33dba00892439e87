/** An experiment at the gate. */
import { revertWords } from '../chaos/helper.ts';
import { watched } from '../chaos/watch.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { ExperimentId } from '../model/chaos.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { oneLine, plural } from '../model/text.ts';
import type { ChaosProposed, OperatorInput } from '../protocol/messages.ts';
import type { ChaosLink } from './chaos-link.ts';
import { hitBy, type Prepared } from './chaos-prepare.ts';
import { scopeTargets } from './chaos-scope.ts';
import { say } from './output.ts';

/** Passes the gate; resolves when the request was approved. Rejects with HmsError `denied`, `forbidden`, … */
export async function agree(
  link: ChaosLink,
  paths: FleetPaths,
  prepared: Prepared,
  day: string,
  yes: boolean,
  ending: AbortSignal,
): Promise<ChaosProposed> {
  const { read, id, seed, steps, plans } = prepared;
  const hit = hitBy(steps);
  const scope = scopeTargets({ state: link.state, paths, hit }).filter(({ name }) => hit.has(name));
  const folders = steps.flatMap(({ injection }) =>
    injection && 'path' in injection.fault ? [injection.fault.path] : [],
  );
  const given: OperatorInput<'chaos.propose'> = {
    experiment: ExperimentId.parse(id),
    title: oneLine(read.experiment.title, 200),
    day: oneLine(day, 200),
    seed,
    probes: watched(read.experiment).map(({ probe, wanted }) => oneLine(`${probe.name}: ${wanted}`, 400)),
    faults: steps.map(({ fault }) => {
      const plan = plans.get(fault.id);
      return {
        ...fault,
        mechanism: plan?.mechanism ?? 'engine',
        privileged: plan?.privileged ?? false,
        effects: [...(plan?.effects ?? [])].slice(0, 64),
        reverts: plan ? [...revertWords(plan)].slice(0, 64) : [],
      };
    }),
    scope: scope.map(({ name, process }) => ({ name, ...process })),
    paths: folders,
  };
  const made = await link.client().request('chaos.propose', given);
  if (made.outcome === 'forbidden')
    throw new HmsError('forbidden', `the policy forbids it: ${made.why}`, 'hms policy explain');
  if (made.outcome !== null) return made;
  const { request, digest } = made;
  if (yes) {
    const evidence = { keys: ['chaos run'], shown: digest };
    await link
      .client()
      .request('approval.decide', { request, decision: 'approve', digest, evidence })
      .catch((error: unknown) => {
        if (!(error instanceof HmsError) || !['not-allowed', 'wrong-role'].includes(error.code)) throw error;
        say(`Yours is not enough: ${wordsOf(error)}.`);
      });
  }
  const ended = () => link.state.settled.find(one => one.id === request);
  if (!ended())
    say(
      `${request} waits for ${plural(made.needs, 'person', 'people')}: approve it in a console, or hms approvals approve ${request}`,
    );
  await link
    .until(() => ended() !== undefined || link.state.pending[request] === undefined, ending)
    .catch(() => {
      throw new HmsError('not-wanted', 'nothing was broken', '');
    });
  const end = ended();
  if (end && (end.outcome === 'approved' || end.outcome === 'overridden' || end.outcome === 'permitted'))
    return made;
  throw new HmsError(
    end?.outcome ?? 'gone',
    `${request} was ${end?.outcome ?? 'lost'}${end?.reason ? `: ${end.reason}` : ''}`,
    'nothing was broken',
  );
}
