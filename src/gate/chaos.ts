/** What an experiment would break, as policies see it: a part for each fault, `chaos kill` by name. */
import type { Action } from '../model/action.ts';
import type { Json } from '../model/json.ts';
import { Call, type Part, type Runner } from './call.ts';
import { NOTHING, sceneAt } from './scene.ts';
import { plainArg } from './shell/expand.ts';

/** The tool an experiment is asked for with. */
export const CHAOS_TOOL = 'chaos.run';

/** What no fault may name is put there by the engine, which knows what is the fleet's. */
export function chaosParts({ input, cwd }: Action, runner: Runner): readonly Part[] {
  const faults = listOf(input['faults']);
  const outside = listOf(input['outside']).map(String);
  const parts = faults.map(fault => {
    const { what, targets } = fieldsOf(fault);
    const call = new Call('chaos', [], sceneAt(cwd), NOTHING, runner);
    call.sub = String(what ?? '');
    const names = listOf(targets).map(String);
    call.add(names.some(isCore) ? 'chaos-core' : 'chaos');
    call.names(...names.map(plainArg));
    return call.part;
  });
  if (parts.length > 0 && outside.length === 0) return parts;
  const strange = new Call('chaos', [], sceneAt(cwd), NOTHING, runner);
  strange.add('chaos-outside');
  strange.names(...outside.map(plainArg));
  return [...parts, strange.part];
}

function isCore(target: string): boolean {
  return target === 'engine' || target === 'tmux' || target.startsWith('cell:');
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: Json): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
