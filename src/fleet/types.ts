/** What the rest of the house gets of a fleet file. */
import type { AgentConfig, FleetConfig } from '../model/fleet.ts';
import type { AgentId, Digest } from '../model/ids.ts';
import type { FleetIssue } from './issue.ts';

export interface LoadedAgent {
  readonly id: AgentId;
  readonly config: AgentConfig;
  /** Absolute. */
  readonly cwd: string;
}

export interface LoadedFleet {
  /** Absolute path of the fleet file, and its folder. */
  readonly file: string;
  readonly dir: string;
  /** The file's text, as it was read. */
  readonly text: string;
  /** SHA-256 of the file's bytes. */
  readonly digest: Digest;
  readonly config: FleetConfig;
  /** In the order of the file. */
  readonly agents: readonly LoadedAgent[];
  /** Absolute paths of the policy files. */
  readonly policies: readonly string[];
  /** What works but is probably not meant: a program that is not installed. */
  readonly warnings: readonly FleetIssue[];
}
