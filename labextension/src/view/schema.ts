/** As much of JSON Schema as forms are made from. */
export interface ISchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: ISchema[];
  items?: ISchema;
  properties?: Record<string, ISchema>;
  patternProperties?: Record<string, ISchema>;
  additionalProperties?: ISchema | boolean;
  required?: string[];
  pattern?: string;
  minimum?: number;
  $ref?: string;
  $defs?: Record<string, ISchema>;
}

/** How a value is asked for. */
export type Kind =
  | 'choice'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'string'
  | 'texts'
  | 'objects'
  | 'mapping'
  | 'group'
  | 'json';

/** Return a schema without references and without the null that only means "unset". */
export function plain(schema: ISchema, root: ISchema): ISchema {
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop() ?? '';
    const found = root.$defs?.[name] ?? {};
    return plain({ ...found, ...without(schema, '$ref') }, root);
  }
  const others = schema.anyOf?.filter(each => each.type !== 'null');
  if (others?.length === 1) {
    return plain({ ...others[0], ...without(schema, 'anyOf') }, root);
  }
  return schema;
}

/** Return how a value of a plain schema is asked for. */
export function kindOf(schema: ISchema, root: ISchema): Kind {
  if (schema.enum) {
    return 'choice';
  }
  switch (schema.type) {
    case 'boolean':
    case 'integer':
    case 'number':
    case 'string':
      return schema.type;
    case 'array': {
      const items = schema.items && plain(schema.items, root);
      if (items?.type === 'string' && !items.enum) {
        return 'texts';
      }
      return items?.type === 'object' && items.properties ? 'objects' : 'json';
    }
    case 'object': {
      if (schema.properties) {
        return 'group';
      }
      return valueSchema(schema)?.type === 'string' ? 'mapping' : 'json';
    }
    default:
      return 'json';
  }
}

function valueSchema(schema: ISchema): ISchema | undefined {
  const [first] = Object.values(schema.patternProperties ?? {});
  return (
    first ??
    (typeof schema.additionalProperties === 'object'
      ? schema.additionalProperties
      : undefined)
  );
}

/** Tell whether a schema takes a value, as far as a form can say. */
export function takes(schema: ISchema, value: unknown, root: ISchema): boolean {
  switch (kindOf(schema, root)) {
    case 'choice':
      return (schema.enum ?? []).some(
        each => JSON.stringify(each) === JSON.stringify(value)
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value) && isAtLeast(schema, value as number);
    case 'number':
      return Number.isFinite(value) && isAtLeast(schema, value as number);
    case 'string':
      return (
        typeof value === 'string' &&
        (!schema.pattern || new RegExp(schema.pattern).test(value))
      );
    case 'texts': {
      const items = plain(schema.items ?? {}, root);
      return (
        Array.isArray(value) && value.every(each => takes(items, each, root))
      );
    }
    case 'mapping': {
      const [key] = Object.keys(schema.patternProperties ?? {});
      const values = plain(valueSchema(schema) ?? {}, root);
      return Object.entries(value as object).every(
        ([name, each]) =>
          (!key || new RegExp(key).test(name)) && takes(values, each, root)
      );
    }
    case 'objects': {
      const items = plain(schema.items ?? {}, root);
      return (
        Array.isArray(value) && value.every(each => takes(items, each, root))
      );
    }
    case 'group': {
      const held = value as Record<string, unknown>;
      return (
        (schema.required ?? []).every(name => name in held) &&
        Object.entries(schema.properties ?? {}).every(
          ([name, each]) =>
            held[name] === undefined ||
            takes(plain(each, root), held[name], root)
        )
      );
    }
    default:
      return value !== undefined;
  }
}

function isAtLeast(schema: ISchema, value: number): boolean {
  return schema.minimum === undefined || value >= schema.minimum;
}

/** Return an object without one of its keys. */
export function without<T extends object>(object: T, name: string): T {
  const kept = Object.entries(object).filter(([key]) => key !== name);
  return Object.fromEntries(kept) as T;
}
