/** Who decides, and what their role allows. */
import { HmsError } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import type { OperatorId } from '../model/ids.ts';
import type { Role } from '../model/mode.ts';

export interface By {
  readonly operator: OperatorId;
  readonly role: Role;
  readonly via: string;
}

/** Throws HmsError `wrong-role`. `from` is the role that is needed, '' for anyone who may decide. */
export function requireRole({ role }: By, from: string): void {
  if (role === 'viewer') throw new HmsError('wrong-role', 'a viewer decides nothing');
  if (from === 'lead' && role !== 'lead') throw new HmsError('wrong-role', 'this needs a lead');
}

export function unknown(id: string): HmsError {
  return new HmsError('unknown-request', `there is no request ${id}`, 'hms approvals list shows what waits');
}

export function operatorActor({ operator, via }: By): Draft['actor'] {
  return { type: 'operator', id: operator, via: via.slice(0, 64) };
}
