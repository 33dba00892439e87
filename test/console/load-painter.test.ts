import { expect, test } from 'vitest';
import { loadPainter } from '../../src/console/load-painter.ts';

test('what draws is loaded, and fetch is what it was', async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  const { painter } = await loadPainter();
  expect(painter).toBeTypeOf('function');
  expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toEqual(before);
});
