/** The hook process's own knowledge of each kind of agent: small, and usable when there is no engine. */
import type { GateSetting } from '../model/fleet.ts';
import type { JsonObject } from '../model/json.ts';
import type { HookAnswer } from '../protocol/messages.ts';
import { claudeClient } from './claude-client.ts';

interface HookFacts {
  readonly gate: GateSetting;
  /** The first part of a file as text, '' when it cannot be read. */
  readStart(path: string): string;
}

interface Patience {
  /** How long to try to reach the engine, ms. */
  readonly connectMs: number;
  /** How long to wait for its answer, ms; 0 for as long as it takes. */
  readonly answerMs: number;
  /** Ask again when the engine goes away meanwhile. */
  readonly repeat: boolean;
  /** No attempt begins later than this after the first, ms. */
  readonly inAllMs: number;
}

export interface HookClient {
  /** What is sent of a payload: shortened where it is long and only told, with what only this process can see. */
  prepare(payload: JsonObject, facts: HookFacts): JsonObject;
  patience(payload: JsonObject): Patience;
  /** What to answer when the engine does not. */
  withoutEngine(payload: JsonObject, gate: GateSetting, why: string): HookAnswer;
  /** The agent's own process, whose end ends the hook; 0 when not known. */
  parent(env: NodeJS.ProcessEnv): number;
}

export const hookClients: Readonly<Record<string, HookClient>> = { claude: claudeClient };
