/** Looks at one agent's probes and at what it depends on, each at its own times, never twice at once, and ever more rarely where that is in vain. */
import type { DependencyConfig, HealingConfig, ProbeConfig } from '../../model/healing.ts';
import type { Looked } from './probe.ts';
import { nextLookIn } from './rarely.ts';

interface LookoutOptions {
  readonly config: Pick<HealingConfig, 'probes' | 'depends'>;
  look(means: ProbeConfig | DependencyConfig): Promise<Looked>;
  /** Whether its own means works, as far as is known; one that does not is not asked. */
  mayProbe(name: string): boolean;
  after(ms: number, callback: () => void): () => void;
  /** ms since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** It runs: only then its probes are asked. */
  isAlive(): boolean;
  /** It runs, or is to run: only then its dependencies are. */
  isWanted(): boolean;
  onProbe(name: string, config: ProbeConfig, looked: Looked): void;
  /** Told when it changes: after `failures` or `successes` looks in a row. */
  onDependency(name: string, up: boolean, words: string): void;
}

/** What answers is looked at so much more rarely than what does not. */
const RARER_WHILE_UP = 20;

interface Watched {
  up: boolean;
  streak: number;
  words: string;
  /** Since when it does not answer, or since when there is hope that it will. */
  since: number;
  /** A look that is under way. */
  now: Promise<void> | undefined;
}

export class Lookout {
  readonly #options: LookoutOptions;
  readonly #timers = new Map<string, () => void>();
  readonly #depends = new Map<string, Watched>();
  /** Since when probes fail, by name. */
  readonly #failing = new Map<string, number>();
  #stopped = false;

  /** @param down dependencies that did not answer when the last engine looked, and why */
  constructor(options: LookoutOptions, down: Readonly<Record<string, string>>) {
    this.#options = options;
    for (const name of Object.keys(options.config.depends)) {
      const words = down[name];
      this.#depends.set(name, {
        up: words === undefined,
        streak: 0,
        words: words ?? '',
        since: options.now(),
        now: undefined,
      });
      this.#dependencyIn(name, 0);
    }
  }

  /** A new run has begun: its probes are asked from now on, each after its `after`. */
  started(): void {
    this.#failing.clear();
    for (const [name, config] of Object.entries(this.#options.config.probes))
      this.#in(`probe ${name}`, config.after + config.every, () => void this.#probe(name, config));
  }

  /** Something has gone wrong: is it something it depends on? Resolves with the names of what does not answer. */
  async down(): Promise<readonly string[]> {
    await Promise.all([...this.#depends.keys()].map(name => this.#dependency(name, true)));
    return [...this.#depends].filter(([, { up }]) => !up).map(([name]) => name);
  }

  /** What is down may be back, or is about to be: it is looked at now, and often again for a while. */
  hint(): void {
    for (const [name, watched] of this.#depends) {
      if (watched.up) continue;
      watched.since = this.#options.now();
      this.#dependencyIn(name, 0);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  async #probe(name: string, config: ProbeConfig): Promise<void> {
    if (!this.#options.isAlive()) return;
    if (!this.#options.mayProbe(name)) {
      this.#in(`probe ${name}`, config.every, () => void this.#probe(name, config));
      return;
    }
    const looked = await this.#options.look(config);
    if (this.#stopped) return;
    // What it shows while it is started again is no news of the run that was meant.
    if (this.#options.isAlive()) this.#options.onProbe(name, config, looked);
    const now = this.#options.now();
    const since = looked.ok ? now : (this.#failing.get(name) ?? now);
    this.#failing.set(name, since);
    const wait = nextLookIn('probe', config.every, now - since, this.#options.random());
    this.#in(`probe ${name}`, wait, () => void this.#probe(name, config));
  }

  /** @param atOnce one look decides: what asks waits for the answer */
  async #dependency(name: string, atOnce: boolean): Promise<void> {
    const watched = this.#depends.get(name);
    const config = this.#options.config.depends[name];
    if (!watched || !config || this.#stopped) return;
    watched.now ??= this.#lookAt(name, watched, config, atOnce).finally(() => {
      watched.now = undefined;
    });
    await watched.now;
  }

  async #lookAt(name: string, watched: Watched, config: DependencyConfig, atOnce: boolean): Promise<void> {
    if (atOnce || this.#options.isWanted()) {
      const { ok, words } = await this.#options.look(config);
      if (this.#stopped) return;
      watched.streak = ok === watched.up ? 0 : watched.streak + 1;
      const enough = ok ? config.successes : config.failures;
      if (ok !== watched.up && (watched.streak >= enough || (atOnce && !ok))) {
        watched.up = ok;
        watched.streak = 0;
        watched.words = words;
        watched.since = this.#options.now();
        this.#options.onDependency(name, ok, words);
      }
    }
    const { up, streak, since } = watched;
    const downMs = up || streak > 0 ? 0 : this.#options.now() - since;
    const wait = nextLookIn('dependency', config.every, downMs, this.#options.random());
    this.#dependencyIn(name, up && streak === 0 ? config.every * RARER_WHILE_UP : wait);
  }

  #dependencyIn(name: string, ms: number): void {
    this.#in(`dependency ${name}`, ms, () => void this.#dependency(name, false));
  }

  #in(key: string, ms: number, work: () => void): void {
    this.#timers.get(key)?.();
    if (this.#stopped) return;
    this.#timers.set(key, this.#options.after(ms, work));
  }
}
