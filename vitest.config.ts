import { defineConfig } from 'vitest/config';

const conditions = ['@transfuse/source'];

/** Tests that leave nothing behind in their process; engines register backends, and other tests read the whole of it. */
const tidy = ['packages/{adapters,cli,plugins}/src/**/*.test.ts', 'packages/core/src/!(engine)/**/*.test.ts'];
const slow = '**/*.slow.test.ts';
const unit = { exclude: ['**/node_modules/**', slow], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // Compiled functions are not kept on disk by tests, apart from those of the cache itself, which name a folder.
    env: { TRANSFUSE_CACHE: 'none' },
    // Says after a run what this machine lacks for some tests.
    globalSetup: 'test/support/missing-parts-summary.ts',
    maxWorkers: '100%', // one core fewer otherwise, which of two is half
    projects: [
      {
        extends: true,
        test: { ...unit, name: 'tidy', include: tidy, isolate: false },
      },
      {
        extends: true,
        test: {
          ...unit,
          name: 'unit',
          include: ['packages/**/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...unit.exclude, ...tidy],
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['packages/**/src/**/*.slow.test.ts', 'test/**/*.slow.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
