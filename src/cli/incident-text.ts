/** Incidents in words of the command line: one in a line, one in full, and why each step was taken. */
import { STRATEGIES, type Strategy } from '../healing/strategy.ts';
import { HmsError } from '../model/errors.ts';
import type { ClosedIncident, IncidentState } from '../model/incident-state.ts';
import { choiceWords, progressWords, RUNG_MARK, rungWords } from '../model/incident-words.ts';
import { similarWords } from '../model/similar-incidents.ts';
import type { FleetState } from '../model/state.ts';
import { oneLine, spanWords } from '../model/text.ts';
import { declared } from './heal-strategies.ts';
import { table } from './output.ts';

export type Incident = IncidentState | ClosedIncident;

/** Throws HmsError `unknown-incident`. */
export function incidentIn(state: FleetState, id: string): Incident {
  const found = state.incidents[id] ?? state.healed.find(one => one.id === id);
  if (found) return found;
  throw new HmsError(
    'unknown-incident',
    `there is no incident ${id} among those that are open and the last ones that are over`,
    `hms heal incidents lists them; hms audit search ${id} looks through the whole journal`,
  );
}

export function incidentsText(
  open: readonly IncidentState[],
  closed: readonly ClosedIncident[],
  now: number,
): string {
  if (open.length + closed.length === 0) return 'no agent was in trouble so far';
  return table([
    ...open.map(one => [one.id, one.agent, one.class, 'open', progressWords(one, now)]),
    ...closed.map(one => [
      one.id,
      one.agent,
      one.class,
      spanWords(one.ms),
      oneLine(one.lesson ? `${one.outcome} · ${one.lesson}` : one.outcome, 160),
    ]),
  ]);
}

/** @param past closed incidents, among them those it is like */
export function showText(incident: Incident, past: readonly ClosedIncident[], now: number): string {
  const { id, agent, detail, ladder } = incident;
  const since = ladder
    ? `, noticed ${spanWords(Math.max(0, incident.at - ladder.since))} after it began`
    : '';
  const lines = [
    `${id}  ${agent}  ${incident.class}${ladder ? ` · ${ladder.level}` : ''}`,
    `seen: ${oneLine(detail, 300)}${since}`,
  ];
  for (const finding of ladder?.findings.slice(1) ?? []) lines.push(`  and ${oneLine(finding.words, 300)}`);
  const like = similarWords(past.filter(({ id: other }) => ladder?.similar.includes(other)));
  if (like) lines.push(`known: ${like}`);
  for (const rung of ladder?.rungs ?? [])
    lines.push(`  ${RUNG_MARK[rung.result ?? 'open']} ${rungWords(rung, now)}`);
  if (incident.along?.length) lines.push(`restarted with it: ${incident.along.join(', ')}`);
  if (ladder?.shed?.length) lines.push(`frozen to make room for it: ${ladder.shed.join(', ')}`);
  if ('closed' in incident) {
    lines.push(`over after ${spanWords(incident.ms)}: ${oneLine(incident.outcome, 200)}`);
    if (incident.lesson) lines.push(`lesson: ${oneLine(incident.lesson, 300)}`);
  } else lines.push(`now: ${progressWords(incident, now)}`);
  return lines.join('\n');
}

export function whyJson({ id, detail, ladder }: Incident): unknown {
  return {
    incident: id,
    detail,
    findings: ladder?.findings ?? [],
    steps: (ladder?.rungs ?? []).map(({ strategy, fault, reason, candidates, result }) => ({
      strategy,
      fault,
      reason,
      candidates,
      result,
      declared: declared(STRATEGIES[strategy]),
    })),
  };
}

export function whyText({ id, agent, detail, ladder }: Incident): string {
  if (!ladder) return `${id}: ${agent} ended, and its restart policy decided: ${oneLine(detail, 300)}`;
  const seen = ladder.findings.map(
    ({ detector, words, score }) =>
      `  ${detector}: ${oneLine(words, 200)} (${Math.round(score * 100)} % sure)`,
  );
  const steps = ladder.rungs.map((rung, n) =>
    [
      `${n + 1}. ${rung.strategy}: ${oneLine(rung.reason, 200)}`,
      `   of ${choiceWords(rung) || 'nothing else'}`,
      `   ${declaredWords(STRATEGIES[rung.strategy])}`,
    ].join('\n'),
  );
  return [`${id}  ${agent}`, 'because', ...seen, ...steps].join('\n');
}

function declaredWords({ verification, undo, reach }: Strategy): string {
  return `helped when ${verification} · taken back by ${undo} · reaches ${reach}`;
}
