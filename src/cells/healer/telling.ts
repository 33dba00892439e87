/** What the Loop tells, as events of the journal. Pure. */
import type { Told } from '../../healing/loop.ts';
import type { Anomaly, Attempt, Incident } from '../../healing/types.ts';
import type { Data, Draft } from '../../model/event.ts';
import type { HealingLevel } from '../../model/healing.ts';
import { AgentId, IncidentId, type RequestId } from '../../model/ids.ts';
import type { IncidentResult } from '../../model/incident.ts';
import type { IncidentState, RungState } from '../../model/incident-state.ts';
import { oneLine } from '../../model/text.ts';
import { cellActor, subject } from '../cell.ts';

const LONGEST = 1000;

interface Context {
  readonly level: HealingLevel;
  readonly incarnation: number;
  readonly now: number;
  /** Incidents of the past that are most like it. */
  readonly similar: readonly IncidentId[];
}

type Body = { readonly [K in Draft['kind']]: { readonly kind: K; readonly data: Data<K> } }[Draft['kind']];

/** All but that a person is asked, which needs a request. */
export function draftsOf(
  told: Exclude<Told, { told: 'asked' }>,
  { level, incarnation, now, similar }: Context,
): readonly Draft[] {
  const incident = told.told === 'closed' ? told.closed.incident : told.incident;
  const id = idsOf(incident);
  const like = similar.length > 0 ? { similar: [...similar] } : {};
  return bodies().map(body => aboutAgent(incident.agent, body));

  function bodies(): readonly Body[] {
    switch (told.told) {
      case 'opened': {
        const { fault, since } = incident.anomaly;
        const data = { ...id, class: fault, level, since: whole(since), ...seen(incident.anomaly), ...like };
        return [{ kind: 'incident.opened', data }];
      }
      case 'diagnosed':
        return [
          {
            kind: 'incident.diagnosed',
            data: { ...id, class: incident.anomaly.fault, ...seen(incident.anomaly), ...like },
          },
        ];
      case 'waiting':
        return [{ kind: 'incident.delayed', data: { ...id, detail: cut(told.words) } }];
      case 'attempted':
        return [{ kind: 'recovery.attempted', data: { ...id, ...attempted(told.attempt), incarnation } }];
      case 'judged':
        return [judged(told.attempt)];
      case 'closed': {
        const { outcome, cost } = told.closed;
        const { lostMs, wasted, tokens } = cost;
        const data = {
          incident: id.incident,
          outcome: outcomeWords(outcome, incident),
          ms: whole(cost.downMs),
          result: outcome,
          cost: { lostMs: whole(lostMs), wasted, tokens },
        };
        const lesson = { ...id, detail: cut(told.lesson.words) };
        return [
          { kind: 'incident.closed', data },
          { kind: 'lesson.learnt', data: lesson },
        ];
      }
    }
  }

  function judged({ response, at, result, words = '' }: Attempt): Body {
    const step = { ...id, strategy: response.strategy, rung: response.rung, detail: cut(words) };
    const ms = whole(now - at);
    if (result === 'recovered') return { kind: 'recovery.verified', data: { ...step, ms } };
    return { kind: 'recovery.failed', data: { ...step, ms, result: result ?? 'failed' } };
  }
}

export function escalated({ id, agent }: Incident, request: RequestId, words: string): Draft {
  const data = { incident: IncidentId.parse(id), agent: AgentId.parse(agent), request, detail: cut(words) };
  return aboutAgent(agent, { kind: 'incident.escalated', data });
}

/** An incident as the Loop knows it, from the state: for the engine that goes on with it. */
export function incidentOf({ id, agent, class: fault, at, ladder }: IncidentState): Incident | undefined {
  if (!ladder) return undefined;
  return {
    id,
    agent,
    anomaly: {
      fault: fault as Anomaly['fault'],
      at,
      since: ladder.since,
      findings: ladder.findings,
      waitFor: {},
    },
    attempts: ladder.rungs.map(attemptOf),
    asked: ladder.asked !== '',
  };
}

function attemptOf(rung: RungState): Attempt {
  const { strategy, fault, at, delayMs, patienceMs, candidates, reason, result, detail } = rung;
  return {
    response: {
      strategy,
      rung: rung.rung,
      delayMs,
      patienceMs,
      candidates: candidates.map(one => ({ ...one, cost: one.cost ?? Number.NaN })),
      reason,
    },
    at,
    fault,
    ...(result === null ? {} : { result, words: detail }),
  };
}

function attempted({
  response,
  fault,
}: Attempt): Omit<Data<'recovery.attempted'>, 'incident' | 'agent' | 'incarnation'> {
  const { strategy, rung, delayMs, patienceMs, candidates, reason } = response;
  return {
    strategy,
    fault,
    rung,
    delayMs: whole(delayMs),
    patienceMs: whole(patienceMs),
    reason: cut(reason),
    candidates: candidates.slice(0, 32).map(one => ({
      strategy: one.strategy,
      ...(Number.isFinite(one.cost) ? { cost: one.cost } : {}),
      propensity: Math.min(1, Math.max(0, one.propensity)),
    })),
  };
}

function seen({ findings }: Anomaly): { detail: string; findings: Data<'incident.diagnosed'>['findings'] } {
  return {
    detail: cut(findings[0]?.words ?? ''),
    findings: findings.slice(0, 32).map(({ detector, words, score }) => ({
      detector: oneLine(detector, 64),
      words: cut(words),
      score: Math.min(1, Math.max(0, score)),
    })),
  };
}

const OUTCOMES: Readonly<Record<IncidentResult, string>> = {
  recovered: 'recovered',
  organic: 'came back by itself',
  person: 'a person saw to it',
  'false-alarm': 'it was no trouble',
  closed: 'let go',
};

function outcomeWords(outcome: IncidentResult, { attempts }: Incident): string {
  const by = attempts.at(-1)?.response.strategy;
  return outcome === 'recovered' && by ? `recovered by ${by}` : OUTCOMES[outcome];
}

function idsOf({ id, agent }: Incident): { incident: IncidentId; agent: AgentId } {
  return { incident: IncidentId.parse(id), agent: AgentId.parse(agent) };
}

function aboutAgent(agent: string, body: Body): Draft {
  return { ...body, actor: cellActor('healer'), subject: subject.agent(agent) } as Draft;
}

const whole = (ms: number): number => Math.max(0, Math.round(ms));
const cut = (words: string): string => oneLine(words, LONGEST);
