import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Api, IRunStates, IStepState } from '../api';
import { statusText } from './Graph';

const POLL = 500;
const KEPT = 1_000_000; // characters of a log that the page holds
// Colours and cursor movements of a terminal say nothing in a page.
const ESCAPES =
  // eslint-disable-next-line no-control-regex
  /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

interface IDetailsProps {
  api: Api;
  run: IRunStates;
  state: IStepState;
  onOpen: () => void;
  onReveal: () => void;
  onClose: () => void;
  trans: TranslationBundle;
}

/** How one step is doing in a run, and what it prints. */
export function Details(props: IDetailsProps): React.JSX.Element {
  const { run, state, trans } = props;
  const error = state.error;
  const ended = ['succeeded', 'failed'].includes(state.status);
  return (
    <section
      className="jp-kfx-Details"
      aria-label={trans.__('Step %1', state.step)}
    >
      <header>
        <strong>{state.step}</strong>
        <span className={`jp-kfx-Status jp-mod-${state.status}`}>
          {statusText(state, trans)}
        </span>
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
          aria-label={trans.__('Close')}
          onClick={props.onClose}
        >
          ×
        </button>
      </header>
      {state.reruns.map((reason, i) => (
        <p key={i}>{trans.__('Ran again: %1', reason)}</p>
      ))}
      {error && (
        <p className="jp-kfx-Error" role="alert">
          {error.ename}: {error.message}{' '}
          {error.cell !== null && (
            <button className="jp-kfx-Link" onClick={props.onReveal}>
              {trans.__('Go to the cell')}
            </button>
          )}
        </p>
      )}
      <Log
        key={`${run.run} ${state.step}`}
        api={props.api}
        run={run.run}
        step={state.step}
        trans={trans}
      />
    </section>
  );
}

function Log(props: {
  api: Api;
  run: string;
  step: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { api, run, step, trans } = props;
  const [text, setText] = React.useState('');
  const [problem, setProblem] = React.useState('');
  const end = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    let timer = 0;
    let offset = 0;
    let gone = false;
    const look = async (): Promise<void> => {
      let again = true;
      let pause = POLL;
      try {
        const part = await api.log(run, step, offset);
        offset = part.offset;
        again = !part.ended || part.text !== '';
        pause = part.text ? 0 : POLL;
        if (part.text && !gone) {
          setText(old => (old + part.text).slice(-KEPT));
        }
        setProblem('');
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
      if (again && !gone) {
        timer = window.setTimeout(() => void look(), pause);
      }
    };
    void look();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [api, run, step]);
  React.useEffect(() => {
    const box = end.current;
    if (box && box.scrollHeight - box.scrollTop - box.clientHeight < 200) {
      box.scrollTop = box.scrollHeight;
    }
  }, [text]);
  const shown = text.replace(ESCAPES, '');
  return (
    <pre
      ref={end}
      className="jp-kfx-Log"
      role="log"
      tabIndex={0}
      aria-label={trans.__('Log of %1', step)}
    >
      {shown || <em>{trans.__('Nothing printed.')}</em>}
      {problem && <em>{problem}</em>}
    </pre>
  );
}
