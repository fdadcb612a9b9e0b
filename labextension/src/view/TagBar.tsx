import React from 'react';

import { orderOf, roleOf, withOrder, withRole } from '../model/tags';
import type { Role } from '../model/tags';
import type { ITranslate } from './translate';

type Change = (tags: readonly string[]) => string[];

interface ITagBarProps {
  /** Tags of the active cell; none if it is no code cell. */
  tags: readonly string[] | null;
  /** The step that the active cell belongs to, by its own tag or from above. */
  belongs: string | null;
  /** The steps there are, in notebook order. */
  steps: readonly string[];
  /** How many cells are changed. */
  cells: number;
  onChange: (change: Change) => void;
  /** A name has been given, or the user thinks better of it. */
  onDone: () => void;
  trans: ITranslate;
}

/** Says what the selected cells are in the pipeline, and lets one change it. */
export function TagBar(props: ITagBarProps): React.JSX.Element {
  const { tags, trans } = props;
  const found = roleOf(tags ?? []);
  // A name that is being typed; none while the tags say it.
  const [draft, setDraft] = React.useState<string | null>(null);
  const list = React.useId();
  const role: Role = draft === null ? found.role : 'step';
  const give = (): void => {
    const name = draft?.trim();
    setDraft(null);
    if (name && (name !== found.step || found.role !== 'step')) {
      props.onChange(each => withRole(each, 'step', name));
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
    ['metrics', trans.__('metrics')],
    ['skip', trans.__('skip')]
  ];
  return (
    <div
      className="jp-kfx-TagBar"
      role="group"
      aria-label={trans.__('The cell in the pipeline')}
      data-lm-suppress-shortcuts
    >
      <select
        aria-label={trans.__('What the cell is')}
        disabled={tags === null}
        value={role}
        onChange={event => {
          const next = event.target.value as Role;
          setDraft(next === 'step' ? found.step : null);
          if (next !== 'step') {
            props.onChange(each => withRole(each, next, ''));
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
            autoFocus={draft !== null}
            aria-label={trans.__('Name of the step')}
            placeholder={trans.__('name of the step')}
            list={list}
            size={14}
            value={draft ?? found.step}
            onChange={event => setDraft(event.target.value)}
            onBlur={give}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                give();
                props.onDone();
              } else if (event.key === 'Escape') {
                setDraft(null);
                props.onDone();
              }
              event.stopPropagation();
            }}
          />
          <datalist id={list}>
            {props.steps.map(name => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <Order {...props} own={found.step} order={orderOf(tags ?? [])} />
        </>
      )}
      {props.cells > 1 && (
        <span>{trans._n('%1 cell', '%1 cells', props.cells)}</span>
      )}
    </div>
  );
}

/** The steps that a step waits for, whatever it takes from them. */
function Order(
  props: ITagBarProps & { own: string; order: readonly string[] }
): React.JSX.Element | null {
  const { order, own, steps, trans } = props;
  const above = steps.includes(own) ? steps.slice(0, steps.indexOf(own)) : [];
  const offered = above.filter(step => !order.includes(step));
  return (
    <>
      {order.map(step => (
        <span key={step} className="jp-kfx-TagBar-after">
          {trans.__('after %1', step)}
          <button
            aria-label={trans.__('Not after %1', step)}
            onClick={() =>
              props.onChange(each =>
                withOrder(
                  each,
                  orderOf(each).filter(name => name !== step)
                )
              )
            }
          >
            ×
          </button>
        </span>
      ))}
      {offered.length > 0 && (
        <select
          aria-label={trans.__('Run the step after another')}
          value=""
          onChange={event => {
            const step = event.target.value;
            props.onChange(each => withOrder(each, [...orderOf(each), step]));
          }}
        >
          <option value="">{trans.__('after…')}</option>
          {offered.map(step => (
            <option key={step} value={step}>
              {step}
            </option>
          ))}
        </select>
      )}
    </>
  );
}
