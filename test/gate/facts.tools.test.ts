import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/action.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { tool } from './facts.ts';

describe('tools of agents', () => {
  it.each<[string, JsonObject, Partial<Facts>]>([
    [
      'Read',
      { file_path: '/home/ann/shop/a.ts' },
      { verb: 'Read', level: 'low', inside: true, title: 'Read a.ts' },
    ],
    [
      'Read',
      { file_path: '/home/ann/.ssh/id_rsa' },
      { verb: 'Read', level: 'high', inside: false, effect: 'touches secrets' },
    ],
    ['Glob', { pattern: '**/*.ts' }, { verb: 'Read', level: 'low', title: 'Glob **/*.ts' }],
    ['Glob', { pattern: '/home/ann/.ssh/*' }, { verb: 'Read', level: 'high' }],
    ['Grep', { pattern: 'x', path: 'src' }, { verb: 'Read', level: 'low', title: 'Grep x in src' }],
    ['LS', { path: '/' }, { verb: 'Read', inside: false }],
    [
      'Write',
      { file_path: 'a.ts', content: 'a\nb\n' },
      { verb: 'Write', level: 'medium', inside: true, title: 'Write a.ts (2 lines)' },
    ],
    [
      'Write',
      { file_path: '/etc/passwd', content: '' },
      { verb: 'Write', level: 'high', effect: 'changes the system' },
    ],
    [
      'Write',
      { file_path: '../x', content: '' },
      { verb: 'Write', level: 'high', effect: 'changes files outside' },
    ],
    [
      'Edit',
      { file_path: '/home/ann/shop/src/api.ts', old_string: 'a\nb\nc', new_string: 'a\nx' },
      { verb: 'Write', level: 'medium', title: 'Edit src/api.ts +1 −2' },
    ],
    [
      'Edit',
      { file_path: '/home/ann/shop/.claude/settings.local.json', old_string: '', new_string: '' },
      { level: 'high', effect: 'changes agent settings' },
    ],
    [
      'MultiEdit',
      {
        file_path: 'a',
        edits: [
          { old_string: 'a', new_string: 'b' },
          { old_string: '', new_string: 'c' },
        ],
      },
      { verb: 'Write', title: 'Edit a +2 −1' },
    ],
    ['NotebookEdit', { notebook_path: 'a.ipynb' }, { verb: 'Write', level: 'medium' }],
    ['Write', { content: 'x' }, { verb: 'Write', level: 'high' }],
    [
      'WebFetch',
      { url: 'https://x.org/a' },
      { verb: 'Fetch', level: 'medium', targets: ['https://x.org/a'] },
    ],
    ['WebSearch', { query: 'q' }, { verb: 'Fetch', title: 'Search the web for q' }],
    ['TodoWrite', { todos: [] }, { verb: 'Other', level: 'low', effect: 'takes notes' }],
    ['Task', { prompt: 'x' }, { verb: 'Other', level: 'low' }],
    [
      'mcp__github__create_issue',
      { title: 'x' },
      { verb: 'Other', level: 'medium', title: 'github create_issue title=x' },
    ],
    ['Frobnicate', {}, { verb: 'Other', level: 'medium' }],
    ['constructor', {}, { verb: 'Other', level: 'medium' }],
    ['ask', { question: 'May I?\u001b[2J' }, { verb: 'Ask', level: 'low', title: 'May I?␛[2J' }],
    [
      'agent.restart',
      { agent: 'builder', reason: 'exit 1' },
      { verb: 'Restart', title: 'start builder again: exit 1' },
    ],
    [
      'chaos.run',
      { about: 'kill builder', faults: [{ what: 'kill', targets: ['builder'] }], outside: [] },
      {
        verb: 'Chaos',
        level: 'high',
        title: 'break on purpose: kill builder',
        programs: ['chaos', 'chaos kill'],
        classes: ['chaos'],
        targets: ['builder'],
      },
    ],
    [
      'chaos.run',
      { faults: [{ what: 'pause', targets: ['engine'] }], outside: ['pid 77'] },
      { classes: ['chaos-core', 'chaos-outside'], level: 'critical', targets: ['engine', 'pid 77'] },
    ],
    ['chaos.run', { faults: 'all' }, { classes: ['chaos-outside'] }],
    ['Bash', {}, { verb: 'Exec', level: 'high', effect: 'runs a program' }],
    ['Bash', { command: '' }, { verb: 'Read', level: 'low', title: 'an empty command' }],
    ['exec', { argv: [] }, { verb: 'Exec', level: 'high' }],
    ['exec', { argv: ['git', 'commit', '-m', "it's"] }, { verb: 'Exec', title: "git commit -m 'it'\\''s'" }],
    ['Bash', { command: 'curl https://x' }, { verb: 'Fetch', level: 'medium' }],
  ])('%s %j', (name, input, expected) => {
    expect(tool(name, input)).toMatchObject(expected);
  });
});
