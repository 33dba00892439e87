/** docs/reference/events.md is made from the schemas; `npm run docs` writes it anew. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { EVENT_DATA, KINDS } from '../../src/model/event.ts';

type Schema = z.core.JSONSchema.BaseSchema;

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(v => `\`${v}\``).join(' · ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(s => typeOf(s as Schema)).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as Schema)}`;
  if (schema.type === 'object' && schema.properties) {
    const fields = Object.entries(schema.properties).map(([name, s]) => `${name}: ${typeOf(s as Schema)}`);
    return `{${fields.join(', ')}}`;
  }
  if (schema.type === 'object') return 'object';
  return typeof schema.type === 'string' ? schema.type : 'any JSON';
}

/** The comment above a kind in the source is its meaning. */
function meanings(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, comment = '', kind = ''] of source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([a-z.]+)': z/g,
  )) {
    found.set(kind, comment.replace(/\s*\*?\s+/g, ' ').trim());
  }
  return found;
}

test('docs/reference/events.md is what the schemas say', async () => {
  const model = new URL('../../src/model/', import.meta.url);
  const sources = await Promise.all(
    (await readdir(model)).map(name => readFile(new URL(name, model), 'utf8')),
  );
  const about = meanings(sources.join('\n'));
  const sections = KINDS.map(kind => {
    const schema = z.toJSONSchema(EVENT_DATA[kind], { unrepresentable: 'any' });
    const fields = Object.entries(schema.properties ?? {}).map(
      ([name, s]) => `| \`${name}\` | ${typeOf(s as Schema).replaceAll('|', '\\|')} |`,
    );
    const meaning = about.get(kind);
    return [
      `## ${kind}`,
      ...(meaning ? ['', meaning] : []),
      '',
      '| field | type |',
      '|---|---|',
      ...fields,
    ].join('\n');
  });
  const text = `# Events

Every kind of event the journal holds, and its data. The envelope around it is \`seq, time, kind, actor {type, id, via},
subject, data, prev\`; see [the journal](../journal.md). Made from the schemas in \`src/model\` by \`npm run docs\`.

${sections.join('\n\n')}
`;
  await expect(text).toMatchFileSnapshot('../../docs/reference/events.md');
});
