/** Questions of the timeline on the bottom line: what to filter and search for, which time to go to, what to write. */
import { HmsError } from '../model/errors.ts';
import { completions } from '../model/query.ts';
import { parseWhen } from '../model/when.ts';
import { type Step, still } from './effects.ts';
import { newLine } from './line.ts';
import { addresses, completed, mailed } from './mail.ts';
import { type ConsoleState, type Overlay, withUi } from './state.ts';
import { goToTime, queryOf, seek } from './timeline.ts';

type Asking = Extract<Overlay, { kind: 'find' | 'time' | 'mail' }>;
type Lined = Extract<Overlay, { kind: 'filter' | 'find' | 'mail' }>;

/** The text with its last word completed, where the question knows words. */
function ahead(state: ConsoleState, overlay: Lined): string {
  const { text } = overlay.line;
  if (overlay.kind === 'mail') return completed(state, text);
  if (overlay.kind === 'filter' && overlay.pane !== 'timeline') return text;
  const [agents, people] = [
    state.fleet.order,
    addresses(state).filter(name => /^@(?!people$|agents$|all$)/.test(name)),
  ];
  const { from, options } = completions(text, { agents, people });
  const [first = ''] = options;
  if (options.length === 0) return text;
  let shared = first;
  while (!options.every(option => option.startsWith(shared))) shared = shared.slice(0, -1);
  const whole = options.length === 1 && !shared.endsWith(':') ? `${shared} ` : shared;
  return shared.length > text.length - from ? text.slice(0, from) + whole : text;
}

/** Tab: the last word is completed. */
export function tabbed(state: ConsoleState, overlay: Lined): Step {
  const line = newLine(ahead(state, overlay), overlay.line.multi);
  const next = withUi(state, { overlay: { ...overlay, line } });
  if (overlay.kind !== 'filter') return still(next);
  return still(withUi(next, { filters: { ...state.ui.filters, [overlay.pane]: line.text } }));
}

/** What could follow, or what is not understood: for the line below the question. */
export function advice(
  state: ConsoleState,
  overlay: Overlay,
): { readonly problem: string; readonly options: readonly string[] } {
  if (overlay.kind === 'time' || overlay.kind === 'mail' || overlay.kind === 'experiment')
    return { problem: overlay.problem, options: [] };
  const asks = overlay.kind === 'find' || (overlay.kind === 'filter' && overlay.pane === 'timeline');
  if (!asks) return { problem: '', options: [] };
  const { options } = completions(overlay.line.text, { agents: state.fleet.order, people: addresses(state) });
  return { problem: queryOf(overlay.line.text).problems[0] ?? '', options };
}

/** Enter in one of these. */
export function answered(state: ConsoleState, overlay: Asking): Step {
  switch (overlay.kind) {
    case 'mail':
      return mailed(state, overlay);
    case 'find': {
      const find = overlay.line.text.trim();
      const next = withUi(state, { overlay: null, find });
      return find === '' ? still(next) : seek(next, true);
    }
    case 'time':
      try {
        return goToTime(withUi(state, { overlay: null }), parseWhen(overlay.line.text.trim(), state.now));
      } catch (error) {
        if (!(error instanceof HmsError)) throw error;
        const problem = `${error.message}: ${error.hint}`;
        return still(withUi(state, { overlay: { ...overlay, problem } }));
      }
  }
}
