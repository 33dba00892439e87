/** The tools of agents that are no commands: what each one's input says it does. */
import type { Action, Facts } from '../model/action.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { Call, type Part, type Runner } from './call.ts';
import { CHAOS_TOOL, chaosParts } from './chaos.ts';
import type { ClassName } from './classes.ts';
import { NOTHING, sceneAt } from './scene.ts';
import { plainArg } from './shell/expand.ts';

interface ToolReading {
  readonly verb: Facts['verb'];
  readonly parts: readonly Part[];
}

interface Tool {
  readonly verb: Facts['verb'];
  readonly classes: readonly ClassName[];
  /** Input fields that name a file it reads, or writes. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  /** Input fields that name something else. */
  readonly names?: readonly string[];
}

const INTERNAL: Tool = { verb: 'Other', classes: ['internal'] };
const ASK: Tool = { verb: 'Ask', classes: ['question'] };

const TOOLS: ReadonlyMap<string, Tool> = new Map<string, Tool>([
  ['Read', { verb: 'Read', classes: ['read'], reads: ['file_path', 'path', 'notebook_path'] }],
  ['NotebookRead', { verb: 'Read', classes: ['read'], reads: ['notebook_path'] }],
  ['Glob', { verb: 'Read', classes: ['read'], reads: ['path'] }],
  ['Grep', { verb: 'Read', classes: ['read'], reads: ['path'] }],
  ['LS', { verb: 'Read', classes: ['read'], reads: ['path'] }],
  ['LSP', { verb: 'Read', classes: ['read'], reads: ['file_path', 'path'] }],
  ['Write', { verb: 'Write', classes: ['write'], writes: ['file_path', 'path'] }],
  ['Edit', { verb: 'Write', classes: ['write'], writes: ['file_path', 'path'] }],
  ['MultiEdit', { verb: 'Write', classes: ['write'], writes: ['file_path', 'path'] }],
  ['NotebookEdit', { verb: 'Write', classes: ['write'], writes: ['notebook_path', 'file_path'] }],
  ['WebFetch', { verb: 'Fetch', classes: ['network'], names: ['url'] }],
  ['WebSearch', { verb: 'Fetch', classes: ['network'] }],
  ['ask', ASK],
  ['AskUserQuestion', ASK],
  ['ExitPlanMode', ASK],
  ['worktree.merge', { verb: 'Write', classes: ['git-change'], names: ['branch', 'into'] }],
  ['worktree.drop', { verb: 'Write', classes: ['git-change', 'delete'], names: ['branch'] }],
  ['Message', { ...INTERNAL, names: ['to'] }],
  ['agent.restart', { verb: 'Restart', classes: ['restart'], names: ['agent'] }],
  ['cell.repair', { verb: 'Restart', classes: ['restart'], names: ['cell'] }],
  ['heal.restart', { verb: 'Restart', classes: ['restart'], names: ['agent'] }],
  ['heal.isolate', { verb: 'Other', classes: ['process'], names: ['agent'] }],
  ...['open', 'close', 'isolate', 'reset'].map(
    verb => [`breaker.${verb}`, { verb: 'Other', classes: ['process'], names: ['breaker'] }] as const,
  ),
  ['heal.shed', { verb: 'Other', classes: ['process'], names: ['agent', 'target'] }],
  ['heal.swap', { verb: 'Restart', classes: ['restart'], names: ['agent'] }],
  ['heal.tune', { verb: 'Other', classes: ['tuning'] }],
  ['heal.restore', { verb: 'Restart', classes: ['restart', 'delete'], names: ['agent'] }],
  ...'Task Agent TodoWrite TodoRead TaskCreate TaskUpdate TaskGet TaskList TaskOutput TaskStop BashOutput KillShell KillBash EnterPlanMode Skill SlashCommand ToolSearch'
    .split(' ')
    .map(name => [name, INTERNAL] as const),
]);

/** Never runs anything: tools are not commands. */
export function toolParts(action: Action, runner: Runner): ToolReading {
  if (action.tool === CHAOS_TOOL) return { verb: 'Chaos', parts: chaosParts(action, runner) };
  const tool = TOOLS.get(action.tool) ?? UNKNOWN;
  const call = new Call('', [], sceneAt(action.cwd), NOTHING, runner);
  call.add(...tool.classes);
  call.reads(...texts(action.input, tool.reads).map(plainArg));
  call.writes(...texts(action.input, tool.writes).map(plainArg));
  call.names(...texts(action.input, tool.names).map(plainArg));
  // A pattern can lead anywhere: Glob {pattern: "/etc/**"}.
  if (action.tool === 'Glob')
    call.reads(...texts(action.input, ['pattern']).map(text => ({ ...plainArg(text), glob: true })));
  if (action.tool === 'Grep')
    call.reads(...texts(action.input, ['glob']).map(text => ({ ...plainArg(text), glob: true })));
  // A tool that writes but names no file is not one we know after all.
  if (tool.writes && texts(action.input, tool.writes).length === 0) call.add('opaque');
  return { verb: tool.verb, parts: [call.part] };
}

const UNKNOWN: Tool = { verb: 'Other', classes: ['external'] };

function texts(input: JsonObject, fields: readonly string[] = []): string[] {
  return fields.flatMap(field => {
    const value: Json | undefined = input[field];
    return typeof value === 'string' && value !== '' ? [value.slice(0, 4096)] : [];
  });
}
