import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';

/** The other end of `debugging` in Notebook 7, where a console has a page of its own. */
export const debuggingPage: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:debugging-page',
  description: 'Fills a console that was opened in a page of its own.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    if (PageConfig.getOption('notebookPage') === 'consoles') {
      void app.restored.then(async () => {
        const { fillPage } = await import('../model/debugging');
        await fillPage(app.shell);
      });
    }
  }
};
