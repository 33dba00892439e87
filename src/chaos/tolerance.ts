/** Whether a value is steady. */
import type { Provider, Tolerance } from './schema.ts';

/** What a probe saw: a measure, a text, or why it could see nothing. */
export type Value =
  | { readonly is: 'seen'; readonly value: number | string }
  | { readonly is: 'failed'; readonly why: string };

/** `200`, `12 ms`…: as people read it. */
export function valueWords(value: Value): string {
  return value.is === 'failed' ? value.why : String(value.value);
}

export function within(value: Value, tolerance: Tolerance): boolean {
  if (value.is === 'failed') return tolerance === false;
  const seen = value.value;
  if (typeof tolerance === 'boolean') return tolerance;
  if (Array.isArray(tolerance)) return tolerance.some(one => same(seen, one));
  if (typeof tolerance !== 'object') return same(seen, tolerance);
  if ('pattern' in tolerance) return new RegExp(tolerance.pattern, 'u').test(String(seen));
  if (typeof seen !== 'number') return false;
  if ('range' in tolerance) return seen >= tolerance.range[0] && seen <= tolerance.range[1];
  return (
    seen >= (tolerance.min ?? Number.NEGATIVE_INFINITY) && seen <= (tolerance.max ?? Number.POSITIVE_INFINITY)
  );
}

function same(seen: number | string, wanted: number | string): boolean {
  return typeof seen === typeof wanted ? seen === wanted : String(seen).trim() === String(wanted).trim();
}

/** `200`, `one of a, b`, `at most 50`, `0 to 5`, `like /ok/`. */
export function toleranceWords(tolerance: Tolerance): string {
  if (typeof tolerance === 'boolean') return tolerance ? 'an answer' : 'no answer';
  if (Array.isArray(tolerance)) return `one of ${tolerance.join(', ')}`;
  if (typeof tolerance !== 'object') return String(tolerance);
  if ('pattern' in tolerance) return `like /${tolerance.pattern}/`;
  if ('range' in tolerance) return `${tolerance.range[0]} to ${tolerance.range[1]}`;
  const { min, max } = tolerance;
  if (min === undefined) return max === undefined ? 'any number' : `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}

/** What is steady where the file does not say. */
export function usualTolerance(provider: Provider): Tolerance {
  switch (provider.type) {
    case 'agent-state':
      return 100;
    case 'http':
      return provider.measure === 'status' ? { min: 200, max: 299 } : true;
    case 'exec':
      return provider.measure === 'exit' ? 0 : true;
    case 'tcp':
    case 'engine':
    case 'metric':
      return true;
  }
}
