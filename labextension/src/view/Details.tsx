import React from 'react';

import type { IStepState } from '../api';
import { Log } from './Log';
import type { ILogs } from './Log';
import { Plots } from './Plots';
import { statusOf, statusText } from './status';
import type { ITranslate } from './translate';

interface IDetailsProps {
  step: string;
  /** How it does in the run; none if there is no run. */
  state: IStepState | undefined;
  run: string | undefined;
  logs: ILogs;
  /** Return the executed step as a notebook; none where it cannot be had. */
  load?: (step: string) => Promise<unknown>;
  onReveal?: (state: IStepState) => void;
  onClose: () => void;
  /** What can be done with the step. */
  children?: React.ReactNode;
  trans: ITranslate;
}

/** How one step is doing in a run, what it prints and what it draws. */
export function Details(props: IDetailsProps): React.JSX.Element {
  const { step, state, run, trans } = props;
  return (
    <section className="jp-kfx-Details" aria-label={trans.__('Step %1', step)}>
      <header>
        <strong>{step}</strong>
        {state && (
          <span className={`jp-kfx-Status jp-mod-${statusOf(state)}`}>
            {statusText(state, trans)}
          </span>
        )}
        <button
          className="jp-kfx-Button"
          aria-label={trans.__('Close')}
          onClick={props.onClose}
        >
          ×
        </button>
        {props.children && (
          <div className="jp-kfx-Details-actions">{props.children}</div>
        )}
      </header>
      {state?.reason && <p>{reasonText(state, trans)}</p>}
      {state?.reruns.map((reason, i) => (
        <p key={i}>{trans.__('Ran again: %1', reason)}</p>
      ))}
      {state?.error && (
        <p className="jp-kfx-Error" role="alert">
          {state.error.ename}: {state.error.message}{' '}
          {props.onReveal && state.error.cell !== null && (
            <button
              className="jp-kfx-Link"
              onClick={() => props.onReveal?.(state)}
            >
              {trans.__('Go to the cell')}
            </button>
          )}
        </p>
      )}
      {props.load && state && hasEnded(state) && (
        <Plots
          key={`${run} ${step} ${state.attempts}`}
          step={step}
          load={props.load}
          trans={trans}
        />
      )}
      {state && (
        <Log
          key={`${run} ${step}`}
          run={props.logs}
          step={step}
          trans={trans}
        />
      )}
    </section>
  );
}

function reasonText(state: IStepState, trans: ITranslate): string {
  if (state.passed_over) {
    return trans.__('Skipped: %1', state.reason);
  }
  return statusOf(state) === 'cached'
    ? trans.__('Did not run: %1', state.reason)
    : trans.__('Ran: %1', state.reason);
}

/** Tell whether a step has been executed, and so has left its cells. */
export function hasEnded(state: IStepState | undefined): boolean {
  return ['succeeded', 'failed'].includes(state?.status ?? '');
}

/** What can be done with a step. */
export function StepActions(props: {
  state: IStepState | undefined;
  running: boolean;
  onOpen: () => void;
  /** Open a console where the step began. */
  onDebug: () => void;
  onRun: (which: 'from' | 'only') => void;
  trans: ITranslate;
}): React.JSX.Element {
  const { running, trans } = props;
  const ended = hasEnded(props.state);
  return (
    <>
      <button
        className="jp-kfx-Button"
        disabled={running}
        onClick={() => props.onRun('from')}
        title={trans.__(
          'Run the step and all that depends on it; the others keep their results'
        )}
      >
        {trans.__('Run from here')}
      </button>
      <button
        className="jp-kfx-Button"
        disabled={running}
        onClick={() => props.onRun('only')}
        title={trans.__('Run the step alone, on the results of the others')}
      >
        {trans.__('Run only this')}
      </button>
      <button
        className="jp-kfx-Button"
        disabled={!ended}
        onClick={props.onOpen}
        title={trans.__('Open the executed cells of the step, read-only')}
      >
        {trans.__('Open executed cells')}
      </button>
      <button
        className="jp-kfx-Button"
        disabled={!ended}
        onClick={props.onDebug}
        title={trans.__('Open a console with the inputs of the step loaded')}
      >
        {trans.__('Debug here')}
      </button>
    </>
  );
}
