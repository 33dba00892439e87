/** Whole lines of the native helper's pipe, and the JSON Schema of all of them (draft 2020-12). */
import * as z from 'zod';
import { NATIVE_PUSHES, NATIVE_REQUESTS, NativeError, type NativeRequest } from './native.ts';

export const NATIVE_SCHEMA_FILE = 'schema/native.schema.json';

const id = z.int().min(0);
const names = Object.keys(NATIVE_REQUESTS) as readonly NativeRequest[];

/** Any request, with the id its answer will carry. */
export const NativeRequestLine = z.union(
  names.map(name => z.strictObject({ id, do: z.literal(name), with: NATIVE_REQUESTS[name].with })),
);

/** The answer to a request of that name. The id is 0 when the helper could not read the request's. */
export function nativeAnswerLine(name: NativeRequest) {
  return z.discriminatedUnion('ok', [
    z.strictObject({ id, ok: z.literal(true), result: NATIVE_REQUESTS[name].result }),
    z.strictObject({ id, ok: z.literal(false), error: NativeError }),
  ]);
}

export const NativePushLine = z.discriminatedUnion('push', [
  z.strictObject({ push: z.literal('died'), with: NATIVE_PUSHES.died }),
  z.strictObject({ push: z.literal('lines'), with: NATIVE_PUSHES.lines }),
  z.strictObject({ push: z.literal('fault'), with: NATIVE_PUSHES.fault }),
]);

/** The schema as its file holds it: `$defs` has `request` and `push` lines, and each request's answer by its name. */
export function nativeSchemaText(): string {
  const of = (schema: z.ZodType): object => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
    return rest;
  };
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'hms-native',
    description: 'One line of what hms-tui and its native helper say to each other.',
    anyOf: ['request', 'push', ...names.map(name => `answer ${name}`)].map(name => ({
      $ref: `#/$defs/${name.replace(' ', '%20')}`,
    })),
    $defs: {
      request: of(NativeRequestLine),
      push: of(NativePushLine),
      ...Object.fromEntries(names.map(name => [`answer ${name}`, of(nativeAnswerLine(name))])),
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
