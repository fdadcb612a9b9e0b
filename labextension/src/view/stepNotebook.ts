import type { IEditorMimeTypeService } from '@jupyterlab/codeeditor';
import type { INotebookContent } from '@jupyterlab/nbformat';
import { NotebookModel, StaticNotebook } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** Return a view of an executed step that nobody can edit. */
export function stepNotebook(
  content: INotebookContent,
  panel: NotebookPanel,
  mimeTypeService: IEditorMimeTypeService
): StaticNotebook {
  const view = new StaticNotebook({
    rendermime: panel.content.rendermime.clone(),
    contentFactory: panel.content.contentFactory,
    mimeTypeService,
    notebookConfig: {
      ...StaticNotebook.defaultNotebookConfig,
      windowingMode: 'none'
    }
  });
  const model = new NotebookModel();
  model.fromJSON(content);
  view.model = model;
  for (const cell of view.widgets) {
    cell.readOnly = true;
  }
  view.disposed.connect(() => model.dispose());
  view.addClass('jp-kfx-StepNotebook');
  return view;
}
