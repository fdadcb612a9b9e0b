import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import data from '../../package.json';
import { CommandIDs, NO_ARGUMENTS } from '../commands';

export const about: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:about',
  description: 'Tells the version and how to run a notebook as a pipeline.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    app.commands.addCommand(CommandIDs.about, {
      label: trans.__('About Notebook Pipelines'),
      caption: trans.__('The version, and how to run a notebook as a pipeline'),
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        await showDialog({
          title: trans.__('jupyter_kfx %1', data.version),
          body: trans.__(
            'The panel at the right draws the pipeline of a tagged notebook, and “Run as pipeline” runs it. In a terminal, “jupyter kfx” does the same.'
          ),
          buttons: [Dialog.okButton()]
        });
      }
    });
    palette?.addItem({
      command: CommandIDs.about,
      category: trans.__('Notebook Pipelines')
    });
  }
};
