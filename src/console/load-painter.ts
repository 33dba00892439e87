/**
 * Loads what draws. Ink's layout engine reads its own WebAssembly through `fetch` where there is one, and merely asking
 * for Node's makes Node load its HTTP client: 25 of 108 ms. Without it, it decodes the same bytes by itself.
 */
export async function loadPainter(): Promise<typeof import('./painter.ts')> {
  const fetch = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (!fetch?.configurable) return import('./painter.ts');
  Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true, writable: true });
  try {
    return await import('./painter.ts');
  } finally {
    Object.defineProperty(globalThis, 'fetch', fetch);
  }
}
