import React from 'react';

import type { IFieldProps } from './Form';
import { kindOf, takes } from './schema';
import type { ISchema } from './schema';
import type { ITranslate } from './translate';

/** A value that is typed; it is taken in when the typing is over and it is right. */
export function TextField(
  props: IFieldProps & { shared: React.HTMLAttributes<HTMLElement> }
): React.JSX.Element {
  const { schema, root, value, trans } = props;
  const kind = kindOf(schema, root);
  const [draft, setDraft] = React.useState<string | null>(null);
  const said = written(kind, value);
  const text = draft ?? said;
  const isRight = (typed: string): boolean => {
    const value = read(kind, typed);
    return typed === '' && (kind !== 'string' || !props.required)
      ? !props.required
      : value !== undefined && takes(schema, value, root);
  };
  // What is there may be something that no form can say.
  const [initial] = React.useState(said);
  const wrong = draft !== null && draft !== initial && !isRight(draft);
  const shared = {
    ...props.shared,
    value: text,
    required: props.required,
    'aria-invalid': wrong || undefined,
    placeholder: hint(kind, schema, trans),
    className: wrong ? 'jp-mod-error' : undefined,
    onChange: ({ target }: React.ChangeEvent<HTMLInputElement>) => {
      setDraft(target.value);
      if (props.eager) {
        const isValue = target.value !== '' || props.required;
        props.onChange(isValue ? read(kind, target.value) : undefined);
      }
    },
    onBlur: () => {
      if (draft !== null && !wrong) {
        setDraft(null);
        if (draft !== said && !props.eager) {
          props.onChange(draft === '' ? undefined : read(kind, draft));
        }
      }
    }
  };
  if (['texts', 'mapping', 'json'].includes(kind)) {
    const area = shared as unknown as React.ComponentProps<'textarea'>;
    return <textarea rows={Math.max(1, text.split('\n').length)} {...area} />;
  }
  return (
    <input
      {...shared}
      inputMode={kind === 'string' ? 'text' : 'decimal'}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          event.currentTarget.blur();
          event.currentTarget.focus();
        }
      }}
    />
  );
}

function hint(kind: string, schema: ISchema, trans: ITranslate): string {
  switch (kind) {
    case 'texts':
      return trans.__('one on each line');
    case 'mapping':
      return trans.__('name=value, one on each line');
    default:
      return typeof schema.default === 'number' ? `${schema.default}` : '';
  }
}

/** Return a value as it is typed. */
function written(kind: string, value: unknown): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (kind === 'texts' && Array.isArray(value)) {
    return value.join('\n');
  }
  if (kind === 'mapping' && typeof value === 'object') {
    return Object.entries(value)
      .map(([name, each]) => `${name}=${String(each)}`)
      .join('\n');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Return what has been typed; undefined if it cannot be a value of that kind. */
function read(kind: string, text: string): unknown {
  const lines = text.split('\n').filter(line => line.trim());
  switch (kind) {
    case 'texts':
      return lines.map(line => line.trim());
    case 'mapping': {
      const pairs = lines.map(line => /^\s*([^=]+?)\s*=(.*)$/.exec(line));
      return pairs.includes(null)
        ? undefined
        : Object.fromEntries(pairs.map(pair => [pair![1], pair![2]]));
    }
    case 'string':
      return text;
    default:
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
  }
}
