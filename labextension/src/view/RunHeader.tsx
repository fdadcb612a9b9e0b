import React from 'react';

import type { IRunStates } from '../api';
import { runText } from './status';
import type { ITranslate } from './translate';

/** What starts and ends runs, and how the last one stands. */
export function RunHeader(props: {
  run: IRunStates | null;
  /** A run has been asked for, and is not there yet. */
  starting: boolean;
  onRun: () => void;
  /** Why nothing can be run, if so. */
  hindrance?: string;
  onCancel: () => void;
  /** What stands between the button and the sentence. */
  children?: React.ReactNode;
  trans: ITranslate;
}): React.JSX.Element {
  const { run, starting, hindrance, trans } = props;
  return (
    <header className="jp-kfx-Header">
      {starting || run?.status === 'running' ? (
        <button
          className="jp-kfx-Button"
          disabled={starting}
          onClick={props.onCancel}
        >
          {trans.__('Cancel the run')}
        </button>
      ) : (
        <button
          className="jp-kfx-Button jp-mod-accept"
          disabled={Boolean(hindrance)}
          title={hindrance}
          onClick={props.onRun}
        >
          {trans.__('Run as pipeline')}
        </button>
      )}
      {props.children}
      <span role="status" aria-live="polite">
        {starting ? trans.__('Starting…') : run && runText(run, trans)}
      </span>
    </header>
  );
}

/** What went wrong, in sentences; nothing if nothing did. */
export function Problem(props: {
  text: string | null | undefined;
}): React.JSX.Element | null {
  return props.text ? (
    <p className="jp-kfx-Error" role="alert">
      {props.text}
    </p>
  ) : null;
}
