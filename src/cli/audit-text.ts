/** How events and verdicts of the journal are written on a terminal. Nothing an agent made gets through as it is. */
import type { ProvenEvent } from '../journal/proof.ts';
import type { VerifyReport } from '../journal/verify.ts';
import type { Event } from '../model/event.ts';
import { summarise } from '../model/summary.ts';
import { neutralise, oneLine } from '../model/text.ts';
import { localTime } from '../model/when.ts';
import { table } from './output.ts';

/** Faults shown to people; --json has up to a hundred. */
const FAULTS_SHOWN = 10;

/** One line: seq, local time, kind, actor, subject, what happened. */
export function eventLine(event: Event): string {
  const actor = oneLine(`${event.actor.type}:${event.actor.id}`, 40);
  return [
    String(event.seq).padStart(7),
    localTime(event.time),
    oneLine(event.kind, 24).padEnd(20),
    actor.padEnd(16),
    oneLine(event.subject, 60).padEnd(16),
    summarise(event),
  ].join('  ');
}

/** JSON on one line that any terminal can be shown: what could steer it is written as \u escapes. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/gu, char =>
    neutralise(char) === char
      ? char
      : char.replace(/[\s\S]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** An event in full. */
export function eventText({ event, hash, signed }: ProvenEvent): string {
  const rows = [
    ['event', String(event.seq)],
    ['time', `${localTime(event.time)}  (${event.time})`],
    ['kind', event.kind],
    ['actor', `${event.actor.type}:${event.actor.id}${event.actor.via ? ` via ${event.actor.via}` : ''}`],
    ['subject', event.subject],
    ['what', summarise(event)],
    ['prev', event.prev],
    ['hash', hash],
    [
      'signed',
      signed
        ? `in the checkpoint over ${signed.size} events; --json has the proof`
        : 'not yet; `hms audit checkpoint` signs it',
    ],
  ];
  const head = table(rows.map(([name = '', value = '']) => [name, oneLine(value, 4000)]));
  return `${head}\n\n${neutralise(JSON.stringify(event.data, undefined, 2))}`;
}

/** What verify found, for people. */
export function reportText(report: VerifyReport): string {
  const { ok, events, checkpoints, signedUpTo, vkey, vkeyFrom, faults } = report;
  if (ok) {
    const unsigned = events - signedUpTo;
    return [
      `good: ${events} events, ${checkpoints} checkpoints, root ${report.root}`,
      unsigned === events
        ? 'nothing is signed yet: events cut off at the end would not be noticed'
        : `signed up to event ${signedUpTo}${unsigned > 0 ? `; ${unsigned} after it not yet: were they cut off, it would not be noticed` : ''}`,
      vkeyFrom === 'given'
        ? `key ${vkey}`
        : `key ${vkey || 'none'}: as the journal says itself; --vkey holds it against one you know`,
    ].join('\n');
  }
  const more = faults.length - FAULTS_SHOWN;
  return [
    `CHANGED: first bad event ${faults[0]?.seq}`,
    ...faults
      .slice(0, FAULTS_SHOWN)
      .map(fault => `  ${String(fault.seq).padStart(7)}  ${oneLine(fault.what, 400)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n');
}
