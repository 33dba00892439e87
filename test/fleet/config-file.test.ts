import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { checkConfig, configFiles, readConfig } from '../../src/fleet/config-file.ts';
import { issueText } from '../../src/fleet/issue.ts';
import { withFolder } from '../support/scratch.ts';

interface Node {
  readonly pane?: string | undefined;
  readonly rows?: readonly Node[] | undefined;
}
const Node: z.ZodType<Node> = z.strictObject({
  pane: z.enum(['agents', 'screen']).optional(),
  get rows(): z.ZodOptional<z.ZodArray<z.ZodType<Node>>> {
    return z.array(Node).optional();
  },
});

const lines = (text: string): readonly string[] =>
  checkConfig(text, Node).issues.map(issue => issueText('my.yaml', issue));

test('a file that fits is its value', () => {
  expect(checkConfig('rows: [{ pane: agents }]', Node)).toMatchObject({
    value: { rows: [{ pane: 'agents' }] },
    issues: [],
  });
});

test('every problem has its place and says what was perhaps meant, however deep it lies', () => {
  expect(lines('rows:\n  - rows:\n      - pnae: agents\n      - pane: agent\n')).toEqual([
    'my.yaml:3:9 rows[0].rows[0].pnae: there is no such key (did you mean "pane"?)',
    'my.yaml:4:15 rows[0].rows[1].pane: "agent" is not possible here (did you mean "agents"?)',
  ]);
});

test('what is no YAML at all is told where it breaks', () => {
  expect(lines('rows: [')[0]).toMatch(/^my\.yaml:1:8 /);
});

test('what a schema cannot say is found where it stands', () => {
  const { value, issues } = checkConfig('rows:\n  - pane: agents\n', Node, () => [
    { path: ['rows', 0, 'pane'], reason: 'no', hint: '' },
  ]);
  expect(value).toBeUndefined();
  expect(issues).toEqual([{ line: 2, col: 11, path: 'rows[0].pane', reason: 'no', hint: '' }]);
});

test('a file that cannot be read is one problem, not an exception', async () => {
  await withFolder(async dir => {
    await mkdir(join(dir, 'folder.yaml'));
    await writeFile(join(dir, 'bytes.yaml'), Buffer.from([0x61, 0xff]));
    const reasons = async (name: string): Promise<readonly string[]> =>
      (await readConfig(join(dir, name), 'the theme', Node)).issues.map(i => i.reason);
    expect(await reasons('none.yaml')).toEqual([
      `cannot read the theme ${join(dir, 'none.yaml')}: it is not there`,
    ]);
    expect(await reasons('folder.yaml')).toEqual([
      `cannot read the theme ${join(dir, 'folder.yaml')}: it is a folder`,
    ]);
    expect(await reasons('bytes.yaml')).toEqual(['byte 0xff is not UTF-8']);
  });
});

test('a folder’s files are found by name; hidden ones and others are left alone', async () => {
  await withFolder(async dir => {
    for (const name of ['b.yml', 'a.yaml', '.c.yaml', 'readme.md', 'e\x1b[2J.yaml'])
      await writeFile(join(dir, name), '');
    expect((await configFiles(dir)).map(f => f.name)).toEqual(['a', 'b']);
    expect(await configFiles(join(dir, 'none'))).toEqual([]);
  });
});
