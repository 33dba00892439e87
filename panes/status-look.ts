/** How statuses, risks and gate health look: glyph and word always, colour on top. */
import type { Span } from '../src/console/cells.ts';
import type { Token } from '../src/console/theme.ts';
import type { RiskLevel } from '../src/model/action.ts';
import { freezeWords } from '../src/model/freeze.ts';
import type { AgentState } from '../src/model/state.ts';
import { type AgentStatus, type Gating, STATUS_GLYPH } from '../src/model/status.ts';

const STATUS_TOKEN: Readonly<Record<AgentStatus, Token>> = {
  starting: 'info',
  working: 'good',
  idle: 'muted',
  asking: 'warn',
  waiting: 'warn',
  healing: 'info',
  blocked: 'muted',
  failed: 'bad',
  exited: 'muted',
  stopped: 'muted',
  unknown: 'muted',
};

export function statusToken(status: AgentStatus): Token {
  return STATUS_TOKEN[status];
}

export function statusSpan(status: AgentStatus): Span {
  return [`${STATUS_GLYPH[status]} ${status}`, statusToken(status)];
}

/** What an agent does, or that it stands still, which is more than any status. */
export function agentSpan({ status, freeze }: AgentState): Span {
  if (!freeze) return statusSpan(status);
  return [`❄ ${freezeWords(freeze)}`, freeze.is === 'partly' ? 'bad' : 'info'];
}

export function riskSpan(level: RiskLevel): Span {
  return [level.toUpperCase(), `risk-${level}`];
}

const GATING: Readonly<Record<Gating, readonly [string, Token]>> = {
  gated: ['GATED', 'good'],
  observed: ['OBSERVED', 'info'],
  ungated: ['! UNGATED', 'bad'],
  unproven: ['unproven', 'muted'],
};

export function gatingOf(gating: Gating): readonly [word: string, token: Token] {
  return GATING[gating];
}
