/** What the tags of a cell make of it. */
export type Role =
  'none' | 'step' | 'setup' | 'parameters' | 'metrics' | 'skip';

const PARAMETERS = ['parameters', 'pipeline-parameters'];
const SETUP = ['imports', 'functions'];
const METRICS = 'pipeline-metrics';
const STEP = /^(?:step|block):(.*)$/s;
const AFTER = /^(?:after|prev):(.*)$/s;

/** Return the role that tags give to a cell, and the name of its step. */
export function roleOf(tags: readonly string[]): { role: Role; step: string } {
  const named = tags.map(tag => STEP.exec(tag)).find(found => found);
  const step = named ? named[1].trim() : '';
  if (tags.includes('skip')) {
    return { role: 'skip', step };
  }
  if (tags.some(tag => PARAMETERS.includes(tag))) {
    return { role: 'parameters', step };
  }
  if (tags.some(tag => SETUP.includes(tag))) {
    return { role: 'setup', step };
  }
  if (named) {
    return { role: 'step', step };
  }
  return { role: tags.includes(METRICS) ? 'metrics' : 'none', step };
}

/** Return tags that give a role; all that say something else stay as they are. */
export function withRole(
  tags: readonly string[],
  role: Role,
  step: string
): string[] {
  const kept = tags.filter(
    tag =>
      !(
        STEP.test(tag) ||
        tag === 'skip' ||
        PARAMETERS.includes(tag) ||
        SETUP.includes(tag) ||
        // A step may be the one whose results count.
        (tag === METRICS && role !== 'step')
      )
  );
  switch (role) {
    case 'step':
      return [...kept, `step:${tagged(step)}`];
    case 'setup':
      return [...kept, tags.find(tag => SETUP.includes(tag)) ?? 'imports'];
    case 'parameters':
      return [
        ...kept,
        tags.find(tag => PARAMETERS.includes(tag)) ?? 'parameters'
      ];
    case 'metrics':
      return [...kept, METRICS];
    case 'skip':
      return [...kept, 'skip'];
    default:
      return kept;
  }
}

/** Return the steps after which the step of a cell is said to come. */
export function orderOf(tags: readonly string[]): string[] {
  const found = tags.map(tag => AFTER.exec(tag)?.[1].trim() ?? '');
  return [...new Set(found.filter(Boolean))];
}

/** Return tags that say the step comes after others; all else stays as it is. */
export function withOrder(
  tags: readonly string[],
  steps: readonly string[]
): string[] {
  const kept = tags.filter(tag => {
    const found = AFTER.exec(tag);
    return !found || steps.includes(found[1].trim());
  });
  const there = orderOf(kept);
  const added = steps.filter(step => !there.includes(step));
  return [...kept, ...added.map(step => `after:${tagged(step)}`)];
}

/** A tag cannot hold a comma: nbformat separates tags by them. */
function tagged(name: string): string {
  return name.replace(/[,\n]/g, ' ').trim();
}
