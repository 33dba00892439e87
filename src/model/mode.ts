/** The four modes and the three roles: who may do what. Pure tables; the engine is the one that enforces them. */
import * as z from 'zod';

export const Mode = z.enum(['observe', 'prepare', 'watch', 'collaborate']);
export type Mode = z.infer<typeof Mode>;

export const Role = z.enum(['viewer', 'operator', 'lead']);
export type Role = z.infer<typeof Role>;

/** What an operator's request needs. `look` is always allowed. */
export const Right = z.enum(['look', 'stage', 'decide', 'type', 'operate', 'override']);
export type Right = z.infer<typeof Right>;

const BY_MODE: Readonly<Record<Mode, readonly Right[]>> = {
  observe: ['look'],
  prepare: ['look', 'stage'],
  watch: ['look', 'decide', 'operate', 'override'],
  collaborate: ['look', 'decide', 'operate', 'override', 'type'],
};

const BY_ROLE: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['look'],
  operator: ['look', 'stage', 'decide', 'operate', 'type'],
  lead: ['look', 'stage', 'decide', 'operate', 'type', 'override'],
};

/** Modes a role may enter: a viewer observes, everyone else has all four. */
export function modesOf(role: Role): readonly Mode[] {
  return role === 'viewer' ? ['observe'] : Mode.options;
}

/** undefined when allowed, else the reason in words a person can act on. */
export function refusal(role: Role, mode: Mode, right: Right): string | undefined {
  if (!BY_ROLE[role].includes(right)) {
    return right === 'override' ? 'only a lead may override a forbid' : `a ${role} may only look`;
  }
  if (BY_MODE[mode].includes(right)) return undefined;
  const where = Mode.options.filter(m => BY_MODE[m].includes(right));
  return `not in ${mode} mode: switch to ${where.join(' or ')}`;
}
