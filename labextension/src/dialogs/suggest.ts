import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { ISuggestion } from '../api';
import { marked } from '../view/marked';

/** Show the steps that a notebook could have; tell whether the user wants them. */
export async function preview(
  suggestion: ISuggestion,
  trans: TranslationBundle
): Promise<boolean> {
  const answer = await showDialog({
    title: trans.__('Suggested steps'),
    body: new Preview(suggestion, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Add these steps') })
    ]
  });
  return answer.button.accept;
}

/** A list of steps, each with its cells and the reason for it. */
class Preview extends Widget {
  constructor(suggestion: ISuggestion, trans: TranslationBundle) {
    super();
    this.addClass('jp-kfx-Suggestion');
    const list = document.createElement('ol');
    for (const step of suggestion.steps) {
      const item = document.createElement('li');
      const name = document.createElement('strong');
      name.textContent = step.name;
      const cells = document.createElement('small');
      cells.textContent = places(step.cells, trans);
      const why = document.createElement('p');
      why.append(...marked(step.why));
      item.append(name, ' ', cells, why);
      list.append(item);
    }
    this.node.append(list);
    const note = document.createElement('p');
    const setup = suggestion.setup.length
      ? trans._n(
          '%2 only imports or defines: it is no step.',
          '%2 only import or define: they are no steps.',
          suggestion.setup.length,
          places(suggestion.setup, trans)
        )
      : '';
    note.textContent = `${setup} ${trans.__('Undo takes all of it back.')}`;
    this.node.append(note);
  }
}

/** Return positions as a person counts them: `Cells 2–4, 7`. */
function places(cells: readonly number[], trans: TranslationBundle): string {
  const runs: [number, number][] = [];
  for (const index of cells) {
    const last = runs[runs.length - 1];
    if (last && index === last[1] + 1) {
      last[1] = index;
    } else {
      runs.push([index, index]);
    }
  }
  const texts = runs.map(([first, last]) =>
    first === last ? `${first + 1}` : `${first + 1}–${last + 1}`
  );
  return trans._n('Cell %2', 'Cells %2', cells.length, texts.join(', '));
}
