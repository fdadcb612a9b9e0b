import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTools } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ISessions } from '../model/sessions';
import { SettingsTool } from '../view/Inspector';

export const inspector: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:inspector',
  description: 'Settings of steps and pipelines in the property inspector.',
  autoStart: true,
  requires: [ISessions, INotebookTools],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    sessions: ISessions,
    tools: INotebookTools,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const sections = [
      ['step', trans.__('Pipeline Step')],
      ['pipeline', trans.__('Pipeline')]
    ] as const;
    sections.forEach(([of, label], i) => {
      tools.addSection({
        sectionName: `jupyter-kfx:${of}`,
        label,
        rank: 10 + i,
        tool: new SettingsTool(sessions, of, trans)
      });
    });
  }
};
