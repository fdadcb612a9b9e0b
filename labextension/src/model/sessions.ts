import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Api } from '../api';
import { Session } from './session';

/** The pipelines of the open notebooks. */
export interface ISessions {
  readonly api: Api;
  /** The session of the notebook that was looked at last. */
  readonly current: Session | null;
  readonly currentChanged: ISignal<ISessions, void>;
  /** A notebook has been opened. */
  readonly added: ISignal<ISessions, Session>;
  /** Call a function for each open notebook, and for each that will be. */
  each(call: (session: Session) => void): void;
}

export const ISessions = new Token<ISessions>(
  'jupyter-kfx:ISessions',
  'The pipelines of the open notebooks.'
);

/** Keeps one session for each open notebook. */
export class Sessions implements ISessions {
  constructor(
    private readonly _tracker: INotebookTracker,
    readonly api: Api
  ) {
    _tracker.currentChanged.connect(() => this._currentChanged.emit());
    _tracker.widgetAdded.connect((_, panel) => void this._of(panel));
    _tracker.forEach(panel => void this._of(panel));
  }

  get current(): Session | null {
    const panel = this._tracker.currentWidget;
    return panel && this._of(panel);
  }

  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  get added(): ISignal<this, Session> {
    return this._added;
  }

  each(call: (session: Session) => void): void {
    this._tracker.forEach(panel => call(this._of(panel)));
    this._added.connect((_, session) => call(session));
  }

  /** Show a run that has begun, where its notebook is open. */
  follow(path: string, run: string): void {
    this._tracker.forEach(panel => {
      const session = this._of(panel);
      if (session.path === path && !session.starting) {
        void session.follow(run);
      }
    });
  }

  private _of(panel: NotebookPanel): Session {
    let session = this._sessions.get(panel);
    if (!session) {
      session = new Session(panel, this.api);
      this._sessions.set(panel, session);
      this._added.emit(session);
    }
    return session;
  }

  private readonly _sessions = new WeakMap<NotebookPanel, Session>();
  private readonly _currentChanged = new Signal<this, void>(this);
  private readonly _added = new Signal<this, Session>(this);
}
