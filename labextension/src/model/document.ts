import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** Return the tags of a cell; what is no list of texts is nobody's tags. */
export function tagsOf(cell: ICellModel): string[] {
  const tags: unknown = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

/** Write the tags of a cell through the model that others share. */
export function setTags(cell: ICellModel, tags: readonly string[]): void {
  if (tags.length) {
    cell.setMetadata('tags', [...tags]);
  } else {
    cell.deleteMetadata('tags');
  }
}

/** Return the code cells that are selected, or the active one. */
export function chosenCells(panel: NotebookPanel): Cell[] {
  const notebook = panel.content;
  return notebook.widgets.filter(
    cell => cell.model.type === 'code' && notebook.isSelectedOrActive(cell)
  );
}

/** Return a notebook without its outputs, which may be large and say nothing of it. */
export function documentOf(panel: NotebookPanel): Record<string, unknown> {
  const model = panel.content.model;
  const cells = [...(model?.cells ?? [])].map(cell => ({
    id: cell.id,
    cell_type: cell.type,
    metadata: cell.metadata,
    source: cell.sharedModel.getSource(),
    ...(cell.type === 'code' ? { outputs: [], execution_count: null } : {})
  }));
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: model?.metadata ?? {},
    cells
  };
}
