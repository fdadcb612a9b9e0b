import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { told } from '../api';
import type { Api, IComparison, IRun } from '../api';
import { secondsOf } from '../model/runs';
import { Bars } from './Bars';
import { Problem } from './RunHeader';
import { duration, written } from './status';

/** Runs side by side: the first is what the others are held against. */
export function Comparison(props: {
  api: Api;
  runs: readonly IRun[];
  onClose: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { api, trans } = props;
  // The oldest is what the newer ones are held against.
  const runs = [...props.runs].reverse();
  const [first, ...others] = runs;
  // With the defaults of their notebooks, which a run itself does not list.
  const [used, setUsed] = React.useState<Record<string, IRun['parameters']>>(
    {}
  );
  const take = React.useCallback(
    (other: string, { parameters }: IComparison) => {
      const of = (side: 'one' | 'other') =>
        Object.fromEntries(parameters.map(each => [each.name, each[side]]));
      setUsed(old => ({
        ...old,
        [first.run]: of('one'),
        [other]: of('other')
      }));
    },
    [first.run]
  );
  return (
    <section
      className="jp-kfx-Comparison"
      aria-label={trans.__('Comparison of runs')}
    >
      <header className="jp-kfx-Header">
        <strong>{trans.__('%1 runs side by side', runs.length)}</strong>
        <button
          className="jp-kfx-Button"
          aria-label={trans.__('Close')}
          onClick={props.onClose}
        >
          ×
        </button>
      </header>
      <Values
        title={trans.__('Parameters')}
        runs={runs}
        of={run => used[run.run] ?? run.parameters}
        trans={trans}
      />
      <Values
        title={trans.__('Metrics')}
        runs={runs}
        of={run => run.metrics}
        trans={trans}
      />
      <Bars runs={runs} trans={trans} />
      {others.map(other => (
        <Difference
          key={other.run}
          api={api}
          first={first.run}
          other={other.run}
          onFound={take}
          trans={trans}
        />
      ))}
    </section>
  );
}

/** A value a row and a run a column; what differs is marked. */
function Values(props: {
  title: string;
  runs: readonly IRun[];
  of: (run: IRun) => Record<string, unknown>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { runs, of, trans } = props;
  const names = [...new Set(runs.flatMap(run => Object.keys(of(run))))];
  return (
    <table className="jp-kfx-RunTable" aria-label={props.title}>
      <thead>
        <tr>
          <th scope="col">{props.title}</th>
          {runs.map(run => (
            <th key={run.run} scope="col">
              {run.run} <small>{duration(secondsOf(run))}</small>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map(name => {
          const values = runs.map(run => of(run)[name]);
          const texts = values.map(value =>
            value === undefined ? '–' : written(value)
          );
          const differs = new Set(values.map(each => JSON.stringify(each)));
          return (
            <tr
              key={name}
              className={differs.size > 1 ? 'jp-mod-different' : undefined}
            >
              <th scope="row">
                {name}
                {differs.size > 1 && (
                  <small> {trans.__('differs', name)}</small>
                )}
              </th>
              {texts.map((text, i) => (
                <td key={i}>{text}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What one run did otherwise than the first: its code, and what came out. */
function Difference(props: {
  api: Api;
  first: string;
  other: string;
  onFound: (other: string, found: IComparison) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { api, first, other, onFound, trans } = props;
  const [found, setFound] = React.useState<IComparison | null>(null);
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => {
    let gone = false;
    api.compare(first, other).then(
      answer => {
        if (!gone) {
          setFound(answer);
          onFound(other, answer);
        }
      },
      error => !gone && setProblem(told(error, trans))
    );
    return () => {
      gone = true;
    };
  }, [api, first, other, onFound, trans]);
  const steps = found?.steps.filter(
    step => !step.code.same || step.outputs.some(each => !each.same)
  );
  return (
    <section
      className="jp-kfx-Difference"
      aria-label={trans.__('%1 against %2', other, first)}
    >
      <h3>{trans.__('%1 against %2', other, first)}</h3>
      <Problem text={problem} />
      {!found && !problem && <p>{trans.__('Comparing…')}</p>}
      {steps?.length === 0 && (
        <p>{trans.__('The same code, and the same values came out.')}</p>
      )}
      {steps?.map(step => (
        <div key={step.step}>
          <h4>{step.step}</h4>
          {!step.code.same && <Code diff={step.code.diff} trans={trans} />}
          <ul>
            {step.outputs
              .filter(each => !each.same)
              .map(each => (
                <li key={each.name}>
                  <code>{each.name}</code>: {each.why}
                </li>
              ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Code(props: {
  diff: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const kinds: Record<string, string> = { '+': 'added', '-': 'removed' };
  const lines = props.diff.split('\n').slice(2);
  return (
    <pre
      className="jp-kfx-Diff"
      tabIndex={0}
      aria-label={props.trans.__('Changed code')}
    >
      {lines.map((line, i) => (
        <div key={i} className={`jp-mod-${kinds[line[0]] ?? 'same'}`}>
          {line}
        </div>
      ))}
    </pre>
  );
}
