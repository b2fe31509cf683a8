import { defineConfig, mergeConfig } from 'vitest/config';
import standard from './vitest.config.ts';

/** The suites that take longer than `npm test` should: `npm run test:slow`. */
const slow = mergeConfig(standard, defineConfig({ test: { testTimeout: 900_000, hookTimeout: 900_000 } }));
slow.test.include = ['test/slow/**/*.test.ts'];
export default slow;
