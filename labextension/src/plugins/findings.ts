import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { SETTINGS } from '../commands';
import { findingsOf } from '../model/findings';
import { fixOf } from '../model/fixes';
import type { Session } from '../model/session';
import { ISessions } from '../model/sessions';
import { showInPlace } from '../view/inPlace';

export const findings: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:findings',
  description: 'Shows in the cells what is wrong with them.',
  autoStart: true,
  requires: [ISessions],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    sessions: ISessions,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const places = new Set<Places>();
    let shown = true;
    sessions.each(session => {
      const place = new Places(session, () =>
        shown ? findingsOf(session, each => fixOf(session, each, trans)) : []
      );
      places.add(place);
      session.panel.disposed.connect(() => places.delete(place));
    });
    void settings?.load(SETTINGS).then(loaded => {
      const read = (): void => {
        shown = loaded.get('findings').composite as boolean;
        places.forEach(place => place.show());
      };
      loaded.changed.connect(read);
      read();
    });
  }
};

/** The cells of a notebook, and what is shown in them. */
class Places {
  constructor(
    private readonly _session: Session,
    private readonly _find: () => ReturnType<typeof findingsOf>
  ) {
    _session.changed.connect(this.show, this);
  }

  show(): void {
    const found = this._find().filter(({ severity }) => severity !== 'info');
    for (const cell of this._session.panel.content.widgets) {
      const own = found.filter(each => each.cell === cell.model.id);
      const said = JSON.stringify(own);
      if ((this._said.get(cell) ?? '[]') === said) {
        continue;
      }
      if (cell.editor) {
        showInPlace(cell, own);
        this._said.set(cell, said);
      } else {
        // A cell has no editor before it has been in sight.
        cell.inViewportChanged.disconnect(this.show, this);
        cell.inViewportChanged.connect(this.show, this);
      }
    }
  }

  private readonly _said = new WeakMap<object, string>();
}
