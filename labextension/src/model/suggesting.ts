import type { ISuggestion } from '../api';
import { documentOf, setTags, tagsOf } from './document';
import type { Session } from './session';

/** Ask for steps that a notebook could have; the tags are added once applied. */
export async function suggest({
  api,
  panel,
  path
}: Session): Promise<{ suggestion: ISuggestion; apply: () => void }> {
  const model = panel.content.model;
  // Cells may come and go while the suggestion is looked at.
  const asked = [...(model?.cells ?? [])];
  const suggestion = await api.suggest(documentOf(panel), path);
  const apply = (): void => {
    const there = new Set(model?.cells ?? []);
    model?.sharedModel.transact(() => {
      for (const { cell, add } of suggestion.tags) {
        const tagged = asked[cell];
        if (there.has(tagged)) {
          setTags(tagged, [...new Set([...tagsOf(tagged), ...add])]);
        }
      }
    });
  };
  return { suggestion, apply };
}
