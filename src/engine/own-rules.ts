/**
 * The rules of notifications in force: the fleet's, then those of the account's own file. That file is read when an
 * engine starts and when a person says so, never by itself: it names programs to run.
 */
import { cellActor, subject } from '../cells/cell.ts';
import { digestOf } from '../fleet/bytes.ts';
import { issueText } from '../fleet/issue.ts';
import { shownPath } from '../fleet/load.ts';
import { ownRulesGiven, ownRulesPlace, readOwnRules } from '../fleet/own-rules.ts';
import { channelName, mergedRules, type NotifyRule, type OwnNotifications } from '../model/notifications.ts';
import type { RulesInForce } from '../protocol/messages.ts';
import type { Core } from './core.ts';

type Rules = Readonly<Record<string, NotifyRule>>;

/** They go into an answer: a file that is something else altogether has thousands. */
const MOST_PROBLEMS = 20;

export class OwnRules {
  readonly #core: Core;
  readonly #env: NodeJS.ProcessEnv;
  readonly #fleet: () => Rules;
  #own: OwnNotifications = {};
  #digest = digestOf('{}');
  #problems: readonly string[] = [];
  #merged: { readonly fleet: Rules; readonly own: OwnNotifications; readonly rules: Rules } | undefined;

  /** `fleet` gives the rules of the fleet file in force. */
  constructor(core: Core, env: NodeJS.ProcessEnv, fleet: () => Rules) {
    this.#core = core;
    this.#env = env;
    this.#fleet = fleet;
  }

  /** Asked for every event: made anew only when either has changed. */
  rules(): Rules {
    const fleet = this.#fleet();
    const own = this.#own;
    if (this.#merged?.fleet !== fleet || this.#merged.own !== own)
      this.#merged = { fleet, own, rules: mergedRules(fleet, own) };
    return this.#merged.rules;
  }

  /** What cannot be used changes nothing. What holds anew, or why it does not, is on the record. */
  async read(): Promise<void> {
    const file = ownRulesGiven(this.#env);
    const { value, issues } = file ? await readOwnRules(file) : { value: {}, issues: [] };
    const shown = file ? shownPath(file, process.cwd()) : '';
    this.#problems = issues.slice(0, MOST_PROBLEMS).map(issue => issueText(shown, issue));
    if (!value) {
      const what = 'your notification rules cannot be used, those that were in force stay';
      this.#note('warning', `${what}: ${this.#problems[0] ?? shown}`);
      return;
    }
    const digest = digestOf(JSON.stringify(value));
    if (digest === this.#digest) return;
    this.#own = value;
    this.#digest = digest;
    const names = Object.keys(value).join(', ');
    this.#note(
      'info',
      names ? `notification rules of your own hold: ${names}` : 'no rules of your own any more',
    );
  }

  inForce(): RulesInForce {
    const fleet = this.#fleet();
    const own = this.#own;
    const rules = Object.entries(this.rules()).map(([name, { when, to }]) => ({
      name,
      yours: Object.hasOwn(own, name),
      when: [...when.events, ...when.kinds],
      agents: when.agents,
      to: to.map(channelName),
    }));
    const hidden = Object.keys(own).filter(name => Object.hasOwn(fleet, name));
    return { rules, hidden, file: ownRulesPlace(this.#env), problems: this.#problems };
  }

  #note(level: 'info' | 'warning', text: string): void {
    this.#core.log(text);
    try {
      this.#core.emit({
        kind: 'engine.noted',
        actor: cellActor('notifier'),
        subject: subject.fleet,
        data: { level, text, detail: { digest: this.#digest } },
      });
    } catch {
      // Nothing can be written down just now: the log has it.
    }
  }
}
