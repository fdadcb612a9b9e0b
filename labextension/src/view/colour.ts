const COLOURS = 8;

/** Return the number of the colour of each step; the style sheet has the colours. */
export function colours(
  steps: readonly { name: string }[]
): ReadonlyMap<string, number> {
  return new Map(steps.map(({ name }, place) => [name, place % COLOURS]));
}
