import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDiagnostic, ITagEdit } from '../api';
import { setTags, tagsOf } from './document';
import type { IFinding } from './findings';
import type { Session } from './session';

/** Return what cures a diagnostic by changing tags, if that does. */
export function fixOf(
  session: Session,
  diagnostic: IDiagnostic,
  trans: TranslationBundle
): IFinding['fix'] {
  const { edit } = diagnostic;
  const model = session.panel.content.model;
  const cell = [...(model?.cells ?? [])].find(each => each.id === edit?.cell);
  if (!edit || !cell || !model) {
    return null;
  }
  return {
    label: labelOf(edit, edit.cell === diagnostic.cell, trans),
    apply: () =>
      model.sharedModel.transact(() => {
        setTags(cell, edited(tagsOf(cell), edit));
      })
  };
}

function labelOf(
  edit: ITagEdit,
  isThere: boolean,
  trans: TranslationBundle
): string {
  const { add, remove } = edit;
  if (add.length) {
    return trans.__('Tag it “%1”', add.join(', '));
  }
  const tags = remove.join(', ');
  return isThere
    ? trans.__('Take “%1” off', tags)
    : trans.__('Take “%1” off cell %2', tags, edit.cell_index + 1);
}

/** Return tags after an edit; all that it does not name stay where they are. */
function edited(tags: readonly string[], { add, remove }: ITagEdit): string[] {
  const place = tags.findIndex(tag => remove.includes(tag));
  const kept = (part: readonly string[]): string[] =>
    part.filter(tag => !remove.includes(tag) && !add.includes(tag));
  return place < 0
    ? [...kept(tags), ...add]
    : [...kept(tags.slice(0, place)), ...add, ...kept(tags.slice(place))];
}
