/** How many of what, in words. */

export function count(number: number, of: string, several = `${of}s`): string {
  return `${number} ${number === 1 ? of : several}`;
}
