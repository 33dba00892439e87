/** A change of the fleet file as lines people read, in the console and on the command line. Pure. */
import type { FieldChange, FleetChange } from './change.ts';
import { oneLine } from './text.ts';

export interface ChangeLine {
  readonly is: 'added' | 'removed' | 'changed' | 'detail';
  readonly text: string;
}

/** Already neutralised; one line each. */
export function changeLines({ agents, fleet }: FleetChange): readonly ChangeLine[] {
  return [
    ...agents.flatMap(({ agent, what, fields, restart }): readonly ChangeLine[] => {
      const details = fields.map(
        (field): ChangeLine => ({ is: 'detail', text: `    ${fieldText(field, what)}` }),
      );
      if (what === 'added') return [{ is: 'added', text: `+ ${agent}: is started` }, ...details];
      if (what === 'removed')
        return [{ is: 'removed', text: `- ${agent}: is stopped, and gone from the fleet` }];
      const how = restart ? 'is restarted' : 'goes on running';
      return [{ is: 'changed', text: `~ ${agent}: ${how}` }, ...details];
    }),
    ...fleet.map((field): ChangeLine => ({ is: 'changed', text: `~ ${fieldText(field, 'changed')}` })),
  ];
}

function fieldText({ name, from, to }: FieldChange, what: string): string {
  if (what === 'added') return oneLine(`${name}: ${to}`, 400);
  return oneLine(`${name}: ${from || '(none)'} → ${to || '(none)'}`, 400);
}
