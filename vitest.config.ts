import { defineConfig } from 'vitest/config';

/**
 * Two projects: rooms run side by side; stories drive the built program, so it is built first, and they run one
 * after the other, since each has a fleet of processes of its own.
 */
export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    // Property tests under coverage, beside other work on two cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes on a busy machine: in CI a test that fails is run once more, and the report says which were.
    retry: process.env['CI'] ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/stories/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'stories',
          include: ['test/stories/**/*.test.{ts,tsx}'],
          globalSetup: ['bin/build-for-tests.mjs'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      // V8's, which also counts what stories reach in the built program.
      provider: 'custom',
      customProviderModule: './bin/coverage.mjs',
      autoAttachSubprocess: true,
      excludeAfterRemap: true,
      include: ['src/**/*.{ts,tsx}', 'panes/**/*.{ts,tsx}'],
      reporter: ['text-summary', 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 90 },
    },
  },
});
