import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { chosenCells, tagsOf } from '../model/document';
import type { Session } from '../model/session';
import { TagBar } from './TagBar';

/** The tag bar for the active cell of a notebook, and those selected with it. */
export function SessionTagBar(props: {
  session: Session;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { session, trans } = props;
  const cell = session.panel.content.activeCell;
  const steps = session.analysis?.pipeline.steps.map(step => step.name) ?? [];
  return (
    <TagBar
      key={cell?.model.id}
      tags={cell?.model.type === 'code' ? tagsOf(cell.model) : null}
      belongs={session.activeStep}
      steps={steps}
      cells={chosenCells(session.panel).length}
      onChange={change => session.tag(change)}
      onDone={() => session.panel.content.activate()}
      trans={trans}
    />
  );
}
