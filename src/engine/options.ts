/** What an engine is given. */
import type { LoadedFleet } from '../fleet/load.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import type { HmsError } from '../model/errors.ts';

export interface EngineOptions {
  /** The fleet file as read; or what is wrong with it: then the last good configuration is taken, where there is one. */
  readonly fleet: LoadedFleet | HmsError;
  /** Absolute path of the fleet file. */
  readonly file: string;
  /** A person has just started exactly this file; else a change of it waits for consent. */
  readonly consented: boolean;
  readonly paths: FleetPaths;
  readonly version: string;
  /** Absolute path of the `hms` program, for agents' hooks. */
  readonly hms: string;
  /** What the tmux server's hidden window runs to keep an engine there. */
  readonly keeper: readonly string[];
  /** The account's name: a lead. */
  readonly owner: string;
  readonly env: NodeJS.ProcessEnv;
  log(line: string): void;
  /** How long to wait for another engine to let go of the fleet, ms. */
  readonly lockWithinMs?: number;
}
