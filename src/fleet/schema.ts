/** The fleet file's JSON Schema (draft 2020-12), for editors, and which keys a schema knows where. */
import * as z from 'zod';
import { FleetConfig } from '../model/fleet.ts';
import type { Path } from './issue.ts';

export const SCHEMA_FILE = 'schema/hms.schema.json';

/** What people may write (the input side): durations are text, everything with a default may be left out. */
function fleetSchema(): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(FleetConfig, { io: 'input', target: 'draft-2020-12' });
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: 'hms.yaml',
    description: 'A fleet of terminal agents for hms-tui.',
    ...rest,
  };
}

/** The schema as its file holds it. */
export function fleetSchemaText(): string {
  return `${JSON.stringify(fleetSchema(), undefined, 2)}\n`;
}

type Schema = z.core.JSONSchema._JSONSchema;

/** The keys a map at `path` may have; none when it is no map with fixed keys. */
export function knownKeys(path: Path, schema: z.ZodType = FleetConfig): readonly string[] {
  const root = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  const open = (found: Schema): readonly Schema[] => {
    if (typeof found === 'boolean') return [];
    const ways = found.anyOf ?? found.oneOf;
    if (ways) return ways.flatMap(open);
    if (found.$ref === undefined) return [found];
    const target = found.$ref === '#' ? root : root.$defs?.[found.$ref.replace('#/$defs/', '')];
    return target === undefined ? [] : open(target);
  };
  let here: readonly Schema[] = [root];
  for (const step of path) here = here.flatMap(open).flatMap(found => stepInto(found, step));
  const keys = here
    .flatMap(open)
    .flatMap(found => (typeof found === 'boolean' ? [] : Object.keys(found.properties ?? {})));
  return [...new Set(keys)];
}

function stepInto(schema: Schema, step: string | number): readonly Schema[] {
  if (typeof schema === 'boolean') return [];
  if (typeof step === 'number')
    return schema.items === undefined || Array.isArray(schema.items) ? [] : [schema.items];
  const own = schema.properties?.[step] ?? schema.additionalProperties;
  return own === undefined ? [] : [own];
}
