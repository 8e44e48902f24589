import { z } from 'zod';

/** What a key says about itself, in the editor's schema and in error messages. */
export interface KeyDoc {
  /** One or two short sentences on what it does. */
  readonly about: string;
  /** The values it takes, with unit and range, as a noun phrase. */
  readonly allowed?: string;
  /** What to write instead of something that is not allowed, an imperative sentence. */
  readonly fix?: string;
}

const docs = z.registry<KeyDoc>();

/** Attaches words to a schema; editors get them as its description. */
export function documented<S extends z.ZodType>(schema: S, doc: KeyDoc & { readonly allowed: string }): S {
  const described: z.ZodType = schema.describe(`${doc.about} Allowed: ${doc.allowed}.`);
  docs.add(described, doc);
  return described as S;
}

/** A map with fixed keys; any other key is refused. */
export function section<const Shape extends z.core.$ZodLooseShape>(about: string, shape: Shape) {
  const keys = Object.keys(shape);
  return documented(z.strictObject(shape), {
    about,
    allowed: `a map with ${keys.length === 1 ? 'the key' : 'the keys'} ${keys.join(', ')}`,
    fix: 'Write its keys below it, indented by two spaces.',
  });
}

/** The schema of one key below a schema, and what is said of it. Null where no schema reaches. */
export interface KeySchema {
  readonly doc: KeyDoc | null;
  /** The keys it takes when it is a map with fixed keys. */
  readonly keys: readonly string[];
}

/** Follows a path through maps, lists, alternatives and the wrappers around them. */
export function schemaAt(schema: z.core.$ZodType, path: readonly (string | number)[]): KeySchema | null {
  const reached = path.reduce<readonly z.core.$ZodType[]>(
    (schemas, part) => schemas.flatMap((each) => childrenOf(each, part)),
    [schema],
  );
  const all = reached.flatMap(unwrapped);
  if (all.length === 0) return null;
  return {
    doc: all.map(docOf).find((doc) => doc !== null) ?? null,
    keys: all.flatMap((each) => (each instanceof z.core.$ZodObject ? Object.keys(each._zod.def.shape) : [])),
  };
}

function childrenOf(schema: z.core.$ZodType, part: string | number): readonly z.core.$ZodType[] {
  return unwrapped(schema).flatMap((each) => {
    if (each instanceof z.core.$ZodObject) return each._zod.def.shape[part] ?? [];
    if (each instanceof z.core.$ZodRecord) return each._zod.def.valueType;
    if (each instanceof z.core.$ZodTuple)
      return each._zod.def.items[Number(part)] ?? each._zod.def.rest ?? [];
    return each instanceof z.core.$ZodArray ? each._zod.def.element : [];
  });
}

/** The schema itself and what is inside its wrappers, outermost first; every alternative of a union. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  return [schema, ...insideOf(schema).flatMap(unwrapped)];
}

function insideOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.core.$ZodPipe) return [schema._zod.def.in];
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options;
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault ||
    schema instanceof z.core.$ZodReadonly
  )
    return [schema._zod.def.innerType];
  return [];
}

/** Where a schema has a key of this name among its fixed keys, as a dotted path; null when nowhere. */
export function findKey(schema: z.core.$ZodType, key: string): string | null {
  const objects = unwrapped(schema).filter((each) => each instanceof z.core.$ZodObject);
  for (const object of objects) {
    const { shape } = object._zod.def;
    if (Object.hasOwn(shape, key)) return key;
    for (const [name, child] of Object.entries(shape)) {
      const below = findKey(child, key);
      if (below !== null) return `${name}.${below}`;
    }
  }
  return null;
}

/** Connectors describe their keys with zod's own `.describe`; that says what a key is for. */
function docOf(schema: z.core.$ZodType): KeyDoc | null {
  const doc = docs.get(schema);
  if (doc !== undefined) return doc;
  const description = z.globalRegistry.get(schema)?.description;
  return description === undefined ? null : { about: description.replace(/\.$/, '') };
}
