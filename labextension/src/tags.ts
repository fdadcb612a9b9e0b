/** What the tags of a cell make of it. */
export type Role = 'none' | 'step' | 'setup' | 'parameters' | 'skip';

const PARAMETERS = ['parameters', 'pipeline-parameters'];
const SETUP = ['imports', 'functions'];
const STEP = /^(?:step|block):(.*)$/s;

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
  return { role: named ? 'step' : 'none', step };
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
        SETUP.includes(tag)
      )
  );
  switch (role) {
    case 'step':
      // A tag cannot hold a comma: nbformat separates tags by them.
      return [...kept, `step:${step.replace(/[,\n]/g, ' ').trim()}`];
    case 'setup':
      return [...kept, tags.find(tag => SETUP.includes(tag)) ?? 'imports'];
    case 'parameters':
      return [
        ...kept,
        tags.find(tag => PARAMETERS.includes(tag)) ?? 'parameters'
      ];
    case 'skip':
      return [...kept, 'skip'];
    default:
      return kept;
  }
}
