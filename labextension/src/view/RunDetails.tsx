import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { told } from '../api';
import type { Api } from '../api';
import { FollowedRun } from '../model/run';
import { hasEnded } from './Details';
import { Log } from './Log';
import { Plots } from './Plots';
import { Problem } from './RunHeader';
import { pairs, runProblem, statusOf, statusText } from './status';

/** One run: its steps, and what they print. */
export function RunDetails(props: {
  api: Api;
  run: string;
  onDebug: (run: string, step: string) => void;
  onClose: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { api, run: id, trans } = props;
  const run = React.useMemo(() => new FollowedRun(api), [api]);
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  const [problem, setProblem] = React.useState('');
  const [step, setStep] = React.useState<string | null>(null);
  React.useEffect(() => {
    run.changed.connect(draw);
    run.follow(id).catch(error => setProblem(told(error, trans)));
    return () => run.dispose();
  }, [run, id, trans]);
  const states = run.states;
  return (
    <section
      className="jp-kfx-Details"
      aria-label={trans.__('Run %1', id)}
      data-status={states?.status}
    >
      <header>
        <strong>{trans.__('Run %1', id)}</strong>
        <span>{states && pairs(states.parameters)}</span>
        <span>{states && pairs(states.metrics)}</span>
        <button
          className="jp-kfx-Button"
          aria-label={trans.__('Close')}
          onClick={props.onClose}
        >
          ×
        </button>
      </header>
      <Problem text={[problem, runProblem(states)].filter(Boolean).join(' ')} />
      <ul className="jp-kfx-Runs-steps">
        {states?.steps.map(state => (
          <li key={state.step} data-status={statusOf(state)}>
            <button
              className="jp-kfx-Link"
              aria-expanded={state.step === step}
              onClick={() => setStep(state.step === step ? null : state.step)}
            >
              {state.step}
            </button>{' '}
            <span className={`jp-kfx-Status jp-mod-${statusOf(state)}`}>
              {statusText(state, trans)}
            </span>{' '}
            {hasEnded(state) && (
              <>
                <a
                  href={api.page(id, state.step)}
                  target="_blank"
                  rel="noreferrer"
                >
                  {trans.__('executed cells')}
                </a>{' '}
                <button
                  className="jp-kfx-Link"
                  title={trans.__(
                    'Open a console with the inputs of the step loaded'
                  )}
                  onClick={() => props.onDebug(id, state.step)}
                >
                  {trans.__('debug')}
                </button>
              </>
            )}
            {state.error && (
              <span className="jp-kfx-Runs-error">
                {state.error.ename}: {state.error.message}
              </span>
            )}
            {state.reruns.map((reason, i) => (
              <small key={i}>{trans.__('Ran again: %1', reason)}</small>
            ))}
          </li>
        ))}
      </ul>
      {states && step !== null && hasEnded(run.state(step)) && (
        <Plots
          key={`plots ${step}`}
          step={step}
          load={each => run.notebook(each)}
          trans={trans}
        />
      )}
      {states && step !== null && (
        <Log key={step} run={run} step={step} trans={trans} />
      )}
    </section>
  );
}
