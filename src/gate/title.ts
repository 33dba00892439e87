/** The one line a person reads first about an action. */
import type { Action } from '../model/action.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { joinWords } from '../model/shell-words.ts';
import { oneLine, plural } from '../model/text.ts';
import { homeOf, isInside, resolvePath } from './paths.ts';

const MAX_TITLE = 200;

/** Neutralised, one line, at most 200 characters. */
export function titleOf(action: Action): string {
  return oneLine(words(action), MAX_TITLE);
}

function words({ tool, input, cwd }: Action): string {
  const file = text(input, 'file_path') || text(input, 'notebook_path') || text(input, 'path');
  switch (tool) {
    case 'exec':
      return commandLine(input['argv']);
    case 'Bash':
      return cut(text(input, 'command').trim()) || 'an empty command';
    case 'ask':
      return text(input, 'question');
    case 'agent.restart':
      return `start ${text(input, 'agent')} again${text(input, 'reason') && `: ${text(input, 'reason')}`}`;
    case 'cell.repair':
      return `make the engine's cell ${text(input, 'cell')} anew${text(input, 'reason') && `: ${text(input, 'reason')}`}`;
    case 'breaker.open':
    case 'breaker.close':
    case 'breaker.isolate':
    case 'breaker.reset':
    case 'heal.restart':
    case 'heal.isolate':
    case 'heal.shed':
    case 'heal.restore':
    case 'heal.tune':
    case 'heal.swap':
      return text(input, 'about');
    case 'worktree.merge':
      return `merge ${text(input, 'branch')} into ${text(input, 'into')}: ${text(input, 'about')}`;
    case 'worktree.drop':
      return `drop ${text(input, 'branch')} and its worktree: ${text(input, 'about')}`;
    case 'chaos.run':
      return `break on purpose: ${text(input, 'about')}`;
    case 'Edit':
      return `Edit ${shorter(file, cwd)} ${change([[text(input, 'old_string'), text(input, 'new_string')]])}`;
    case 'MultiEdit':
      return `Edit ${shorter(file, cwd)} ${change(edits(input['edits']))}`;
    case 'Write':
      return `Write ${shorter(file, cwd)} (${plural(lines(text(input, 'content')), 'line')})`;
    case 'WebFetch':
      return `Fetch ${text(input, 'url')}`;
    case 'WebSearch':
      return `Search the web for ${text(input, 'query')}`;
    case 'Glob':
    case 'Grep':
      return `${tool} ${text(input, 'pattern')}${file && ` in ${shorter(file, cwd)}`}`;
    default:
      return file ? `${tool} ${shorter(file, cwd)}` : `${toolName(tool)} ${fields(input)}`.trim();
  }
}

/** `mcp__github__create_issue` reads `github create_issue`. */
function toolName(tool: string): string {
  const [, server, name] = /^mcp__(.+?)__(.+)$/s.exec(tool) ?? [];
  return server === undefined ? tool : `${server} ${name}`;
}

function fields(input: JsonObject): string {
  const shown = Object.entries(input).slice(0, 8);
  return shown
    .map(
      ([key, value]) =>
        `${cut(key)}=${cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`,
    )
    .join(' ');
}

/** Before `oneLine` looks at each character. */
function cut(value: string): string {
  return value.slice(0, MAX_TITLE * 5);
}

function text(input: JsonObject, field: string): string {
  const value = input[field];
  return typeof value === 'string' ? value : '';
}

function commandLine(argv: Json | undefined): string {
  if (!Array.isArray(argv)) return 'no command';
  return joinWords(argv.slice(0, 100).map(word => cut(String(word))));
}

function shorter(path: string, cwd: string): string {
  const full = resolvePath(path, cwd, homeOf(cwd));
  return isInside(full, cwd) && full !== cwd ? full.slice(cwd === '/' ? 1 : cwd.length + 1) : full;
}

function edits(value: Json | undefined): (readonly [string, string])[] {
  if (!Array.isArray(value)) return [];
  return value.map(edit => {
    const { old_string: before, new_string: after } =
      typeof edit === 'object' && edit !== null && !Array.isArray(edit) ? (edit as JsonObject) : {};
    return [typeof before === 'string' ? before : '', typeof after === 'string' ? after : ''] as const;
  });
}

/** `+12 −3`: lines that are new and lines that are gone. */
function change(pairs: readonly (readonly [string, string])[]): string {
  let added = 0;
  let removed = 0;
  for (const [before, after] of pairs) {
    const left = new Map<string, number>();
    for (const line of before === '' ? [] : before.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
    for (const line of after === '' ? [] : after.split('\n')) {
      const count = left.get(line) ?? 0;
      if (count > 0) left.set(line, count - 1);
      else added++;
    }
    for (const count of left.values()) removed += count;
  }
  return `+${added} −${removed}`;
}

function lines(content: string): number {
  return content === '' ? 0 : content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
}
