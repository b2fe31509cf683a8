import { defineConfig } from 'vitest/config';

const report = process.env.QPOE_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/*.test.ts'],
    // By default one core is left idle, and on two cores that is half.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 600_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
