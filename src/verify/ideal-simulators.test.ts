import { expect, it } from 'vitest';
import { SDK_NAMES } from '../sdk/sdk-names.ts';
import { IDEAL_BACKENDS } from './ideal-simulators.ts';

it('every SDK that qpoe runs is listed with the backends that it runs without noise', () =>
  expect(Object.keys(IDEAL_BACKENDS).sort()).toEqual([...SDK_NAMES].sort()));
