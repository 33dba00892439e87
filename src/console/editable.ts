/** Edit-then-approve: which part of an action's input a person edits as text, and the input made of what they wrote. */
import type { Action } from '../model/action.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { joinWords, splitWords } from '../model/shell-words.ts';

/** Fields edited as plain text, first one present wins; without any, the whole input is edited as JSON. */
const TEXT_FIELDS = ['command', 'new_string', 'content', 'prompt', 'question', 'url', 'file_path'] as const;

interface Editable {
  /** `command`, `argv`, … or '' for the whole input. */
  readonly field: string;
  readonly text: string;
}

export function editable(action: Action): Editable {
  const { input } = action;
  if (isWords(input.argv)) return { field: 'argv', text: joinWords(input.argv) };
  for (const field of TEXT_FIELDS) {
    const value = input[field];
    if (typeof value === 'string') return { field, text: value };
  }
  return { field: '', text: JSON.stringify(input, null, 2) };
}

type Edited = { readonly input: JsonObject } | { readonly problem: string };

/** The input with the edited part in it, or what is wrong with what was written, in words. */
export function edited(action: Action, field: string, text: string): Edited {
  if (text.trim() === '') return { problem: 'nothing would run: deny it instead (Esc, then d)' };
  if (field !== '' && field !== 'argv') return { input: { ...action.input, [field]: text } };
  if (field === 'argv') {
    const words = splitWords(text);
    if ('problem' in words) return { problem: words.problem };
    return words[0] ? { input: { ...action.input, argv: words } } : { problem: 'it names no program' };
  }
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isObject(value)) return { problem: 'the input is an object: {"…": …}' };
  return { input: value };
}

function isWords(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(word => typeof word === 'string');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
