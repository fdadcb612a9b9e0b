import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import { TRANSLATE } from '../view/translate';
import type { Translation } from '../view/translate';

export const translation: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:translation',
  description: 'Tells widgets their texts in the language of the application.',
  autoStart: true,
  requires: [ITranslator],
  activate: (_app: JupyterFrontEnd, translator: ITranslator) => {
    const trans = translator.load('jupyter_kfx');
    document.addEventListener(TRANSLATE, event =>
      (event as Translation).detail.take(trans)
    );
  }
};
