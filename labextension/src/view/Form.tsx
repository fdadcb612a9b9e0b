import React from 'react';

import { kindOf, plain, takes, without } from './schema';
import type { ISchema } from './schema';
import { TextField } from './TextField';
import type { ITranslate } from './translate';

export interface IFormProps {
  /** The schema of an object. */
  schema: ISchema;
  /** The document that its references point into. */
  root: ISchema;
  value: Record<string, unknown>;
  /** Why some of the fields cannot be changed here. */
  locked?: Record<string, string>;
  /** Take what is typed at once, right or wrong, and not when it is complete. */
  eager?: boolean;
  /** Take in the whole object; what is unset is not in it. */
  onChange: (value: Record<string, unknown>) => void;
  trans: ITranslate;
}

/** A form for an object, by its JSON Schema. */
export function Form(props: IFormProps): React.JSX.Element {
  const { schema, root, value, trans } = props;
  return (
    <div className="jp-kfx-Form">
      {Object.entries(schema.properties ?? {}).map(([name, each]) => (
        <Field
          key={name}
          name={name}
          schema={plain(each, root)}
          root={root}
          value={value[name]}
          required={schema.required?.includes(name) ?? false}
          locked={props.locked?.[name]}
          eager={props.eager}
          onChange={next => {
            props.onChange(
              next === undefined
                ? without(value, name)
                : { ...value, [name]: next }
            );
          }}
          trans={trans}
        />
      ))}
    </div>
  );
}

export interface IFieldProps {
  name: string;
  schema: ISchema;
  root: ISchema;
  value: unknown;
  required: boolean;
  locked?: string;
  eager?: boolean;
  /** Take in a value that the schema takes, or nothing. */
  onChange: (value: unknown) => void;
  trans: ITranslate;
}

/** A value in a form: its name, what asks for it, and what it is for. */
export function Field(props: IFieldProps): React.JSX.Element {
  const { name, schema, root, value, locked, trans } = props;
  const kind = kindOf(schema, root);
  const id = React.useId();
  const help = [schema.description, locked].filter(Boolean).join(' ');
  const described = help ? { 'aria-describedby': `${id}-help` } : {};
  const shared = { id, disabled: locked !== undefined, ...described };
  if (kind === 'group') {
    return (
      <details className="jp-kfx-Form-group">
        <summary>{name}</summary>
        {help && <small>{help}</small>}
        <Form
          {...props}
          value={(value as Record<string, unknown> | undefined) ?? {}}
          locked={undefined}
          onChange={next =>
            props.onChange(Object.keys(next).length ? next : undefined)
          }
        />
      </details>
    );
  }
  if (kind === 'objects') {
    return <Objects {...props} help={help} />;
  }
  return (
    <div className="jp-kfx-Form-field">
      <label htmlFor={id}>{name}</label>
      {kind === 'choice' || kind === 'boolean' ? (
        <select
          {...shared}
          value={value === undefined ? '' : JSON.stringify(value)}
          onChange={({ target }) =>
            props.onChange(
              target.value === '' ? undefined : JSON.parse(target.value)
            )
          }
        >
          {!props.required && <option value="">{unset(schema, trans)}</option>}
          {(schema.enum ?? [true, false]).map(each => (
            <option key={String(each)} value={JSON.stringify(each)}>
              {kind === 'choice'
                ? String(each)
                : each
                  ? trans.__('yes')
                  : trans.__('no')}
            </option>
          ))}
        </select>
      ) : (
        <TextField {...props} shared={shared} />
      )}
      {help && <small id={`${id}-help`}>{help}</small>}
    </div>
  );
}

/** A list of objects: a form for each. */
function Objects(props: IFieldProps & { help: string }): React.JSX.Element {
  const { name, schema, root, trans } = props;
  const items = plain(schema.items ?? {}, root);
  const given = (props.value as Record<string, unknown>[] | undefined) ?? [];
  // An object that is not complete yet is nobody else's.
  const [draft, setDraft] = React.useState<Record<string, unknown> | null>(
    null
  );
  const give = (next: Record<string, unknown>[]): void =>
    props.onChange(next.length ? next : undefined);
  return (
    <fieldset disabled={props.locked !== undefined}>
      <legend>{name}</legend>
      {props.help && <small>{props.help}</small>}
      {given.map((each, i) => (
        <div key={i} className="jp-kfx-Form-item">
          <Form
            schema={items}
            root={root}
            value={each}
            onChange={next => {
              if (takes(items, next, root)) {
                give(given.map((old, k) => (k === i ? next : old)));
              }
            }}
            trans={trans}
          />
          <button
            className="jp-kfx-Button"
            onClick={() => give(given.filter((_, k) => k !== i))}
          >
            {trans.__('Remove')}
          </button>
        </div>
      ))}
      {draft && (
        <div className="jp-kfx-Form-item">
          <Form
            schema={items}
            root={root}
            value={draft}
            onChange={next => {
              const isWhole = takes(items, next, root);
              setDraft(isWhole ? null : next);
              if (isWhole) {
                give([...given, next]);
              }
            }}
            trans={trans}
          />
        </div>
      )}
      {!draft && (
        <button className="jp-kfx-Button" onClick={() => setDraft({})}>
          {trans.__('Add')}
        </button>
      )}
    </fieldset>
  );
}

function unset(schema: ISchema, trans: ITranslate): string {
  return schema.default === undefined || schema.default === null
    ? trans.__('not set')
    : trans.__('not set (%1)', String(schema.default));
}
