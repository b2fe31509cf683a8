import { expect, it } from 'vitest';
import { mapInTurns } from './run-program.ts';

const ITEMS = Array.from({ length: 100 }, (_, at) => at);

it('lets others have their turn while it maps', async () => {
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const mapped = await mapInTurns(ITEMS, new AbortController().signal, (item) => 2 * item);
  over = true;
  expect(mapped).toEqual(ITEMS.map((item) => 2 * item));
  expect(turns).toBeGreaterThan(5);
});

it('stops where it is told to', async () => {
  const controller = new AbortController();
  let last = 0;
  const mapping = mapInTurns(ITEMS, controller.signal, (item) => {
    last = item;
    if (item === 40) controller.abort();
  });
  await expect(mapping).rejects.toThrow('aborted');
  expect(last).toBe(40);
});
