import type { Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { PanelLayout } from '@lumino/widgets';
import React from 'react';

import type { Session } from '../model/session';
import { SessionTagBar } from './SessionTagBar';

/** The tag bar on a cell. */
class CellBar extends ReactWidget {
  constructor(
    private readonly _session: Session,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-CellBar');
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._session.changed}>
        {() => <SessionTagBar session={this._session} trans={this._trans} />}
      </UseSignal>
    );
  }
}

/** Keeps a tag bar on the active code cell of a notebook. */
export class CellBars {
  constructor(
    private readonly _session: Session,
    private readonly _trans: TranslationBundle
  ) {
    const { panel } = _session;
    panel.content.activeCellChanged.connect(this._place, this);
    panel.disposed.connect(() => this._bar?.dispose());
  }

  set shown(shown: boolean) {
    this._shown = shown;
    this._bar?.dispose();
    this._place();
  }

  private _place(): void {
    const cell: Cell | null = this._session.panel.content.activeCell;
    if (this._bar && !this._bar.isDisposed && this._bar.parent === cell) {
      return;
    }
    this._bar?.dispose();
    if (this._shown && cell?.model.type === 'code') {
      this._bar = new CellBar(this._session, this._trans);
      (cell.layout as PanelLayout).addWidget(this._bar);
    }
  }

  private _bar: CellBar | null = null;
  private _shown = false;
}
