import type { ICellModel } from '@jupyterlab/cells';
import { NotebookTools } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { PanelLayout } from '@lumino/widgets';
import React from 'react';

import { told } from '../api';
import { tagsOf } from '../model/document';
import type { ISessions } from '../model/sessions';
import { Form } from './Form';
import type { ISchema } from './schema';

const KEY = 'kfx';
// What an executed step's notebook says of its cells.
const WRITTEN = ['cell', 'index', 'step'];
// Tags whose setting has another name.
const NAMES = new Map([
  ['prev', 'after'],
  ['limit', 'limits'],
  ['secret', 'secrets'],
  ['volume', 'volumes'],
  ['toleration', 'tolerations'],
  ['label', 'labels'],
  ['annotation', 'annotations']
]);

type Settings = Record<string, unknown>;

/** The settings of the active cell's step, or of the whole pipeline, as a form. */
export class SettingsTool extends NotebookTools.Tool {
  constructor(
    private readonly _sessions: ISessions,
    private readonly _of: 'step' | 'pipeline',
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-Settings');
    const view = ReactWidget.create(
      <UseSignal signal={this._changed}>{() => this._form()}</UseSignal>
    );
    const layout = new PanelLayout();
    layout.addWidget(view);
    this.layout = layout;
    _sessions.currentChanged.connect(this._update, this);
  }

  protected override onAfterShow(): void {
    this._ask();
  }

  protected override onAfterAttach(): void {
    this._ask();
  }

  protected override onActiveCellChanged(): void {
    this._update();
  }

  protected override onActiveCellMetadataChanged(): void {
    this._update();
  }

  protected override onActiveNotebookPanelMetadataChanged(): void {
    this._update();
  }

  private _ask(): void {
    if (!this._root && this.isVisible) {
      this._sessions.api.schema().then(
        schema => {
          this._root = schema[this._of];
          this._problem = null;
          this._update();
        },
        error => {
          this._problem = error;
          this._update();
        }
      );
    }
  }

  private _form(): React.JSX.Element {
    const trans = this._trans;
    const session = this._sessions.current;
    const root = this._root;
    if (!root || !session) {
      return <p>{this._problem ? told(this._problem, trans) : ''}</p>;
    }
    if (this._of === 'pipeline') {
      const model = session.panel.content.model;
      const own = (model?.getMetadata(KEY) as Settings | undefined) ?? {};
      return (
        <Form
          schema={root}
          root={root}
          value={own}
          onChange={value =>
            model?.sharedModel.transact(() => {
              if (Object.keys(value).length) {
                model.setMetadata(KEY, value);
              } else {
                model.deleteMetadata(KEY);
              }
            })
          }
          trans={trans}
        />
      );
    }
    const cell = session.panel.content.activeCell?.model;
    const step = session.activeStep;
    if (cell?.type !== 'code' || step === null) {
      return <p>{trans.__('The cell belongs to no step.')}</p>;
    }
    const metadata = settingsOf(cell);
    return (
      <>
        <p>{trans.__('Of step %1, kept with this cell.', step)}</p>
        <Form
          key={cell.id}
          schema={root}
          root={root}
          value={metadata}
          locked={taggedSettings(cell, trans)}
          onChange={value =>
            session.panel.content.model?.sharedModel.transact(() =>
              write(cell, value)
            )
          }
          trans={trans}
        />
      </>
    );
  }

  private _update(): void {
    this._changed.emit();
  }

  private _root: ISchema | null = null;
  private _problem: unknown = null;
  private readonly _changed = new Signal<this, void>(this);
}

function settingsOf(cell: ICellModel): Settings {
  const metadata: unknown = cell.getMetadata(KEY);
  return metadata !== null && typeof metadata === 'object'
    ? (metadata as Settings)
    : {};
}

/** Write the settings of a cell; what is no setting stays as it is. */
function write(cell: ICellModel, settings: Settings): void {
  const old = settingsOf(cell);
  const kept = Object.fromEntries(
    Object.entries(old).filter(([name]) => WRITTEN.includes(name))
  );
  const next = { ...settings, ...kept };
  if (Object.keys(next).length) {
    cell.setMetadata(KEY, next);
  } else {
    cell.deleteMetadata(KEY);
  }
}

/** Return the settings that tags give, which win, each with a sentence. */
function taggedSettings(
  cell: ICellModel,
  trans: TranslationBundle
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const tag of tagsOf(cell)) {
    const [key, ...rest] = tag.split(':');
    if (rest.length) {
      found[NAMES.get(key) ?? key] = trans.__('Set by the tag “%1”.', tag);
    }
  }
  return found;
}
