/**
 * What an agent asks to do, and what can be said about it. An `Action` is bound to its SHA-256 over RFC 8785
 * canonical JSON: a decision holds for exactly these bytes and no others.
 */
import * as z from 'zod';
import { JsonObject } from './json.ts';

/** Risk in words. The number behind it (0–100) is what policies compare. */
export const RiskLevel = z.enum(['low', 'medium', 'high', 'critical']);
export type RiskLevel = z.infer<typeof RiskLevel>;

/** low < 30 ≤ medium < 60 ≤ high < 90 ≤ critical. */
export function riskLevel(risk: number): RiskLevel {
  return risk >= 90 ? 'critical' : risk >= 60 ? 'high' : risk >= 30 ? 'medium' : 'low';
}

export const Action = z.object({
  /** The tool as the asker names it: `exec` (hms gate run), `ask` (hms gate ask), `Bash`, `Edit`, … */
  tool: z.string().min(1).max(128),
  /** The tool's complete input, as asked. `exec`: {argv: string[]}; `ask`: {question: string}; Bash: {command}. */
  input: JsonObject,
  /** Absolute working directory. */
  cwd: z.string().max(4096),
});
export type Action = z.infer<typeof Action>;

/** What a policy can decide on: facts read from the action by `gate/facts.ts`, never the raw string alone. */
export const Facts = z.object({
  /** Which Cedar action the request is. */
  verb: z.enum(['Read', 'Write', 'Exec', 'Fetch', 'Ask', 'Restart', 'Chaos', 'Other']),
  /** Every program that would run, wrappers (sudo, env, bash -c …) opened: `git`, `rm`. */
  programs: z.array(z.string()),
  /** Classes of effect: `delete`, `recursive-delete`, `network`, `privilege`, `git-history`, `opaque`, … */
  classes: z.array(z.string()),
  /** Paths and other targets named, normalised against cwd where they are paths. */
  targets: z.array(z.string()),
  /** All targets lie inside the agent's working directory. */
  inside: z.boolean(),
  /** 0–100; the highest of its parts; raised when something could not be read. */
  risk: z.number().min(0).max(100),
  level: RiskLevel,
  /** One line a person reads first, already neutralised: `rm -rf build`, `Edit src/api.ts +12 −3`. */
  title: z.string(),
  /** One word for the most telling class: `reads`, `changes files`, `deletes`, `irreversible`, … */
  effect: z.string(),
});
export type Facts = z.infer<typeof Facts>;
