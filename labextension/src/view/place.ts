import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { TabPanel } from '@lumino/widgets';
import type { Widget } from '@lumino/widgets';

const HEIGHT = '320px';

/** Show a view where there is room for it, beside another one if it is said. */
export function place(
  shell: JupyterFrontEnd.IShell,
  labShell: ILabShell | null,
  view: MainAreaWidget,
  beside?: Widget
): void {
  view.title.closable = true;
  if (!view.isAttached && labShell) {
    const there = { ref: beside?.id, mode: 'tab-after' as const };
    labShell.add(view, 'main', beside && there);
  } else if (!view.isAttached) {
    // Notebook 7 has a notebook, and room for others below it.
    view.content.node.style.minHeight = HEIGHT;
    shell.add(view, 'down');
  }
  const tabs = view.parent?.parent;
  if (tabs instanceof TabPanel) {
    tabs.currentWidget = view;
  }
  shell.activateById(view.id);
}
