import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { roleOf } from '../tags';
import type { Role } from '../tags';

interface ITagBarProps {
  /** Tags of the active cell; none if it is no code cell. */
  tags: readonly string[] | null;
  /** The step that the active cell belongs to, by its own tag or from above. */
  belongs: string | null;
  steps: string[];
  onTag: (role: Role, step: string) => void;
  trans: TranslationBundle;
}

/** Says what the selected cells are in the pipeline, and lets one change it. */
export function TagBar(props: ITagBarProps): React.JSX.Element {
  const { tags, trans } = props;
  const found = roleOf(tags ?? []);
  const [step, setStep] = React.useState(found.step);
  const [naming, setNaming] = React.useState(false);
  const field = React.useRef<HTMLInputElement>(null);
  const list = React.useId();
  React.useEffect(() => {
    if (naming) {
      field.current?.focus();
    }
  }, [naming]);
  const role: Role = naming ? 'step' : found.role;
  const give = (): void => {
    setNaming(false);
    if (step.trim() && step.trim() !== found.step) {
      props.onTag('step', step.trim());
    } else {
      setStep(found.step);
    }
  };
  const roles: [Role, string][] = [
    [
      'none',
      props.belongs
        ? trans.__('continues “%1”', props.belongs)
        : trans.__('no tag')
    ],
    ['step', trans.__('step')],
    ['setup', trans.__('setup')],
    ['parameters', trans.__('parameters')],
    ['skip', trans.__('skip')]
  ];
  return (
    <div
      className="jp-kfx-TagBar"
      role="group"
      aria-label={trans.__('The cell in the pipeline')}
    >
      <span>{trans.__('Cell:')}</span>
      <select
        aria-label={trans.__('What the cell is')}
        disabled={tags === null}
        value={role}
        onChange={event => {
          const next = event.target.value as Role;
          setNaming(next === 'step');
          if (next !== 'step') {
            props.onTag(next, '');
          }
        }}
      >
        {roles.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {role === 'step' && (
        <>
          <input
            ref={field}
            aria-label={trans.__('Name of the step')}
            placeholder={trans.__('name of the step')}
            list={list}
            value={step}
            disabled={tags === null}
            onChange={event => setStep(event.target.value)}
            onBlur={give}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                give();
              } else if (event.key === 'Escape') {
                setNaming(false);
                setStep(found.step);
              }
            }}
          />
          <datalist id={list}>
            {props.steps.map(name => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </div>
  );
}
