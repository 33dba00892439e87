/**
 * Chaos Toolkit experiments (its JSON, version 1) as ours: what has a counterpart is carried over, the rest is said.
 * https://chaostoolkit.org/reference/api/experiment/
 */
import type { Tolerance } from './schema.ts';
import { Tolerance as ToleranceShape } from './schema.ts';

export interface Imported {
  /** An experiment file's value, to be held against the schema. */
  readonly experiment: Readonly<Record<string, unknown>>;
  /** What could not be carried over, and why; a line each. */
  readonly lost: readonly string[];
}

type Loose = Readonly<Record<string, unknown>>;

/** Never throws: what makes no sense is lost, with a word. */
export function importToolkit(given: unknown): Imported {
  const lost: string[] = [];
  const file = objectOf(given);
  const hypothesis = objectOf(file['steady-state-hypothesis']);
  const probes = listOf(hypothesis.probes).flatMap(probe => probeOf(objectOf(probe), lost) ?? []);
  const method = listOf(file.method).flatMap((step, at) => stepOf(objectOf(step), at, lost) ?? []);
  for (const key of Object.keys(file)) if (!KNOWN.has(key)) lost.push(`${key}: hms-tui has no such key`);
  if (listOf(file.rollbacks).length > 0)
    lost.push(
      `rollbacks (${listOf(file.rollbacks).length}): hms-tui makes them; every fault takes itself back`,
    );
  for (const key of NOT_CARRIED) if (file[key] !== undefined) lost.push(`${key}: not carried over`);
  const experiment: Record<string, unknown> = { title: textOf(file.title) ?? 'an imported experiment' };
  if (textOf(file.description)) experiment.description = textOf(file.description);
  const tags = listOf(file.tags).filter(tag => typeof tag === 'string');
  if (tags.length > 0) experiment.tags = tags;
  if (probes.length > 0)
    experiment['steady-state-hypothesis'] = { title: textOf(hypothesis.title) ?? 'all is well', probes };
  experiment.method = method;
  return { experiment, lost };
}

const NOT_CARRIED = ['configuration', 'secrets', 'controls', 'contributions', 'extensions', 'runtime'];
const KNOWN = new Set([
  ...['version', 'title', 'description', 'tags', 'method', 'rollbacks', 'steady-state-hypothesis'],
  ...NOT_CARRIED,
]);

function probeOf(probe: Loose, lost: string[]): Loose | undefined {
  const name = textOf(probe.name) ?? 'a probe without a name';
  const provider = providerOf(objectOf(probe.provider), name, lost);
  if (!provider) return undefined;
  const tolerance = toleranceOf(probe.tolerance, name, lost);
  const shape = { type: 'probe', name: name.slice(0, 100), provider };
  return tolerance === undefined ? shape : { ...shape, tolerance };
}

function stepOf(step: Loose, at: number, lost: string[]): Loose | undefined {
  const name = textOf(step.name) ?? `step ${at + 1}`;
  if (step.type === 'probe') return probeOf(step, lost);
  // Written by us, or for us.
  if (typeof step.fault === 'string') return step;
  const { type, module, path } = objectOf(step.provider);
  const by =
    type === 'python'
      ? `the Python module ${String(module)}`
      : `${String(type)} ${textOf(path) ?? ''}`.trim();
  lost.push(
    `method[${at}] ${name}: it is done by ${by}, which nobody takes back; use a fault of hms chaos new instead`,
  );
  return undefined;
}

function providerOf(provider: Loose, name: string, lost: string[]): Loose | undefined {
  const seconds = typeof provider.timeout === 'number' ? { timeout: `${provider.timeout}s` } : {};
  switch (provider.type) {
    case 'http': {
      if (provider.headers !== undefined) lost.push(`${name}: its headers`);
      const method = typeof provider.method === 'string' ? { method: provider.method.toUpperCase() } : {};
      return { type: 'http', url: provider.url, ...method, ...seconds };
    }
    case 'process': {
      const given = provider.arguments;
      const words = Array.isArray(given)
        ? given.map(String)
        : typeof given === 'string'
          ? given.split(/\s+/).filter(Boolean)
          : Object.entries(objectOf(given)).flatMap(([flag, value]) => [flag, String(value ?? '')]);
      return { type: 'exec', argv: [String(provider.path), ...words], ...seconds };
    }
    default: {
      // One of ours.
      if (['agent-state', 'tcp', 'exec', 'engine', 'metric'].includes(String(provider.type))) return provider;
      const by =
        provider.type === 'python' ? `the Python module ${String(provider.module)}` : String(provider.type);
      lost.push(
        `${name}: it looks by ${by}; hms-tui looks by agent-state, http, tcp, exec, engine or metric`,
      );
      return undefined;
    }
  }
}

function toleranceOf(given: unknown, name: string, lost: string[]): Tolerance | undefined {
  if (given === undefined) return undefined;
  const { type, pattern, range } = objectOf(given);
  const shape = ToleranceShape.safeParse(
    type === 'regex' ? { type, pattern } : type === 'range' ? { type, range } : given,
  );
  if (shape.success) return shape.data;
  lost.push(`${name}: its tolerance (${textOf(type) ?? 'of an unknown form'})`);
  return undefined;
}

function objectOf(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
