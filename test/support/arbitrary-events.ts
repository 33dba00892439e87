/**
 * fast-check arbitraries of journal events, read from the zod schemas themselves: a new kind is covered by every
 * property test the day it is added.
 */
import fc, { type Arbitrary } from 'fast-check';
import * as z from 'zod';
import { Actor, type Draft, EVENT_DATA, KINDS, type Kind } from '../../src/model/event.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** Foreign text at its worst: any code points, escape sequences, bidi overrides, several lines. */
export const text: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 24 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 24 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\u001b[31mred\u001b[0m',
      'a\u202Eb',
      'two\nlines\r\n',
      '"\\/\u0000',
      'é日本💥',
    ),
  },
);

export const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });

function ofString(schema: Schema): Arbitrary<string> {
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  const min = schema.minLength ?? 0;
  const max = schema.maxLength ?? 64;
  return text.filter(s => s.length >= min && s.length <= max);
}

function ofNumber(schema: Schema): Arbitrary<number> {
  const low =
    schema.minimum ?? (typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum + 1 : -1000);
  const high = schema.maximum ?? Number.MAX_SAFE_INTEGER;
  return schema.type === 'integer'
    ? fc.integer({ min: low, max: high })
    : fc.double({ min: low, max: high, noNaN: true });
}

function ofObject(schema: Schema, root: Schema): Arbitrary<unknown> {
  if (schema.properties !== undefined) {
    const fields: Record<string, Arbitrary<unknown>> = {};
    for (const [key, value] of Object.entries(schema.properties)) {
      if (typeof value !== 'boolean') fields[key] = arbitraryOf(value, root);
    }
    return fc.record(fields, { requiredKeys: schema.required ?? [] });
  }
  const { propertyNames: names, additionalProperties: values } = schema;
  const key = typeof names === 'object' ? ofString(names) : text;
  const value = typeof values === 'object' ? arbitraryOf(values, root) : json;
  return fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });
}

function arbitraryOf(schema: Schema, root: Schema): Arbitrary<unknown> {
  // The only recursive schema of the model is JSON itself.
  if (schema.$ref !== undefined || Object.keys(schema).length === 0) return json;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice !== undefined) {
    return fc.oneof(...choice.filter(c => typeof c !== 'boolean').map(c => arbitraryOf(c, root)));
  }
  switch (schema.type) {
    case 'string':
      return ofString(schema);
    case 'number':
    case 'integer':
      return ofNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(
        typeof schema.items === 'object' && !Array.isArray(schema.items)
          ? arbitraryOf(schema.items, root)
          : json,
        {
          maxLength: 4,
        },
      );
    case 'object':
      return ofObject(schema, root);
    default:
      throw new Error(`no arbitrary for ${JSON.stringify(schema)}`);
  }
}

/** Data of one kind, as its schema would let it in. */
export function arbitraryData(kind: Kind): Arbitrary<unknown> {
  const schema = z.toJSONSchema(EVENT_DATA[kind]);
  return arbitraryOf(schema, schema);
}

const actor: Arbitrary<Actor> = fc.record({
  type: fc.constantFrom(...Actor.shape.type.options),
  id: fc.string({ minLength: 1, maxLength: 16 }),
  via: fc.string({ maxLength: 16 }),
});

/** A draft of one kind. */
export function arbitraryDraftOf(kind: Kind): Arbitrary<Draft> {
  // The data is what the kind's own schema describes; TypeScript cannot follow that through JSON Schema.
  return fc.record({
    kind: fc.constant(kind),
    actor,
    subject: text,
    data: arbitraryData(kind),
  }) as Arbitrary<Draft>;
}

/** A draft of any kind. */
export const arbitraryDraft: Arbitrary<Draft> = fc.oneof(...KINDS.map(arbitraryDraftOf));
