import React from 'react';

import type { IEngine, IParameter } from '../api';
import { Form } from './Form';
import { without } from './schema';
import type { ISchema } from './schema';
import type { ITranslate } from './translate';

/** What to run with. */
export interface IChoice {
  parameters: Record<string, unknown>;
  options: Record<string, unknown>;
}

/** A field for each parameter, and for each option of the engine that is chosen. */
export function RunFields(props: {
  parameters: readonly IParameter[];
  engines: readonly IEngine[];
  /** A value for each parameter, and the options that are set. */
  choice: IChoice;
  onChange: (choice: IChoice) => void;
  trans: ITranslate;
}): React.JSX.Element {
  const { parameters, engines, choice, onChange, trans } = props;
  const [schema, locked] = schemaOf(parameters, trans);
  const engine = engineOf(engines, choice);
  const id = React.useId();
  return (
    <>
      {parameters.length ? (
        <Form
          schema={schema}
          root={schema}
          value={choice.parameters}
          locked={locked}
          eager
          onChange={next => onChange({ ...choice, parameters: next })}
          trans={trans}
        />
      ) : (
        <p>
          {trans.__(
            'The notebook has no parameters. Make the cell that sets them a parameters cell.'
          )}
        </p>
      )}
      <details>
        <summary>{trans.__('Options')}</summary>
        <div className="jp-kfx-Form-field">
          <label htmlFor={id}>{trans.__('Engine')}</label>
          <select
            id={id}
            aria-describedby={`${id}-help`}
            value={engine?.name}
            onChange={({ target }) =>
              onChange({
                ...choice,
                options: { ...choice.options, engine: target.value }
              })
            }
          >
            {engines.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <small id={`${id}-help`}>{engine?.does}</small>
        </div>
        {engine && (
          <Form
            schema={engine.options}
            root={engine.options}
            value={without(choice.options, 'engine')}
            eager
            onChange={next =>
              onChange({ ...choice, options: { ...next, engine: engine.name } })
            }
            trans={trans}
          />
        )}
      </details>
    </>
  );
}

/** Return what is asked for at first: what was chosen last, else the notebook's own. */
export function firstChoice(
  parameters: readonly IParameter[],
  last: IChoice | null
): IChoice {
  const values = parameters.map(({ name, default: value }) => [
    name,
    last && name in last.parameters ? last.parameters[name] : value
  ]);
  return {
    parameters: Object.fromEntries(values) as IChoice['parameters'],
    options: last?.options ?? {}
  };
}

/** Return what a run is asked for: values that are not the notebook's own, known options. */
export function givenOf(
  parameters: readonly IParameter[],
  engines: readonly IEngine[],
  choice: IChoice
): IChoice {
  const given = parameters
    .map(({ name, default: own }) => [name, choice.parameters[name], own])
    .filter(
      ([, value, own]) =>
        value !== undefined && JSON.stringify(value) !== JSON.stringify(own)
    );
  const engine = engineOf(engines, choice);
  const known = engine?.options.properties ?? {};
  const options = Object.entries(choice.options).filter(
    ([name]) => name in known
  );
  return {
    parameters: Object.fromEntries(
      given.map(([name, value]) => [name, value])
    ) as IChoice['parameters'],
    options: { ...Object.fromEntries(options), engine: engine?.name }
  };
}

function engineOf(
  engines: readonly IEngine[],
  choice: IChoice
): IEngine | undefined {
  return (
    engines.find(each => each.name === choice.options.engine) ?? engines[0]
  );
}

/** Return the schema of all parameters, and why some cannot be given. */
function schemaOf(
  parameters: readonly IParameter[],
  trans: ITranslate
): [ISchema, Record<string, string>] {
  const properties: Record<string, ISchema> = {};
  const locked: Record<string, string> = {};
  for (const { name, schema, help, default: value } of parameters) {
    properties[name] = { ...schema, description: help, default: value };
    if ('not' in schema) {
      locked[name] = trans.__('It can only be set in the notebook.');
    }
  }
  const required = parameters.map(({ name }) => name);
  return [{ type: 'object', properties, required }, locked];
}
