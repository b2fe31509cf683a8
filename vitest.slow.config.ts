import { defineConfig } from 'vitest/config';

/** The suites that take longer than `npm test` should: `npm run test:slow`. */
export default defineConfig({
  test: { include: ['test/slow/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 900_000 },
});
