import React from 'react';

import type { ITranslate } from './translate';

const KEPT = 200_000; // characters of a log that the page holds
const REST = 100; // ms between two times that the page is painted anew
// Colours and cursor movements of a terminal say nothing in a page.
const ESCAPES =
  // eslint-disable-next-line no-control-regex
  /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

/** Where the logs of a run are read. */
export interface ILogs {
  /** Read the log of a step from its beginning on, as it grows; return what ends that. */
  read(
    step: string,
    reader: (text: string) => void,
    fail: (error: unknown) => void
  ): () => void;
}

/** What a step prints, as it comes. */
export function Log(props: {
  run: ILogs;
  step: string;
  trans: ITranslate;
}): React.JSX.Element {
  const { run, step, trans } = props;
  const [text, setText] = React.useState('');
  const [problem, setProblem] = React.useState('');
  const box = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    let all = '';
    let timer = 0;
    const paint = (): void => {
      timer = 0;
      setText(all);
    };
    const stop = run.read(
      step,
      part => {
        all = (all + part).slice(-KEPT);
        timer ||= window.setTimeout(paint, REST);
      },
      error => setProblem(error instanceof Error ? error.message : `${error}`)
    );
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [run, step]);
  React.useLayoutEffect(() => {
    const shown = box.current;
    // Who has scrolled up reads there.
    if (shown && isAtEnd.current) {
      shown.scrollTop = shown.scrollHeight;
    }
  }, [text]);
  const isAtEnd = React.useRef(true);
  return (
    <pre
      ref={box}
      className="jp-kfx-Log"
      role="log"
      tabIndex={0}
      aria-label={trans.__('Log of %1', step)}
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
      }}
    >
      {text.length === KEPT && (
        <em>
          {trans.__('Only the end is shown.')}
          {'\n'}
        </em>
      )}
      {text.replace(ESCAPES, '') || <em>{trans.__('Nothing printed.')}</em>}
      {problem && <em>{problem}</em>}
    </pre>
  );
}
